//! The steps that are the undo's own: the database that was set aside becomes the one that serves.

use async_trait::async_trait;

use super::super::crossing::{Promoted, SharedCrossing};
use super::super::names::{DEMOTE, OPEN, PROMOTE, VERIFY, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::lineage::SetAside;
use crate::names::StepName;
use crate::ports::{Database, DatabaseIdentity, DatabaseRole, Effects};

/// The two sides of an undo.
#[derive(Clone)]
pub struct Returning {
    /// The database that serves.
    pub crossing: SharedCrossing,
    /// The one that serves again.
    pub back_to: SetAside,
}

/// Proves that the database is the one that was set aside.
pub struct VerifyAside(pub Returning);
/// Makes it primary; it stays fenced until the end.
pub struct PromoteAside(pub Returning);
/// Sets it aside again.
pub struct DemoteAside(pub Returning);
/// Takes its fence away.
pub struct OpenAside(pub Returning);

impl Returning {
    async fn open(&self) -> Result<std::sync::Arc<dyn Database>> {
        let databases = &self.crossing.world.databases;
        databases.open(&self.back_to.administrator).await
    }

    async fn identity(&self, database: &dyn Database) -> Result<DatabaseIdentity> {
        let lineage = self.back_to.lineage_id;
        database
            .identity()
            .await?
            .filter(|found| found.lineage_id == lineage)
            .ok_or_else(|| {
                Failure::refused(format!(
                    "the database of lineage {lineage} is not there any more"
                ))
            })
    }

    /// Writes who it is; what was written is what comes back.
    async fn become_role(
        &self,
        permit: &Permit<'_>,
        role: DatabaseRole,
    ) -> Result<DatabaseIdentity> {
        let database = self.open().await?;
        let changed = async {
            let found = self.identity(database.as_ref()).await?;
            if found.role == role {
                return Ok(found);
            }
            let now = database.now().await?;
            let identity = match role {
                DatabaseRole::Primary => DatabaseIdentity {
                    role,
                    effects: Effects::Held,
                    sessions_valid_after: Some(now),
                    ..found
                },
                DatabaseRole::Scratch | DatabaseRole::Superseded => {
                    DatabaseIdentity { role, ..found }
                }
            };
            database.set_identity(permit, &identity).await?;
            self.identity(database.as_ref()).await
        };
        let answer = changed.await;
        database.close().await;
        answer
    }
}

#[async_trait]
impl Step for VerifyAside {
    type Output = DatabaseIdentity;

    fn name(&self) -> StepName {
        step(VERIFY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<DatabaseIdentity>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<DatabaseIdentity> {
        let database = self.0.open().await?;
        let looked = async {
            let found = self.0.identity(database.as_ref()).await?;
            if found.instance_id != self.0.back_to.instance_id {
                return Err(Failure::refused("it is another instance"));
            }
            database.schema_version().await?;
            Ok(found)
        };
        let answer = looked.await;
        database.close().await;
        answer
    }
}

#[async_trait]
impl Step for PromoteAside {
    type Output = Promoted;

    fn name(&self) -> StepName {
        step(PROMOTE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Promoted>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<Promoted> {
        let identity = self.0.become_role(permit, DatabaseRole::Primary).await?;
        let aside = &self.0.back_to;
        let sessions_valid_after = identity.sessions_valid_after.ok_or_else(|| {
            Failure::new(FailureKind::Unknown, "it did not keep when sessions began")
        })?;
        Ok(Promoted {
            instance_id: identity.instance_id,
            lineage_id: identity.lineage_id,
            location: aside.location.clone(),
            administrator: aside.administrator.clone(),
            copy: aside.copy.clone(),
            sessions_valid_after: Some(sessions_valid_after),
        })
    }
}

#[async_trait]
impl Step for DemoteAside {
    type Output = ();

    fn name(&self) -> StepName {
        step(DEMOTE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let descriptor = self.0.crossing.descriptor().await?;
        // Promotion comes after the freeze: where nothing is frozen by us, nothing was promoted by us.
        Ok(if self.0.crossing.is_ours(&descriptor) {
            StepState::InFlight
        } else {
            StepState::Done(())
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let demoted = self.0.become_role(permit, DatabaseRole::Superseded).await;
        demoted.map(|_| ())
    }
}

#[async_trait]
impl Step for OpenAside {
    type Output = ();

    fn name(&self) -> StepName {
        step(OPEN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let database = self.0.open().await?;
        let opened = async {
            database.unfence(permit).await?;
            match database.try_write().await? {
                None => Ok(()),
                Some(refusal) => {
                    let what = "the database that serves again refuses writes";
                    Err(Failure::new(FailureKind::Unknown, what).cause(refusal))
                }
            }
        };
        let answer = opened.await;
        database.close().await;
        answer
    }
}
