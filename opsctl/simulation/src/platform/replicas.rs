//! The simulated replicas: what they follow is copied when they are opened.

use async_trait::async_trait;
use opsctl_core::clock::Clock;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::{LineageId, ScratchName};
use opsctl_core::ports::{
    Copy, DatabaseIdentity, DatabaseRole, Effects, Following, Position, ReplicaState, Replicas,
};
use opsctl_core::{Failure, Result};

use super::Platform;
use super::SimulatedDatabase;
use super::content::{Content, SimulatedCopy, Stage, location};
use super::copies::{gone, url};

const LEVEL: &str = "0/1000";

fn level() -> Position {
    Position {
        source: LEVEL.into(),
        replica: LEVEL.into(),
        behind_bytes: 0,
    }
}

fn followed(content: &Content, name: &ScratchName) -> Result<SimulatedDatabase> {
    let follows = content.copies.get(name).and_then(|copy| copy.follows);
    let source = content
        .databases
        .values()
        .find(|database| Some(database.identity.lineage_id) == follows && database.answers);
    source.cloned().ok_or_else(|| gone(name))
}

/// Leaves out the newest numbers, as a replica does that was behind.
pub(super) fn forget_newest(database: &mut SimulatedDatabase, count: usize) {
    for numbers in database.numbers.iter_mut().flat_map(|all| all.values_mut()) {
        for _ in 0..count {
            numbers.pop_last();
        }
    }
}

impl Platform {
    /// Lets replicas never get everything, or lose so many of the newest rows when they are opened.
    pub fn spoil_replicas(&self, stuck: bool, lose: usize) {
        let mut content = self.content();
        content.replicas_stuck = stuck;
        content.replicas_lose = lose;
    }
}

#[async_trait]
impl Replicas for Platform {
    async fn possible(&self) -> Result<()> {
        Ok(())
    }

    async fn state(&self, name: &ScratchName) -> Result<ReplicaState> {
        let content = self.content();
        Ok(match content.copies.get(name).map(|copy| &copy.stage) {
            None => ReplicaState::Absent,
            Some(Stage::Fetched) => ReplicaState::Follows,
            Some(Stage::Running(copy)) => ReplicaState::Opened(copy.clone()),
        })
    }

    async fn follow(
        &self,
        permit: &Permit<'_>,
        wanted: &Following,
        _: &Progress<'_>,
    ) -> Result<Position> {
        permit.check()?;
        let mut content = self.content();
        let copy = SimulatedCopy {
            stage: Stage::Fetched,
            target: None,
            follows: Some(wanted.source),
            owner: permit.operation().clone(),
            expires_at: wanted.expires_at,
            adopted: false,
        };
        content.copies.entry(wanted.name.clone()).or_insert(copy);
        followed(&content, &wanted.name).map(|_| level())
    }

    async fn caught_up(&self, name: &ScratchName) -> Result<Position> {
        let content = self.content();
        if content.replicas_stuck {
            return Err(Failure::failed(format!("the replica '{name}' is behind")));
        }
        followed(&content, name).map(|_| level())
    }

    async fn open(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        _: &Progress<'_>,
    ) -> Result<Copy> {
        permit.check()?;
        let mut content = self.content();
        let mut database = followed(&content, name)?;
        forget_newest(&mut database, content.replicas_lose);
        let lineage_id = LineageId(uuid::Uuid::new_v4());
        database.identity = DatabaseIdentity {
            lineage_id,
            role: DatabaseRole::Scratch,
            effects: Effects::Held,
            ..database.identity
        };
        let copy = Copy {
            name: name.clone(),
            location: location(&url(name)),
            lineage_id,
            recovered_to: self.clock.now(),
            next_transaction_id: None,
            timeline: None,
        };
        content.databases.insert(url(name), database);
        let entry = content.copies.get_mut(name).ok_or_else(|| gone(name))?;
        entry.stage = Stage::Running(copy.clone());
        Ok(copy)
    }
}
