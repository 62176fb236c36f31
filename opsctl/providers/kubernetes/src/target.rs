//! Which cluster is meant, and as whom it is spoken to: read from kubeconfig files, or from what a pod is given.

use std::path::PathBuf;

use kube::config::{AuthInfo, ExecInteractiveMode, KubeConfigOptions, Kubeconfig};
use opsctl_core::{Failure, Result};
use serde_json::json;

use crate::transport;

/// The cluster that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One that kubeconfig files tell of; the first file to say something wins, one of several may be missing.
    Kubeconfig {
        /// The files.
        files: Vec<PathBuf>,
        /// Which of their contexts.
        context: Context,
    },
    /// One whose address is known; a program gives the tokens, as a kubeconfig's plugin does.
    Given(Given),
    /// The one that this process runs in as a pod, as the pod's service account.
    InCluster,
}

/// A cluster that needs no kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What it is called.
    pub name: String,
    /// The URL of its API server.
    pub server: String,
    /// Who vouches for its certificate: PEM in base64.
    pub authority: String,
    /// The program that prints an `ExecCredential`, and its arguments.
    pub plugin: (String, Vec<String>),
    /// The command that writes the same way down for kubectl.
    pub kubectl: String,
}

/// Which context of a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// The one of that name.
    Named(String),
    /// Whichever was last chosen with `kubectl config use-context`: for a person's own machine alone.
    Current,
}

/// All that a connection is made of.
pub struct Way {
    /// Address, certificates, credentials.
    pub config: kube::Config,
    /// How the same way is told to kubectl.
    pub kubectl: String,
}

impl Target {
    /// Reads what the target names.
    ///
    /// # Errors
    /// What is missing or wrong, with the command that shows it.
    pub async fn way(&self) -> Result<Way> {
        match self {
            Self::InCluster => in_cluster(),
            Self::Given(given) => of_given(given).await,
            Self::Kubeconfig { files, context } => of_files(files, context).await,
        }
    }
}

/// By the name that every cluster gives its API: a pod needs no variable for it.
fn in_cluster() -> Result<Way> {
    let config = kube::Config::incluster_dns().map_err(|error| {
        Failure::usage("this process is in no pod that may speak to its cluster")
            .because(error)
            .hint("opsctl config show")
    })?;
    let kubectl = "kubectl".to_owned();
    Ok(Way { config, kubectl })
}

impl Given {
    /// The kubeconfig that says the same.
    #[must_use]
    pub fn kubeconfig(&self) -> serde_json::Value {
        let (command, args) = &self.plugin;
        let exec = json!({"apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": args,
            "interactiveMode": "Never"});
        let name = &self.name;
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": self.server, "certificate-authority-data": self.authority}}],
            "users": [{"name": name, "user": {"exec": exec}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        })
    }
}

async fn of_given(given: &Given) -> Result<Way> {
    let wrong = || Failure::failed(format!("the cluster '{}' can't be spoken to", given.name));
    let read =
        serde_json::from_value(given.kubeconfig()).map_err(|error| wrong().because(error))?;
    let options = KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(read, &options).await;
    let mut config = config.map_err(|error| wrong().because(error))?;
    config.proxy_url = None;
    let kubectl = given.kubectl.clone();
    Ok(Way { config, kubectl })
}

async fn of_files(files: &[PathBuf], context: &Context) -> Result<Way> {
    let mut read = read(files)?;
    let named: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let shown = named.join(":");
    let list = match named.as_slice() {
        [one] => format!("kubectl --kubeconfig {one}"),
        _ => format!("KUBECONFIG={shown} kubectl"),
    };
    let wrong = |what: String| {
        Failure::usage(what)
            .cause(format!("read from {shown}"))
            .hint(format!("{list} config get-contexts"))
    };
    let name = match context {
        Context::Named(name) => name.clone(),
        Context::Current => {
            let current = read.current_context.clone().filter(|name| !name.is_empty());
            current.ok_or_else(|| wrong("the kubeconfig has no current context".into()))?
        }
    };
    let proxy = check(&mut read, &name).map_err(wrong)?;
    let options = KubeConfigOptions {
        context: Some(name.clone()),
        ..KubeConfigOptions::default()
    };
    let config = kube::Config::from_custom_kubeconfig(read, &options).await;
    let mut config =
        config.map_err(|error| wrong(format!("context '{name}' can't be used: {error}")))?;
    // The library looks into the environment for a proxy.
    config.proxy_url = proxy;
    let kubectl = format!("{list} --context {name}");
    Ok(Way { config, kubectl })
}

fn read(files: &[PathBuf]) -> Result<Kubeconfig> {
    let mut merged: Option<Kubeconfig> = None;
    for file in files {
        if files.len() > 1 && !file.exists() {
            continue;
        }
        let unusable = || Failure::usage(format!("can't read the kubeconfig {}", file.display()));
        let next = Kubeconfig::read_from(file).map_err(|error| unusable().because(error))?;
        merged = Some(match merged {
            None => next,
            Some(known) => known
                .merge(next)
                .map_err(|error| unusable().because(error))?,
        });
    }
    merged.ok_or_else(|| {
        let files = files.iter().map(|file| file.display().to_string());
        let files = files.collect::<Vec<_>>().join(", ");
        Failure::usage("there is no kubeconfig").cause(format!("looked for: {files}"))
    })
}

/// What the library would let pass: a user that isn't there is nobody, and a plugin may ask questions that nobody
/// hears. Returns the proxy that the cluster itself names.
fn check(read: &mut Kubeconfig, name: &str) -> std::result::Result<Option<hyper::Uri>, String> {
    let context = read.contexts.iter().find(|named| named.name == name);
    let context = context.and_then(|named| named.context.clone());
    let context = context.ok_or_else(|| no_context(read, name))?;
    let user = context.user.filter(|user| !user.is_empty());
    let user = user.ok_or_else(|| format!("context '{name}' names no user"))?;
    let found = read.auth_infos.iter_mut().find(|named| named.name == user);
    let found = found.and_then(|named| named.auth_info.as_mut());
    let found = found
        .ok_or_else(|| format!("context '{name}' names the user '{user}', who is not there"))?;
    without_questions(found, &user)?;
    let cluster = read.clusters.iter().find(|it| it.name == context.cluster);
    let proxy = cluster.and_then(|named| named.cluster.as_ref()?.proxy_url.clone());
    let proxy = proxy.filter(|url| !url.is_empty()).map(|url| url.parse());
    match proxy.transpose() {
        Ok(Some(proxy)) if !transport::is_known(&proxy) => Err(format!(
            "the proxy {proxy} of cluster '{}' is neither http nor socks5",
            context.cluster
        )),
        Ok(proxy) => Ok(proxy),
        Err(error) => Err(format!(
            "the proxy of cluster '{}': {error}",
            context.cluster
        )),
    }
}

fn no_context(read: &Kubeconfig, name: &str) -> String {
    let known: Vec<&str> = read
        .contexts
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    format!(
        "the kubeconfig has no context '{name}', only: {}",
        known.join(", ")
    )
}

/// A plugin that asks for a password would wait for ever in a pipeline, and its words would get between ours.
fn without_questions(user: &mut AuthInfo, name: &str) -> std::result::Result<(), String> {
    let Some(plugin) = &mut user.exec else {
        return Ok(());
    };
    if plugin.interactive_mode == Some(ExecInteractiveMode::Always) {
        return Err(format!("the plugin of user '{name}' insists on a terminal"));
    }
    plugin.interactive_mode = Some(ExecInteractiveMode::Never);
    Ok(())
}
