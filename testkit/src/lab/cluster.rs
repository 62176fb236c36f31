//! The whole lab, from nothing to a node that is ready.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::addresses::API_PORT;
use super::credentials::Credentials;
use super::doors;
use super::namespace::Namespace;
use super::programs::{PAUSE, Programs};
use super::waiting::until;
use super::{cgroups, configuration, control_plane, images, node};
use crate::leash::Leash;

/// A running cluster. Everything in it ends with this value.
#[derive(Debug)]
pub struct Lab {
    // Parts end before the namespaces that they live in.
    parts: BTreeMap<&'static str, Leash>,
    namespace: Arc<Namespace>,
    programs: Programs,
    credentials: Credentials,
    folder: PathBuf,
    port: u16,
}

impl Lab {
    /// Starts everything and waits for the node; what it needs it keeps in the folder.
    ///
    /// # Errors
    /// Names the part that did not come up, with the end of its log.
    pub fn start(folder: &Path) -> Result<Self> {
        let programs = Programs::find()?;
        let credentials = Credentials::create(&folder.join("credentials"))?;
        let namespace = Arc::new(Namespace::create(&folder.join("namespace"))?);
        let port = doors::inwards(&namespace, API_PORT)?;
        let mut lab = Self {
            parts: BTreeMap::new(),
            namespace,
            programs,
            credentials,
            folder: folder.to_owned(),
            port,
        };
        let outside = lab.credentials.kubeconfig("administrator", &lab.url());
        fs::write(lab.kubeconfig(), outside)?;
        lab.start_control_plane()?;
        lab.start_node()?;
        Ok(lab)
    }

    /// Where the API is reached from this machine.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The administrator's way in.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// kubectl, as administrator.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(self.programs.built("kubectl")?);
        command
            .arg("--kubeconfig")
            .arg(self.kubeconfig())
            .args(arguments);
        let output = command.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "kubectl {}: {}",
            arguments.join(" "),
            said.trim()
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// A port of this machine's loopback that leads to a port of the node, until the lab ends.
    ///
    /// # Errors
    /// When the machine has no port left.
    pub fn open_inwards(&self, port: u16) -> Result<u16> {
        doors::inwards(&self.namespace, port)
    }

    /// Lets pods reach a port of this machine's loopback, at a port of the node.
    ///
    /// # Errors
    /// When that port of the node is taken.
    pub fn open_outwards(&self, there: u16, here: u16) -> Result<()> {
        doors::outwards(&self.namespace, there, here)
    }

    /// The parts that are not running although they should be.
    #[must_use]
    pub fn fallen(&self) -> Vec<&'static str> {
        let fallen = self.parts.iter().filter(|(_, leash)| !leash.is_running());
        fallen.map(|(name, _)| *name).collect()
    }

    fn start_control_plane(&mut self) -> Result<()> {
        let (namespace, programs, credentials) = (
            Arc::clone(&self.namespace),
            self.programs.clone(),
            self.credentials.clone(),
        );
        let etcd = self.folder.join("etcd");
        self.launch("etcd", &control_plane::etcd(&namespace, &programs, &etcd)?)?;
        self.launch(
            "kube-apiserver",
            &control_plane::api(&namespace, &programs, &credentials)?,
        )?;
        self.wait_for("kube-apiserver", |lab| {
            Ok(lab.kubectl(&["get", "--raw", "/readyz"]).is_ok())
        })?;
        self.launch(
            "kube-controller-manager",
            &control_plane::controllers(&namespace, &programs, &credentials)?,
        )?;
        self.launch(
            "kube-scheduler",
            &control_plane::scheduler(&namespace, &programs, &credentials)?,
        )
    }

    fn start_node(&mut self) -> Result<()> {
        let (namespace, programs, credentials) = (
            Arc::clone(&self.namespace),
            self.programs.clone(),
            self.credentials.clone(),
        );
        let folder = self.folder.join("node");
        node::configure(&folder, &credentials, &cgroups::create()?)?;
        self.launch("containerd", &node::containerd(&namespace, &folder))?;
        let pause = folder.join("pause.tar");
        images::write(&pause, configuration::PAUSE, &programs.built(PAUSE)?)?;
        self.import(&pause)?;
        self.launch(
            "kubelet",
            &node::kubelet(&namespace, &programs, &credentials, &folder)?,
        )?;
        self.launch(
            "kube-proxy",
            &node::proxy(&namespace, &programs, &credentials)?,
        )?;
        self.wait_for("kubelet", |lab| {
            let ready = "jsonpath={.items[*].status.conditions[?(@.type==\"Ready\")].status}";
            Ok(lab.kubectl(&["get", "nodes", "--output", ready])? == "True")
        })
    }

    /// Waits for the runtime, too.
    fn import(&self, archive: &Path) -> Result<()> {
        self.wait_for("containerd", |lab| {
            let mut ctr = lab.namespace.inside(Path::new("ctr"));
            ctr.args([
                "--address",
                configuration::CONTAINERD_SOCKET,
                "--namespace",
                "k8s.io",
            ]);
            ctr.args(["images", "import"]).arg(archive);
            Ok(ctr.output()?.status.success())
        })
    }

    fn launch(&mut self, name: &'static str, command: &Command) -> Result<()> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder)?;
        let leash = Leash::start(&folder, command)?;
        self.parts.insert(name, leash);
        Ok(())
    }

    fn wait_for(&self, name: &str, ready: impl Fn(&Self) -> Result<bool>) -> Result<()> {
        let leash = self.parts.get(name).context("no such part")?;
        let waited = until(&format!("{name} is ready"), || {
            ensure!(leash.is_running(), "{name} ended");
            ready(self)
        });
        waited.with_context(|| {
            let log = leash.log();
            let lines: Vec<&str> = log.lines().collect();
            lines[lines.len().saturating_sub(20)..].join("\n")
        })
    }
}
