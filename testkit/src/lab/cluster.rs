//! A running lab, and what can be done with it.

use std::fs::File;
use std::io::{Seek, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::addresses::{NODE, REGISTRY_PORT};
use super::audit;
use super::doors;
use super::node;
use super::parts::{Part, Parts};
use super::programs::Shape;
use super::registry::Registry;
use super::site::Site;
use crate::leash::Ending;

/// A running cluster. Everything in it ends with this value.
#[derive(Debug)]
pub struct Lab {
    // Parts end before the namespaces that they live in.
    pub(super) parts: Parts,
    pub(super) registries: Vec<Registry>,
    pub(super) site: Site,
}

impl Lab {
    /// What pods call the machine that they run on.
    pub const NODE: &str = NODE;

    /// What kind of cluster it is.
    #[must_use]
    pub fn shape(&self) -> Shape {
        if self.site.ground.is_apart() {
            Shape::Node
        } else {
            Shape::ControlPlane
        }
    }

    /// Where the API is reached from this machine.
    #[must_use]
    pub fn url(&self) -> String {
        self.site.ground.api_from_outside()
    }

    /// The administrator's way in.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.site.folder.join("kubeconfig")
    }

    /// The registry that everybody may push to and pull from.
    ///
    /// # Errors
    /// Where there is no node.
    pub fn registry(&self) -> Result<&Registry> {
        self.registries.first().context("no node, no registry")
    }

    /// Opens the registry at a port that is known beforehand too; returns what images are pushed to there.
    ///
    /// # Errors
    /// When that port of this machine is taken, or there is no node.
    pub fn open_registry(&self, here: u16) -> Result<String> {
        doors::inwards_at(self.site.ground.namespace()?, REGISTRY_PORT, here)?;
        let registry = Registry::new(here, None);
        registry.introduce(&self.node_folder(), REGISTRY_PORT)?;
        Ok(registry.address().to_owned())
    }

    /// The same images behind a password.
    ///
    /// # Errors
    /// Where there is no node.
    pub fn private_registry(&self) -> Result<&Registry> {
        self.registries.get(1).context("no node, no registry")
    }

    /// kubectl, as administrator.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.run_kubectl(arguments, Stdio::null())
    }

    /// kubectl, given this text to read from its standard input.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub fn kubectl_reading(&self, arguments: &[&str], text: &str) -> Result<String> {
        let mut file = tempfile::tempfile()?;
        file.write_all(text.as_bytes())?;
        file.rewind()?;
        self.run_kubectl(arguments, file.into())
    }

    /// Applies manifests.
    ///
    /// # Errors
    /// When one is refused; with the reason.
    pub fn apply(&self, manifests: &str) -> Result<String> {
        self.kubectl_reading(&["apply", "--server-side", "--filename=-"], manifests)
    }

    /// What a client whose name begins so has asked the API for up to now, as administrator: a verb and a path each.
    ///
    /// # Errors
    /// When the API server's log can't be read.
    pub fn asked_by(&self, client: &str) -> Result<Vec<String>> {
        audit::asked_by(&self.site.folder, client)
    }

    /// A program in the network of the lab: pods and services are reached from there.
    #[must_use]
    pub fn beside(&self, program: &Path) -> Command {
        self.site.ground.beside(program)
    }

    /// Gives the node the images of an archive, without a registry.
    ///
    /// # Errors
    /// When the runtime refuses it; with the reason.
    pub fn load(&self, archive: &Path) -> Result<()> {
        let mut ctr = node::ctr(&self.site)?;
        ctr.args(["images", "import", "-"]);
        let output = ctr.stdin(File::open(archive)?).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "load the image: {}", said.trim());
        Ok(())
    }

    /// A connection to a port of the node, as somebody beside it has it.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn connect(&self, port: u16) -> Result<TcpStream> {
        self.site.ground.namespace()?.connect(port)
    }

    /// A port of this machine's loopback that leads to a port of the node, until the lab ends.
    ///
    /// # Errors
    /// When the machine has no port left.
    pub fn open_inwards(&self, port: u16) -> Result<u16> {
        doors::inwards(self.site.ground.namespace()?, port)
    }

    /// Lets pods reach a port of this machine's loopback, at a port of `Lab::NODE`.
    ///
    /// # Errors
    /// When that port of the node is taken.
    pub fn open_outwards(&self, there: u16, here: u16) -> Result<()> {
        doors::outwards(self.site.ground.namespace()?, there, here)
    }

    /// Whether the lab has this part.
    #[must_use]
    pub fn has(&self, part: Part) -> bool {
        self.parts.contain(part)
    }

    /// Ends a part; what it has kept stays.
    ///
    /// # Errors
    /// When the lab has no such part or it is stopped.
    pub fn stop(&self, part: Part, ending: Ending) -> Result<()> {
        self.parts.stop(part, ending)
    }

    /// Starts a part that was stopped and waits until it answers.
    ///
    /// # Errors
    /// When it runs, or does not come up.
    pub fn start_again(&self, part: Part) -> Result<()> {
        self.parts.start_again(part)?;
        self.wait_for(part)
    }

    /// Makes a part hang, connections open and no answer, until `resume`.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn pause(&self, part: Part) -> Result<()> {
        self.parts.signal(part, "STOP")
    }

    /// Lets a part that hangs go on.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn resume(&self, part: Part) -> Result<()> {
        self.parts.signal(part, "CONT")
    }

    /// What a part has said so far.
    #[must_use]
    pub fn log(&self, part: Part) -> String {
        self.parts.log(part)
    }

    /// The parts that are not running although they should be.
    #[must_use]
    pub fn fallen(&self) -> Vec<Part> {
        self.parts.fallen()
    }

    fn run_kubectl(&self, arguments: &[&str], input: Stdio) -> Result<String> {
        let mut command = Command::new(self.site.programs.find("kubectl")?);
        command.arg("--kubeconfig").arg(self.kubeconfig());
        let output = command.args(arguments).stdin(input).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let (words, said) = (arguments.join(" "), said.trim());
        ensure!(output.status.success(), "kubectl {words}: {said}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
