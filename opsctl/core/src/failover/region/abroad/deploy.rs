//! The release is applied in the drill's namespace and judged as any release is.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};

use super::admit::proven;
use super::{WorkloadInputs, leftovers, namespace};
use crate::clock::Timestamp;
use crate::deploy::verdict::{Baseline, State};
use crate::deploy::{
    ObjectChange, PlannedObject, Sight, Stamp, Watching, Wave, apply, gather, judge_of, refused,
    served,
};
use crate::drill::Measured;
use crate::engine::{Step, StepContext, StepState};
use crate::failover::names::{ADMIT, DEPLOY};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Abroad, Cluster, Copy, World};
use crate::restore::names::step;
use crate::state::{Key, StoreError, encode};
use crate::workloads::Object;

/// So many objects are on their way at once.
const AT_ONCE: usize = 8;

/// What serves there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Deployed {
    /// The secrets that the pods were handed, by their versions.
    pub secrets: BTreeMap<String, String>,
    /// How many objects were applied.
    pub objects: usize,
}

/// Applies and judges it. A run that was cut off measured nothing: its namespace is ended, and it begins again.
pub struct Deploy {
    pub world: World,
    pub inputs: WorkloadInputs,
    pub expires_at: Timestamp,
}

#[async_trait]
impl Step for Deploy {
    type Output = Measured<Deployed>;

    fn name(&self) -> StepName {
        step(DEPLOY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Measured<Deployed>>> {
        Ok(StepState::Absent)
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<Measured<Deployed>> {
        let admitted: Measured<()> = context.outputs.get(ADMIT)?;
        let (Some(copy), Some(())) = (proven(context)?, admitted.worked()) else {
            return Ok(Measured::skipped());
        };
        let abroad = self.world.abroad()?;
        let left = leftovers::Leftover {
            operation: context.operation.clone(),
            namespace: self.inputs.namespace.clone(),
            expires_at: self.expires_at,
        };
        // Known before it is there: whoever dies now is cleared up after.
        leftovers::note(self.world.store.as_ref(), &left).await?;
        let begun_again = self.begin_again(context, permit, abroad).await;
        if let Err(failure) = begun_again {
            return Measured::of(async { Err(failure) }).await;
        }
        Measured::of(self.run(context, permit, &copy)).await
    }

    async fn still_holds(
        &self,
        context: &StepContext<'_>,
        output: &Measured<Deployed>,
    ) -> Result<bool> {
        if output.worked().is_none() {
            return Ok(true);
        }
        let cluster = self.world.abroad()?.cluster().await?;
        let found = namespace::find(cluster.as_ref(), &self.inputs.namespace).await?;
        Ok(found.is_some_and(|found| namespace::is_of(&found, context.operation)))
    }
}

impl Deploy {
    async fn begin_again(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        abroad: &dyn Abroad,
    ) -> Result<()> {
        let cluster = abroad.cluster().await?;
        let name = &self.inputs.namespace;
        namespace::end(cluster.as_ref(), permit, name, context.operation).await
    }

    async fn run(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        copy: &Copy,
    ) -> Result<Deployed> {
        let abroad = self.world.abroad()?;
        let cluster = abroad.cluster().await?;
        self.is_meant(cluster.as_ref()).await?;
        let secrets = abroad.versions().await?;
        let mut objects = 0;
        for wave in self.waves() {
            let applied = self
                .apply_wave(context, permit, cluster.as_ref(), wave)
                .await?;
            objects += applied.len();
            if wave == Wave::Ground {
                served(cluster.as_ref(), &applied).await?;
                // Before the first pod that mounts them.
                let handed = abroad.hand_over(permit, copy, &secrets).await?;
                objects += handed.len();
                self.place(context, permit, cluster.as_ref(), handed)
                    .await?;
            }
            if wave.is_watched() {
                self.follow(context, permit, cluster.as_ref(), &applied)
                    .await?;
            }
        }
        Ok(Deployed { secrets, objects })
    }

    /// The cluster that was planned for, and nobody else's namespace in it.
    async fn is_meant(&self, cluster: &dyn Cluster) -> Result<()> {
        let (identity, name) = (cluster.identity().await?, &self.inputs.namespace);
        if identity.uid != self.inputs.cluster {
            let what = format!(
                "{} is another cluster than was planned for",
                identity.server
            );
            return Err(Failure::refused(what));
        }
        match namespace::find(cluster, name).await? {
            None => Ok(()),
            Some(_) => Err(Failure::refused(format!(
                "the namespace '{name}' is somebody else's"
            ))),
        }
    }

    fn waves(&self) -> Vec<Wave> {
        let mut waves: Vec<Wave> = self.inputs.objects.iter().map(Wave::of).collect();
        waves.sort();
        waves.dedup();
        waves
    }

    async fn apply_wave(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        cluster: &dyn Cluster,
        wave: Wave,
    ) -> Result<Vec<Object>> {
        let stamp = self.stamp(context);
        let objects = self.inputs.objects.iter();
        let planned: Vec<PlannedObject> = objects
            .filter(|object| Wave::of(object) == wave)
            .map(new)
            .collect();
        let one = |planned| apply(cluster, permit, planned, &stamp);
        let all: Vec<_> = planned.iter().map(one).collect();
        futures::stream::iter(all)
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    fn stamp<'a>(&'a self, context: &'a StepContext<'_>) -> Stamp<'a> {
        stamp(&self.world, &self.inputs, context)
    }

    async fn place(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        cluster: &dyn Cluster,
        secrets: Vec<Object>,
    ) -> Result<()> {
        let stamp = self.stamp(context);
        for mut secret in secrets {
            permit.check()?;
            stamp.put(&mut secret);
            let answer = cluster.apply(permit, &secret).await?;
            answer.map_err(|refusal| refused(&refusal))?;
        }
        Ok(())
    }

    async fn follow(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        cluster: &dyn Cluster,
        applied: &[Object],
    ) -> Result<()> {
        // Nothing was there before that could count against anybody else.
        let mut judge = judge_of(applied.iter(), Baseline::default(), self.inputs.patience);
        let name = &self.inputs.namespace;
        let mut watching = Watching::begin(cluster, name).await?;
        let judgement = watching.until_decided(&mut judge, context).await?;
        let State::Failed(finding) = &judgement.state else {
            return Ok(());
        };
        let sight = Sight {
            board: &watching.board,
            namespace: name,
            findings: &judgement.findings,
        };
        let seen = gather(cluster, sight, context.clock.now()).await;
        permit.check()?;
        let key = Key::of(&["failovers", context.operation.as_str(), "workloads.json"]);
        match self.world.store.create(&key, &encode(&seen)?).await {
            Ok(()) | Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let what = format!("release {} can't serve abroad", self.inputs.release);
        Err(Failure::new(FailureKind::PromiseBroken, what)
            .cause(finding.to_string())
            .cause(format!("what its pods said is kept in {key}"))
            .hint(finding.hint.clone()))
    }
}

/// What marks an object as this drill's.
pub fn stamp<'a>(
    world: &'a World,
    inputs: &WorkloadInputs,
    context: &'a StepContext<'_>,
) -> Stamp<'a> {
    Stamp {
        environment: &world.environment.name,
        release: inputs.release,
        operation: context.operation,
        hold: None,
    }
}

/// In a namespace of its own everything is new.
pub fn new(object: &Object) -> PlannedObject {
    PlannedObject {
        wave: Wave::of(object),
        object: object.clone(),
        change: ObjectChange::Create,
    }
}
