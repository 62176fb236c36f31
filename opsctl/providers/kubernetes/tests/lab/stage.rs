//! A cluster that all tests share, and a namespace for each of them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use opsctl_core::ports::{Cluster, Refusal, Scope};
use opsctl_core::workloads::{Object, ObjectKind};
use opsctl_kubernetes::{Context, KubernetesCluster, Patience, Target};
use opsctl_simulation::Grant;
use serde_json::json;
use tempfile::TempDir;
use testkit::lab::Lab;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// The lab, and then its folder.
pub struct Ground {
    pub lab: Lab,
    /// Whoever stops parts of it wants to be alone.
    pub calm: Arc<RwLock<()>>,
    folder: TempDir,
}

impl Ground {
    /// One for all tests that run at the same time; it ends with the last of them.
    pub fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Weak<Ground>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Ok(running);
        }
        let folder = tempfile::tempdir()?;
        let started = Arc::new(Self {
            lab: Lab::start(folder.path())?,
            calm: Arc::default(),
            folder,
        });
        *shared = Arc::downgrade(&started);
        Ok(started)
    }

    /// It, and the word that nobody stops parts of it meanwhile.
    pub async fn in_calm() -> Result<(Arc<Self>, OwnedRwLockReadGuard<()>)> {
        let ground = Self::shared()?;
        let calm = Arc::clone(&ground.calm).read_owned().await;
        Ok((ground, calm))
    }

    /// A kubeconfig of this text, as a target.
    pub fn target(&self, name: &str, kubeconfig: &str) -> Result<Target> {
        let file = self.folder.path().join(format!("{name}.kubeconfig"));
        std::fs::write(&file, kubeconfig)?;
        Ok(of_file(file))
    }

    /// The administrator's kubeconfig.
    pub fn administrator(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.lab.kubeconfig())?)
    }

    /// Where the authority's certificate lies that vouches for the API server.
    pub fn authority(&self) -> Result<String> {
        let kubeconfig = self.administrator()?;
        let after = kubeconfig.split("certificate-authority: '").nth(1);
        let path = after.and_then(|rest| rest.split('\'').next());
        Ok(path.context("no authority in the kubeconfig")?.to_owned())
    }
}

pub fn of_file(file: PathBuf) -> Target {
    Target::Kubeconfig {
        files: vec![file],
        context: Context::Named("lab".into()),
    }
}

/// A namespace on the shared cluster, and somebody who may change it.
pub struct Stage {
    pub cluster: KubernetesCluster,
    pub namespace: String,
    pub grant: Grant,
    pub ground: Arc<Ground>,
    _calm: Calm,
}

/// How much of the lab one has to oneself; held to the end.
enum Calm {
    Shared { _held: OwnedRwLockReadGuard<()> },
    Alone { _held: OwnedRwLockWriteGuard<()> },
}

impl Stage {
    /// A new namespace of that name.
    pub async fn new(namespace: &str) -> Result<Self> {
        let ground = Ground::shared()?;
        let _held = Arc::clone(&ground.calm).read_owned().await;
        Self::on(ground, namespace, Calm::Shared { _held }).await
    }

    /// The same, while no other test has one.
    pub async fn alone(namespace: &str) -> Result<Self> {
        let ground = Ground::shared()?;
        let _held = Arc::clone(&ground.calm).write_owned().await;
        Self::on(ground, namespace, Calm::Alone { _held }).await
    }

    async fn on(ground: Arc<Ground>, namespace: &str, calm: Calm) -> Result<Self> {
        let target = of_file(ground.lab.kubeconfig());
        let stage = Self {
            cluster: KubernetesCluster::connect(&target, Patience::default()).await?,
            namespace: namespace.to_owned(),
            grant: Grant::new("deploy-1").await,
            ground,
            _calm: calm,
        };
        let namespace =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        stage.apply(&Object(namespace)).await?;
        Ok(stage)
    }

    /// Applies what is expected to be taken.
    pub async fn apply(&self, object: &Object) -> Result<Object> {
        let applied = self.cluster.apply(&self.grant.permit(), object).await?;
        applied.map_err(|refusal| anyhow!("{refusal}"))
    }

    /// Tries out one object that is expected to be refused.
    pub async fn refused(&self, object: &Object) -> Result<Refusal> {
        let refusal = self.cluster.preview(std::slice::from_ref(object)).await?;
        let refusal = refusal.into_iter().next().context("no answer")?;
        refusal.err().context("it was taken")
    }

    /// Everything of a kind in the namespace.
    pub fn scope(&self, api_version: &str, kind: &str) -> Scope {
        Scope {
            kind: ObjectKind::new(api_version, kind),
            namespace: Some(self.namespace.clone()),
            labels: None,
        }
    }

    /// As the administrator, in the namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let namespace = ["--namespace", &self.namespace];
        self.ground.lab.kubectl(&[arguments, &namespace].concat())
    }
}

/// Asks until there is an answer.
pub async fn eventually<T>(
    what: &str,
    mut asked: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = asked().await? {
            return Ok(answer);
        }
        ensure!(Instant::now() < deadline, "it never came to pass: {what}");
        tokio::task::yield_now().await;
    }
}
