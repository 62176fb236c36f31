//! Notes how the instance stands, before anybody feels anything: whether it failed over is told by the difference.

use async_trait::async_trait;

use super::super::Kind;
use super::super::drill::{Drill, SharedDrill};
use super::super::names::OBSERVE;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Availability, Standby, Standing};
use crate::restore::names::step;

/// Looks.
pub struct Observe(pub SharedDrill);

impl Drill {
    pub(super) fn standby(&self) -> Result<&dyn Standby> {
        let ports = self.world.failover()?;
        if self.inputs.kind == Kind::Cache {
            return Ok(self.cache()?.group.as_ref());
        }
        ports.standby.as_deref().ok_or_else(|| {
            let name = &self.world.environment.name;
            Failure::refused(format!("no service keeps a standby of '{name}'"))
        })
    }
}

#[async_trait]
impl Step for Observe {
    type Output = Standing;

    fn name(&self) -> StepName {
        step(OBSERVE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Standing>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<Standing> {
        let found = self.0.standby()?.look().await?;
        match (found.availability, found.has_standby) {
            (Availability::Available, true) => Ok(found),
            (Availability::Available, false) => Err(Failure::refused(format!(
                "'{}' has no standby any more",
                found.instance
            ))),
            _ => Err(Failure::failed(format!(
                "'{}' is {}",
                found.instance, found.status
            ))),
        }
    }
}
