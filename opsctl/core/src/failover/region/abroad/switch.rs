//! The way for users is opened: a service in the drill's namespace. What those who are served call stays as it is.

use async_trait::async_trait;

use super::deploy::{new, stamp};
use super::{Deployed, WorkloadInputs};
use crate::deploy::apply;
use crate::drill::Measured;
use crate::engine::{Step, StepContext, StepState};
use crate::failover::names::{DEPLOY, SWITCH};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;
use crate::restore::names::step;
use crate::workloads::{Object, ObjectRef};

/// What leads to the pods now.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Switched {
    /// The services.
    pub doors: Vec<ObjectRef>,
}

/// Opens it.
pub struct Switch {
    pub world: World,
    pub inputs: WorkloadInputs,
}

#[async_trait]
impl Step for Switch {
    type Output = Measured<Switched>;

    fn name(&self) -> StepName {
        step(SWITCH)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Measured<Switched>>> {
        Ok(StepState::Absent)
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<Measured<Switched>> {
        let deployed: Measured<Deployed> = context.outputs.get(DEPLOY)?;
        match deployed.worked() {
            Some(_) => Measured::of(self.open(context, permit)).await,
            None => Ok(Measured::skipped()),
        }
    }
}

impl Switch {
    async fn open(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Switched> {
        let cluster = self.world.abroad()?.cluster().await?;
        let stamp = stamp(&self.world, &self.inputs, context);
        let mut opened: Vec<Object> = Vec::new();
        for door in &self.inputs.doors {
            opened.push(apply(cluster.as_ref(), permit, &new(door), &stamp).await?);
        }
        Ok(Switched {
            doors: opened.iter().map(Object::reference).collect(),
        })
    }
}
