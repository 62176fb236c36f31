//! The copies of one environment, by name.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use opsctl_core::{
    Failure, Result,
    clock::Timestamp,
    names::{OperationId, ScratchName},
    ports::{Copy, CopyState, Isolation},
};

use super::{
    fetch::{self, FetchRequest},
    files, promote,
};
use crate::cluster::{
    local::LocalPostgres,
    parallel::{Meter, aside},
    record::ClusterRecord,
    removal::remove_files,
    server::{self, Leash, Lifetime, Stop},
    server_state::{self, ServerState},
};

/// How long recovery may take: the promise is an hour, and it is not ours to give up earlier.
const RECOVERY_LIMIT: Duration = Duration::from_secs(4 * 3600);

/// Restores copies and keeps them apart. Cheap to clone; copies that it started end with its last clone,
/// unless they are to outlive it.
#[derive(Debug, Clone)]
pub struct Restorer {
    pub(super) local: LocalPostgres,
    lifetime: Lifetime,
    leashes: Arc<Mutex<HashMap<ScratchName, Leash>>>,
}

impl Restorer {
    /// A restorer whose copies have the given lifetime.
    #[must_use]
    pub fn new(local: LocalPostgres, lifetime: Lifetime) -> Self {
        Self {
            local,
            lifetime,
            leashes: Arc::default(),
        }
    }

    /// The clusters behind it.
    #[must_use]
    pub const fn local(&self) -> &LocalPostgres {
        &self.local
    }

    /// What there is of a copy.
    ///
    /// # Errors
    /// When a record can't be read.
    pub fn state(&self, name: &ScratchName) -> Result<CopyState> {
        let Some(record) = self.find(name)? else {
            return Ok(CopyState::Absent);
        };
        let data = self.local.layout.cluster(record.lineage_id).data();
        let Some(copy) = &record.copy else {
            return Ok(CopyState::Foreign("a cluster that is no copy".into()));
        };
        if !files::is_whole(&data) || (!copy.served && copy.boot != fetch::boot()) {
            return Ok(CopyState::Partial);
        }
        match (server_state::state(&data), copy.promotion) {
            (ServerState::Ready { .. }, Some(promotion)) => {
                Ok(CopyState::Running(self.describe(&record, promotion)?))
            }
            _ => Ok(CopyState::Fetched),
        }
    }

    /// Puts a copy's files in place; what a dead run left of it is cleared away first.
    ///
    /// # Errors
    /// When the target is out of reach, a file of the backup is damaged (it is named), or the disk is full.
    pub async fn fetch(&self, request: FetchRequest, meter: Meter<'_>) -> Result<()> {
        match self.state(&request.name)? {
            CopyState::Fetched | CopyState::Running(_) => return self.must_be(&request),
            CopyState::Partial => self.remove(&request.name).await?,
            CopyState::Absent => {}
            CopyState::Foreign(what) => return Err(Failure::refused(what)),
        }
        aside(|| fetch::fetch(&self.local, &request, meter))
    }

    fn must_be(&self, request: &FetchRequest) -> Result<()> {
        let found = self.require(&request.name)?;
        if found
            .copy
            .is_some_and(|copy| copy.target.as_ref() == Some(&request.target))
        {
            return Ok(());
        }
        Err(Failure::refused(format!(
            "there is a copy {} already, recovered to another point",
            request.name
        )))
    }

    /// Recovers and opens a copy. Idempotent.
    ///
    /// # Errors
    /// With the server's last words when it doesn't reach its target.
    pub async fn start(&self, name: &ScratchName) -> Result<Copy> {
        let mut record = self.require(name)?;
        match self.state(name)? {
            CopyState::Running(copy) => return Ok(copy),
            CopyState::Fetched => {}
            _ => {
                return Err(Failure::failed(format!(
                    "the copy {name} is not complete: it can't start"
                )));
            }
        }
        let lifetime = match record.isolation {
            Isolation::Serving => Lifetime::Detached,
            Isolation::Quarantined => self.lifetime,
        };
        self.launch(name, &record, lifetime).await?;
        let done = record.copy.as_ref().and_then(|copy| copy.promotion);
        let promotion = match done {
            Some(promotion) => promotion,
            None => promote::promote(&self.local, &mut record, RECOVERY_LIMIT).await?,
        };
        self.describe(&record, promotion)
    }

    /// Stops a copy's server and keeps its files.
    ///
    /// # Errors
    /// When it doesn't end.
    pub async fn stop(&self, name: &ScratchName) -> Result<()> {
        if let Some(record) = self.find(name)? {
            self.halt(&record, name, Stop::Fast).await?;
        }
        Ok(())
    }

    /// Ends a copy and removes its files. Idempotent; refuses one that serves.
    ///
    /// # Errors
    /// When it serves, or can't be removed.
    pub async fn discard(&self, name: &ScratchName) -> Result<()> {
        match self.find(name)? {
            None => Ok(()),
            Some(record) if record.isolation == Isolation::Serving => Err(Failure::refused(
                format!("the copy {name} serves: it is kept"),
            )
            .left("nothing was changed")),
            Some(_) => self.remove(name).await,
        }
    }

    /// Every copy that doesn't serve, with its owner and expiry.
    ///
    /// # Errors
    /// When a record can't be read.
    pub fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>> {
        Ok(self
            .local
            .records()?
            .into_iter()
            .filter(|record| record.isolation == Isolation::Quarantined)
            .filter_map(|record| record.copy)
            .map(|copy| (copy.name, copy.owner, copy.expires_at))
            .collect())
    }

    pub(super) async fn launch(
        &self,
        name: &ScratchName,
        record: &ClusterRecord,
        lifetime: Lifetime,
    ) -> Result<()> {
        let leash = self.local.launch(record, lifetime, RECOVERY_LIMIT).await?;
        if let (Some(leash), Ok(mut leashes)) = (leash, self.leashes.lock()) {
            leashes.insert(name.clone(), leash);
        }
        Ok(())
    }

    pub(super) async fn halt(
        &self,
        record: &ClusterRecord,
        name: &ScratchName,
        how: Stop,
    ) -> Result<()> {
        let data = self.local.layout.cluster(record.lineage_id).data();
        server::stop(&data, how).await?;
        let leash = self
            .leashes
            .lock()
            .ok()
            .and_then(|mut all| all.remove(name));
        drop(leash);
        Ok(())
    }

    async fn remove(&self, name: &ScratchName) -> Result<()> {
        let record = self.require(name)?;
        let folder = self.local.layout.cluster(record.lineage_id);
        self.halt(&record, name, Stop::Immediate).await?;
        aside(|| remove_files(&folder))
    }
}
