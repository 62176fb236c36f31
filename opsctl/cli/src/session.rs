//! One command's surroundings: the environment, its state, its outside world.

use std::path::PathBuf;
use std::sync::Arc;

use opsctl_aws::{Aws, S3Store, Tell};
use opsctl_core::Result;
use opsctl_core::clock::{Clock, SystemClock, Timestamp};
use opsctl_core::engine::{OperationKind, Plan, Runner};
use opsctl_core::environment::Environment;
use opsctl_core::failover::DrillFailover;
use opsctl_core::names::OperationId;
use opsctl_core::ports::World;
use opsctl_core::state::StateStore;
use opsctl_local::state::FolderStore;

use crate::args::Global;
use crate::config::Loaded;
use crate::output::Output;
use crate::{runner, world};

/// What a command works with.
pub struct Session {
    /// The flags that every command takes.
    pub global: Global,
    /// Where output goes.
    pub output: Output,
    /// The configuration.
    pub loaded: Loaded,
    /// The environment.
    pub environment: Arc<Environment>,
    /// Its folder: `.opsctl/<environment>` beside `opsctl.yaml`.
    pub folder: PathBuf,
    /// Its account of AWS, where it lives in one.
    pub aws: Option<Aws>,
    /// Its state.
    pub store: Arc<dyn StateStore>,
    /// Who runs this.
    pub runner: Runner,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Session {
    /// Reads the configuration and opens the environment's state.
    ///
    /// # Errors
    /// When the configuration is wrong, or the state can't be read.
    pub fn open(global: &Global, output: &Output) -> Result<Self> {
        let loaded = Loaded::find(global.config.as_deref())?;
        let environment = loaded.environment(global.env.as_deref())?;
        let folder = loaded
            .folder()
            .join(".opsctl")
            .join(environment.name.as_str());
        let told = output.clone();
        let tell: Tell = Arc::new(move |line| told.say(line));
        let aws = environment.settings.aws.as_ref();
        let aws = aws.map(|settings| Aws::of(settings).telling(tell));
        let store: Arc<dyn StateStore> = match &aws {
            Some(aws) => Arc::new(S3Store::new(aws.clone())),
            None => Arc::new(FolderStore::open(folder.join("state"))?),
        };
        Ok(Self {
            global: global.clone(),
            output: output.clone(),
            loaded,
            environment,
            folder,
            aws,
            store,
            runner: runner::this(),
            clock: Arc::new(SystemClock),
        })
    }

    /// The environment's outside world.
    ///
    /// # Errors
    /// When a part of it can't be found on this machine, or its account of AWS lets nobody in.
    pub async fn world(&self) -> Result<World> {
        world::of(self).await
    }

    /// The same with the cluster that the workloads run on.
    ///
    /// # Errors
    /// When it can't be told which cluster is meant.
    pub async fn world_on_kubernetes(&self) -> Result<World> {
        let world = self.world().await?;
        let cluster = world::kubernetes::cluster(self).await?;
        Ok(World {
            pod_metrics: Some(world::kubernetes::pod_metrics(self, &cluster)?),
            cluster: Some(cluster),
            pod_secrets: world::kubernetes::pod_secrets(self, &world)?,
            ..world
        })
    }

    /// The world that an operation of that kind needs.
    ///
    /// # Errors
    /// As the two above.
    pub async fn world_of(&self, kind: OperationKind) -> Result<World> {
        match kind {
            OperationKind::Deploy | OperationKind::Rollback => self.world_on_kubernetes().await,
            OperationKind::SecretsFinish | OperationKind::SecretsRotate => {
                world::secrets::of(self).await
            }
            OperationKind::Maintenance | OperationKind::Restore | OperationKind::RestoreUndo => {
                self.world_followed().await
            }
            _ => self.world().await,
        }
    }

    /// The world that a plan needs which was made before.
    ///
    /// # Errors
    /// As of its kind.
    pub async fn world_for(&self, plan: &Plan) -> Result<World> {
        match DrillFailover::tells_the_application(plan) {
            true => self.world_followed().await,
            false => self.world_of(plan.kind).await,
        }
    }

    /// The world in which the application is told of another database, and its processes are asked whether they follow.
    ///
    /// # Errors
    /// When a part of it can't be found.
    pub async fn world_followed(&self) -> Result<World> {
        world::followed(self).await
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The id of a new operation.
    ///
    /// # Errors
    /// Never for a real clock.
    pub fn new_operation(&self, kind: OperationKind) -> Result<OperationId> {
        kind.new_id(self.now(), rand::random())
    }
}
