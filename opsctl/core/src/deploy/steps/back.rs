//! Going back to the release that served before, and making sure that it serves again.

use std::sync::Arc;

use async_trait::async_trait;

use crate::deploy::compare::compare;
use crate::deploy::court::judge_of;
use crate::deploy::follow::Watching;
use crate::deploy::inputs::{DeployInputs, PlannedObject};
use crate::deploy::live::Live;
use crate::deploy::plan::ROLL_BACK;
use crate::deploy::release::manifests;
use crate::deploy::settle::{OPERATION, Stamp};
use crate::deploy::verdict::{Baseline, State};
use crate::deploy::waves::Wave;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{OperationId, StepName};
use crate::ports::World;
use crate::workloads::{Object, ObjectRef};

/// What never goes away by itself: others may live in it, or data.
pub const STAYS: [&str; 3] = [
    "Namespace",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
];

/// What going back did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct WentBack {
    /// Applied as they were.
    pub applied: Vec<ObjectRef>,
    /// Deleted, because the failed release had made them.
    pub deleted: Vec<ObjectRef>,
}

/// Goes back.
pub struct RollBack {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
}

#[async_trait]
impl Step for RollBack {
    type Output = WentBack;

    fn name(&self) -> StepName {
        StepName::fixed(ROLL_BACK)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<WentBack>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<WentBack> {
        let earlier = match self.inputs.back {
            Some(number) => manifests(self.world.store.as_ref(), number).await?,
            None => Vec::new(),
        };
        let deleted = self.delete_new(context, permit, &earlier).await?;
        let applied = self.apply_earlier(context, permit, earlier).await?;
        self.follow(context, &applied).await?;
        Ok(WentBack {
            applied: applied.iter().map(Object::reference).collect(),
            deleted,
        })
    }

    fn releases(&self) -> bool {
        true
    }
}

impl RollBack {
    /// Only what this very operation wrote, and the earlier release does not have.
    async fn delete_new(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        earlier: &[Object],
    ) -> Result<Vec<ObjectRef>> {
        let cluster = self.world.cluster()?;
        let kept: Vec<ObjectRef> = earlier.iter().map(Object::reference).collect();
        let mut deleted = Vec::new();
        // The last first: what others need goes after them.
        for planned in self.inputs.objects.iter().rev().filter(|it| it.changes()) {
            let name = planned.object.reference();
            if kept.contains(&name) || STAYS.contains(&name.kind.kind.as_str()) {
                continue;
            }
            let live = cluster.get(&name).await?;
            if let Some(live) = live.filter(|live| written_by(context.operation, live)) {
                permit.check()?;
                cluster.delete(permit, &name, live.uid()).await?;
                deleted.push(name);
            }
        }
        Ok(deleted)
    }

    async fn apply_earlier(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        earlier: Vec<Object>,
    ) -> Result<Vec<Object>> {
        let (cluster, names) = (self.world.cluster()?, references(&earlier));
        let live = Live::read(cluster, names.iter()).await?;
        let compared = compare(cluster, earlier, &live).await?;
        if let Some(refusal) = compared.refusals.first() {
            return Err(stuck(self.inputs.back).cause(refusal.to_string()));
        }
        let stamp = Stamp {
            environment: &self.world.environment.name,
            release: self.inputs.back.unwrap_or(self.inputs.number),
            operation: context.operation,
            hold: None,
        };
        let mut applied = Vec::new();
        for planned in compared.objects.iter().filter(|it| it.changes()) {
            // What this release did not write it does not take back: somebody else may have.
            let found = live.find(&planned.object.reference());
            if found.is_some_and(|live| !written_by(context.operation, live)) {
                continue;
            }
            permit.check()?;
            applied.push(self.put(permit, planned, &stamp).await?);
        }
        Ok(applied)
    }

    async fn put(
        &self,
        permit: &Permit<'_>,
        planned: &PlannedObject,
        stamp: &Stamp<'_>,
    ) -> Result<Object> {
        let mut object = planned.object.clone();
        stamp.put(&mut object);
        let answer = self.world.cluster()?.apply(permit, &object).await?;
        answer.map_err(|refusal| stuck(self.inputs.back).cause(refusal.to_string()))
    }

    async fn follow(&self, context: &StepContext<'_>, applied: &[Object]) -> Result<()> {
        if !applied.iter().any(|object| Wave::of(object).is_watched()) {
            return Ok(());
        }
        let cluster = self.world.cluster()?;
        let mut watching = Watching::begin(cluster, &self.inputs.namespace).await?;
        // What the failed release broke is not the earlier one's fault.
        let baseline = Baseline::of(&watching.board);
        let mut judge = judge_of(applied.iter(), baseline, self.inputs.patience);
        match watching.until_decided(&mut judge, context).await?.state {
            State::Failed(finding) => Err(stuck(self.inputs.back)
                .cause(finding.to_string())
                .hint(finding.hint)),
            _ => Ok(()),
        }
    }
}

fn written_by(operation: &OperationId, live: &Object) -> bool {
    live.annotation(OPERATION) == Some(operation.as_str())
}

fn references(objects: &[Object]) -> Vec<ObjectRef> {
    objects.iter().map(Object::reference).collect()
}

fn stuck(back: Option<crate::deploy::release::ReleaseNumber>) -> Failure {
    let what = back.map_or_else(
        || "what the release made can't be taken away".to_owned(),
        |back| format!("release {back} does not serve again"),
    );
    Failure::new(FailureKind::Unknown, what).hint("opsctl status")
}
