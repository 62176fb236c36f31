//! Looks at every backup, and closely at those that the floor stands on.

use crate::clock::Timestamp;
use crate::engine::{JournalView, Progress};
use crate::environment::Environment;
use crate::failure::Result;
use crate::names::{BackupId, OperationId};
use crate::pins::{Pin, pins_of};
use crate::ports::{BackupFinding, BackupRecord, Backups, World};
use crate::state::Key;

use super::super::retention::{Candidate, Health, Policy, newest_first};
use super::super::{Unreadable, glance, passed_drills};
use super::shelf::Shelf;

/// What lies in the second place.
#[derive(Debug, Clone)]
pub struct AwayObserved {
    /// Where.
    pub place: String,
    /// The complete copies there.
    pub candidates: Vec<Candidate>,
}

impl AwayObserved {
    /// A copy that is listed is complete by the service's word: its files are nobody's to read.
    async fn see(world: &World, now: Timestamp) -> Result<Option<Self>> {
        let Some(away) = world.backups.away().await? else {
            return Ok(None);
        };
        let mut candidates = Vec::with_capacity(away.backups.len());
        for record in away.backups {
            candidates.push(Candidate {
                pins: pins_that_count(world, &record.id, now).await?,
                drilled: drilled(world, &record.id).await?,
                health: Health::Good,
                record,
            });
        }
        Ok(Some(Self {
            place: away.place,
            candidates,
        }))
    }
}

async fn drilled(world: &World, id: &BackupId) -> Result<bool> {
    Ok(!passed_drills(world.store.as_ref(), id).await?.is_empty())
}

/// What a prune is planned from.
#[derive(Debug, Clone)]
pub struct PruneObserved {
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The complete backups.
    pub candidates: Vec<Candidate>,
    /// The exports, which have a floor of their own.
    pub exports: Vec<Candidate>,
    /// The copies in the second place, where there is one.
    pub away: Option<AwayObserved>,
    /// Those whose age nobody knows.
    pub unreadable: Vec<Unreadable>,
    /// The version of opsctl.
    pub opsctl_version: String,
}

impl PruneObserved {
    /// Looks. Compares the files of the newest backups with their manifests until the floor is found good.
    ///
    /// # Errors
    /// When backups, pins or journals can't be read.
    pub async fn see(
        world: &World,
        operation: OperationId,
        opsctl_version: &str,
        progress: &Progress<'_>,
    ) -> Result<Self> {
        let now = world.clock.now();
        let (candidates, mut findings) = judged(world, Shelf::Backups, now, progress).await?;
        let (exports, broken) = judged(world, Shelf::Exports, now, progress).await?;
        findings.extend(broken);
        Ok(Self {
            operation,
            now,
            candidates,
            exports,
            away: AwayObserved::see(world, now).await?,
            unreadable: findings
                .into_iter()
                .map(|(id, finding)| Unreadable { id, finding })
                .collect(),
            opsctl_version: opsctl_version.to_owned(),
        })
    }
}

/// What lies on a shelf; closely looked at until its floor is found good.
async fn judged(
    world: &World,
    shelf: Shelf,
    now: Timestamp,
    progress: &Progress<'_>,
) -> Result<(Vec<Candidate>, Vec<(BackupId, BackupFinding)>)> {
    let Some(backups) = shelf.of(world) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let (records, findings) = backups.list().await?;
    let mut candidates = Vec::with_capacity(records.len());
    for record in records {
        candidates.push(candidate(world, backups, record, now).await?);
    }
    let policy = policy(&world.environment);
    // Those from the future stay anyway, and may be no use today.
    let past: Vec<usize> = newest_first(&candidates)
        .into_iter()
        .filter(|&i| candidates[i].record.recovery_point.taken_at <= now)
        .collect();
    let mut good = 0;
    for i in past {
        if good == policy.floor() {
            break;
        }
        let id = candidates[i].record.id.clone();
        candidates[i].health = health(backups, &id, progress).await?;
        good += usize::from(candidates[i].health == Health::Good);
    }
    Ok((candidates, findings))
}

/// The rules of an environment.
pub(super) fn policy(environment: &Environment) -> Policy {
    Policy {
        retention: environment.promises.retention,
        floor: environment.settings.backup.floor,
        stale_after: environment.settings.backup.stale_after,
    }
}

async fn candidate(
    world: &World,
    backups: &dyn Backups,
    record: BackupRecord,
    now: Timestamp,
) -> Result<Candidate> {
    let mut pins = pins_that_count(world, &record.id, now).await?;
    if backups.keeps_itself(&record.id) {
        pins.push("it goes by itself when its time is over".to_owned());
    }
    Ok(Candidate {
        pins,
        health: Health::Unknown,
        drilled: drilled(world, &record.id).await?,
        record,
    })
}

async fn health(backups: &dyn Backups, id: &BackupId, progress: &Progress<'_>) -> Result<Health> {
    let found = glance(backups, id, progress).await?;
    Ok(found.fault().map_or(Health::Good, Health::Broken))
}

/// Pins that have not ended, and pins of operations that are still open whatever the clock says.
pub(super) async fn pins_that_count(
    world: &World,
    id: &BackupId,
    now: Timestamp,
) -> Result<Vec<String>> {
    let store = world.store.as_ref();
    let counting = pins_of(store, id, now).await?;
    let mut reasons = Vec::new();
    // Seen from the beginning of time, no pin has ended.
    let beginning = Timestamp(time::OffsetDateTime::UNIX_EPOCH);
    for pin in pins_of(store, id, beginning).await? {
        if counting.contains(&pin) || is_open(world, &pin).await? {
            reasons.push(format!("{} ({})", pin.reason, pin.owner));
        }
    }
    Ok(reasons)
}

async fn is_open(world: &World, pin: &Pin) -> Result<bool> {
    let store = world.store.as_ref();
    if store.list(&Key::journal(&pin.owner)).await?.is_empty() {
        return Ok(false);
    }
    Ok(JournalView::read(store, &pin.owner).await?.is_open())
}
