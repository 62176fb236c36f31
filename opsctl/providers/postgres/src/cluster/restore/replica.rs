//! Replicas: made, asked how far they are, opened.

use std::time::Duration;

use opsctl_core::{
    Failure, Result,
    names::ScratchName,
    ports::{Copy, Position, ReplicaState},
};
use sqlx::PgConnection;

use super::{
    Restorer,
    fetch::boot,
    files,
    follow::{FollowRequest, follow},
    promote::{self, in_recovery},
};
use crate::cluster::{
    connection::{Asking, connect},
    layout::ADMINISTRATOR,
    parallel::{Meter, aside},
    record::{ClusterRecord, CopyRecord, RecoveryStop},
    server::Lifetime,
    server_state::{self, ServerState},
};
use crate::log_positions::catch_up;

/// How long a replica may take to get what the source has written.
const LIMIT: Duration = Duration::from_secs(600);

impl Restorer {
    /// What there is of a replica.
    ///
    /// # Errors
    /// When a record can't be read.
    pub fn replica(&self, name: &ScratchName) -> Result<ReplicaState> {
        let Some(record) = self.find(name)? else {
            return Ok(ReplicaState::Absent);
        };
        let data = self.local.layout.cluster(record.lineage_id).data();
        let Some(copy) = record.copy.as_ref().filter(|copy| follows(copy)) else {
            let what = "a cluster that is no replica".to_owned();
            return Ok(ReplicaState::Foreign(what));
        };
        let gone = !files::is_whole(&data) || (!copy.served && copy.boot != boot());
        Ok(match (server_state::state(&data), copy.promotion) {
            _ if gone => ReplicaState::Partial,
            (ServerState::Ready { .. }, Some(promotion)) => {
                ReplicaState::Opened(self.describe(&record, promotion)?)
            }
            (ServerState::Standby { .. }, None) => ReplicaState::Follows,
            _ => ReplicaState::Partial,
        })
    }

    /// Makes a replica and waits until it has what the source has written by then. What a dead run left of one is started
    /// again, or cleared away where it can't be.
    ///
    /// # Errors
    /// When the source can't be copied, or the replica does not follow.
    pub async fn follow(&self, request: FollowRequest, meter: Meter<'_>) -> Result<Position> {
        if let ReplicaState::Foreign(what) = self.replica(&request.name)? {
            return Err(Failure::refused(what));
        }
        let record = match self.find(&request.name)? {
            Some(record) if self.is_whole(&record) => record,
            Some(_) => {
                self.discard(&request.name).await?;
                aside(|| follow(&self.local, &request, meter))?
            }
            None => aside(|| follow(&self.local, &request, meter))?,
        };
        self.launch(&request.name, &record, Lifetime::Detached)
            .await?;
        self.caught_up(&request.name).await
    }

    fn is_whole(&self, record: &ClusterRecord) -> bool {
        let data = self.local.layout.cluster(record.lineage_id).data();
        let alive = |copy: &CopyRecord| copy.served || copy.boot == boot();
        files::is_whole(&data) && record.copy.as_ref().is_some_and(alive)
    }

    /// Waits until the replica has all that its source has written down at this moment. One that was opened says what it
    /// had then.
    ///
    /// # Errors
    /// When it does not get there, or either does not answer.
    pub async fn caught_up(&self, name: &ScratchName) -> Result<Position> {
        let record = self.require(name)?;
        let copy = replica_of(&record)?;
        let mut to = self.session(&record).await?;
        if let (false, Some(position)) = (in_recovery(&mut to).await?, &copy.caught_up) {
            return Ok(position.clone());
        }
        let source = self.local.record(copy.source)?;
        let mut from = self.session(&source).await?;
        let position = catch_up(&mut from, &mut to, LIMIT)
            .await
            .asking("read how far the replica is")?;
        position.complete(name)
    }

    async fn session(&self, record: &ClusterRecord) -> Result<PgConnection> {
        let folder = self.local.layout.cluster(record.lineage_id);
        connect(&folder, record, ADMINISTRATOR).await
    }

    /// Lets a replica follow no longer, once it has everything. Idempotent.
    ///
    /// # Errors
    /// When it is behind, or does not open.
    pub async fn open_replica(&self, name: &ScratchName) -> Result<Copy> {
        if let ReplicaState::Opened(copy) = self.replica(name)? {
            return Ok(copy);
        }
        let mut record = self.require(name)?;
        let mut session = self.session(&record).await?;
        if in_recovery(&mut session).await? {
            let position = self.caught_up(name).await?;
            let copy = promote::copy_of(&mut record)?;
            copy.paused_at = Some(promote::next_transaction_id(&mut session).await?);
            copy.caught_up = Some(position);
            let folder = self.local.layout.cluster(record.lineage_id);
            record.write(&self.local.account()?, &folder)?;
            let opened: bool = sqlx::query_scalar("SELECT pg_promote(true, 60)")
                .fetch_one(&mut session)
                .await
                .asking("open the replica")?;
            if !opened {
                return Err(Failure::failed("the replica does not open within a minute")
                    .left("it goes on trying"));
            }
        }
        let promotion = promote::finish(&self.local, &mut record, &mut session).await?;
        self.describe(&record, promotion)
    }
}

fn follows(copy: &CopyRecord) -> bool {
    matches!(copy.stop, RecoveryStop::Never { .. })
}

fn replica_of(record: &ClusterRecord) -> Result<&CopyRecord> {
    let copy = record.copy.as_ref().filter(|copy| follows(copy));
    copy.ok_or_else(|| Failure::failed("this cluster is no replica"))
}
