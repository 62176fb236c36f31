//! The cluster that an environment's workloads run on.

use std::path::PathBuf;
use std::sync::Arc;

use opsctl_aws::Side;
use opsctl_core::deploy::workloads;
use opsctl_core::environment::Protection;
use opsctl_core::ports::{PodMetrics, PodSecrets, World};
use opsctl_core::{Failure, Result};
use opsctl_kubernetes::{Context, KubernetesCluster, Patience, Target};
use opsctl_web::Prometheus;

use super::pod_secrets::LocalPodSecrets;
use crate::config;
use crate::session::Session;

/// The way to the cluster of the session's environment. Nothing is asked yet.
///
/// # Errors
/// When it can't be told which cluster is meant.
pub async fn cluster(session: &Session) -> Result<Arc<KubernetesCluster>> {
    let target = target(session).await?;
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    Ok(Arc::new(cluster))
}

/// Who knows what the pods measured: a Prometheus where the environment has one, else the pods themselves.
///
/// # Errors
/// When there is no TLS on this machine.
pub fn pod_metrics(
    session: &Session,
    cluster: &Arc<KubernetesCluster>,
) -> Result<Arc<dyn PodMetrics>> {
    let gate = workloads(&session.environment)?.gate.as_ref();
    match gate.and_then(|gate| gate.prometheus.as_deref()) {
        None => Ok(Arc::clone(cluster) as Arc<dyn PodMetrics>),
        Some(address) => {
            let prometheus = Prometheus::at(address);
            let failed = |why| Failure::failed("Prometheus can't be asked").cause(why);
            Ok(Arc::new(prometheus.map_err(failed)?))
        }
    }
}

/// What opsctl hands the pods, where the environment says so.
///
/// # Errors
/// When the environment runs nothing on Kubernetes.
pub fn pod_secrets(session: &Session, world: &World) -> Result<Option<Arc<dyn PodSecrets>>> {
    let settings = workloads(&session.environment)?;
    let secrets = settings.local_secrets.clone().map(|local| LocalPodSecrets {
        folder: session.folder.clone(),
        namespace: settings.namespace.clone(),
        settings: local,
        pointer: Arc::clone(&world.pointer),
        clock: Arc::clone(&session.clock),
    });
    Ok(secrets.map(|secrets| Arc::new(secrets) as Arc<dyn PodSecrets>))
}

async fn target(session: &Session) -> Result<Target> {
    let (environment, settings) = (&session.environment, workloads(&session.environment)?);
    // Who names a kubeconfig means it.
    if let (Some(name), None) = (&settings.eks, &session.global.kubeconfig) {
        return Ok(Target::Given(
            super::eks::given(session, Side::Home, name).await?,
        ));
    }
    let context = match &settings.context {
        Some(name) => Context::Named(name.clone()),
        // Whichever context somebody chose last is no identity, unless the cluster's id confirms it.
        None if environment.settings.protection == Protection::Protected
            && settings.cluster.is_none() =>
        {
            let what = format!("'{}' is protected and pins no cluster", environment.name);
            return Err(Failure::usage(what).hint(
                "set `workloads.cluster` in opsctl.yaml to the uid of the namespace kube-system",
            ));
        }
        None => Context::Current,
    };
    let files = files(session, settings.kubeconfig.as_ref());
    match files.is_empty() {
        true => Ok(Target::InCluster),
        false => Ok(Target::Kubeconfig { files, context }),
    }
}

/// The flag, else `opsctl.yaml`, else `KUBECONFIG`, else where kubectl keeps it.
fn files(session: &Session, written: Option<&PathBuf>) -> Vec<PathBuf> {
    if let Some(file) = &session.global.kubeconfig {
        return vec![file.clone()];
    }
    if let Some(file) = written {
        return vec![session.loaded.folder().join(file)];
    }
    if let Some(list) = config::read("KUBECONFIG") {
        let files = std::env::split_paths(&list);
        return files.filter(|file| !file.as_os_str().is_empty()).collect();
    }
    let usual = config::read("HOME").map(|home| PathBuf::from(home).join(".kube/config"));
    usual.into_iter().filter(|file| file.is_file()).collect()
}
