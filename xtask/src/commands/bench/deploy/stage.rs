//! Everything the measured tools need: a cluster with an image, a namespace and a folder each, the programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use serde_json::json;
use testkit::files::TempDir;
use testkit::lab::{Image, Lab, tools_folder};

use super::tool::Tool;
use crate::checkout::Checkout;
use crate::machine::{child, helm, kubectl, lab};
use crate::terminal::say;

/// After this helm and kubectl give up on a roll-out.
pub const TIME_OUT: &str = "60s";
/// The environment and folder of one workload.
pub const ONE: &str = "one";
/// Those of many objects.
pub const MANY: &str = "many";
const IMAGE: &str = "probe:v1.0.0";
const CHART: &str = "{apiVersion: v2, name: bench, version: 1.0.0}";

/// The stage.
pub struct Stage {
    pub lab: Lab,
    /// What pods call the image.
    pub image: String,
    opsctl: PathBuf,
    kubectl: PathBuf,
    helm: PathBuf,
    folder: TempDir,
}

impl Stage {
    /// Builds and starts what is missing.
    pub fn set(checkout: &Checkout) -> Result<Self> {
        lab::require()?;
        let build = ["build", "--release", "--locked", "--package", "opsctl"];
        child::run(&mut checkout.cargo(build))?;
        let (kubectl, helm) = (kubectl::require()?, helm::require()?);
        say("starting a cluster …");
        let folder = TempDir::new()?;
        let lab = Lab::start(&folder.path().join("lab"))?;
        let image = Image::of(&tools_folder().join("probe"))?;
        let stage = Self {
            image: lab.registry()?.push(&image, IMAGE)?,
            lab,
            opsctl: checkout.optimised_folder()?.join("opsctl"),
            kubectl,
            helm,
            folder,
        };
        stage.furnish()?;
        Ok(stage)
    }

    fn furnish(&self) -> Result<()> {
        let environment = |manifests: &str, namespace: &str| {
            json!({"database": {"engine": "sqlite"},
                "images": {"repository": self.image.trim_end_matches(":v1.0.0")},
                "workloads": {"manifests": manifests, "namespace": namespace, "kubeconfig": self.lab.kubeconfig()}})
        };
        let many = format!("{}-{MANY}", Tool::Opsctl.namespace());
        let configuration = json!({"version": 1, "environments": {
            ONE: environment("opsctl/one", Tool::Opsctl.namespace()), MANY: environment("opsctl/many", &many)}});
        self.write("opsctl.yaml", &configuration.to_string())?;
        for tool in Tool::ALL {
            let name = tool.namespace();
            for name in [name.to_owned(), format!("{name}-{MANY}")] {
                self.lab.kubectl(&["create", "namespace", &name])?;
            }
        }
        for environment in [ONE, MANY] {
            let mut migrate = self.command(&self.opsctl);
            child::output(migrate.args(["--env", environment, "migrate", "up", "--yes"]))?;
        }
        Ok(())
    }

    /// What everybody is to deploy next, under `one` or `many`; images stand in it as `app`.
    pub fn furnish_with(&self, what: &str, text: &str) -> Result<()> {
        let whole = text.replace("\"app:\"", &format!("\"{}\"", self.image));
        let kustomization = json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "namespace": namespace(Tool::Opsctl, what), "resources": ["all.yaml"]});
        self.write(
            &format!("opsctl/{what}/kustomization.yaml"),
            &kustomization.to_string(),
        )?;
        self.write(
            &format!("opsctl/{what}/all.yaml"),
            &text.replace("\"app:\"", "\"app\""),
        )?;
        self.write(&format!("kubectl/{what}.yaml"), &whole)?;
        self.write(&format!("helm/{what}/Chart.yaml"), CHART)?;
        self.write(&format!("helm/{what}/templates/all.yaml"), &whole)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(self.folder.path()))?;
        Ok(fs::write(path, text)?)
    }

    /// The commands by which a tool deploys and waits until it serves.
    pub fn deploys(&self, tool: Tool, what: &str) -> Vec<Command> {
        let namespace = namespace(tool, what);
        match tool {
            Tool::Opsctl => vec![self.opsctl(what, &["deploy", "v1.0.0", "--yes"])],
            Tool::Kubectl => {
                let mut all = vec![self.kubectl(&["apply", "--filename"], what)];
                if what == ONE {
                    let mut wait = self.command(&self.kubectl);
                    wait.args(["rollout", "status", "deployment/web", "--timeout", TIME_OUT]);
                    wait.args(["--namespace", &namespace]);
                    all.push(wait);
                }
                all
            }
            Tool::Helm => {
                let mut helm = self.command(&self.helm);
                helm.args(["upgrade", "--install", "bench", &format!("helm/{what}")]);
                helm.args(["--namespace", &namespace, "--wait", "--timeout", TIME_OUT]);
                vec![helm]
            }
        }
    }

    /// kubectl's way to see first what would change.
    pub fn difference(&self, what: &str) -> Command {
        self.kubectl(&["diff", "--filename"], what)
    }

    /// opsctl with these words.
    pub fn opsctl(&self, environment: &str, words: &[&str]) -> Command {
        let mut opsctl = self.command(&self.opsctl);
        opsctl
            .args(["--env", environment, "--output", "json"])
            .args(words);
        opsctl
    }

    /// A watch on the states of the containers in a namespace: a line a change.
    pub fn states(&self, namespace: &str) -> Command {
        let mut watch = self.command(&self.kubectl);
        watch.args([
            "get",
            "pods",
            "--watch",
            "--namespace",
            namespace,
            "--output",
        ]);
        watch.arg("jsonpath={.status.containerStatuses[*].state}{\"\\n\"}");
        watch
    }

    fn kubectl(&self, words: &[&str], what: &str) -> Command {
        let mut kubectl = self.command(&self.kubectl);
        kubectl.args(words).arg(format!("kubectl/{what}.yaml"));
        kubectl.args(["--namespace", &namespace(Tool::Kubectl, what)]);
        kubectl
    }

    /// With a home of its own: what it keeps of the cluster stays from run to run, and nothing of it on the machine.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path());
        command.env("HOME", self.folder.path());
        command.env("KUBECONFIG", self.lab.kubeconfig());
        command
    }
}

/// Where a tool's objects are.
pub fn namespace(tool: Tool, what: &str) -> String {
    match what {
        MANY => format!("{}-{MANY}", tool.namespace()),
        _ => tool.namespace().to_owned(),
    }
}
