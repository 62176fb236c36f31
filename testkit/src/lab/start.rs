//! The lab's start, from nothing to everything that answers. What waits for nobody is started first, and waited for last.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::addresses::{DNS_READY_PORT, NODE, PRIVATE_REGISTRY_PORT, REGISTRY_PORT};
use super::cluster::Lab;
use super::credentials::Credentials;
use super::ground::Ground;
use super::http::Question;
use super::images::Image;
use super::parts::{Part, Parts};
use super::programs::{Programs, Shape};
use super::registry::{self, Account, Process, Registry};
use super::site::Site;
use super::waiting::until;
use super::{addons, cgroups, configuration, control_plane, doors, node};

impl Lab {
    /// Starts as much of a cluster as this machine can run and waits for it; what it needs it keeps in the folder.
    ///
    /// # Errors
    /// Says what to install, or names the part that did not come up, with the end of its log.
    pub fn start(folder: &Path) -> Result<Self> {
        Self::start_as(Shape::of_this_machine()?, folder)
    }

    /// Starts a cluster of this shape.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_as(shape: Shape, folder: &Path) -> Result<Self> {
        Self::started(shape, folder, None)
    }

    /// Starts a cluster of this shape that asks a port of this machine who a token is, if it knows none itself: see `Authenticator`.
    ///
    /// # Errors
    /// As `start`.
    pub fn start_asking(shape: Shape, folder: &Path, port: u16) -> Result<Self> {
        Self::started(shape, folder, Some(port))
    }

    fn started(shape: Shape, folder: &Path, tokens: Option<u16>) -> Result<Self> {
        let programs = Programs::for_shape(shape)?;
        let ground = match shape {
            Shape::Node => Ground::apart(&folder.join("namespace"))?,
            Shape::ControlPlane => Ground::loopback()?,
        };
        let credentials = Credentials::create(&folder.join("credentials"), &ground.api())?;
        let lab = Self {
            parts: Parts::below(folder.to_owned()),
            registries: registries(&ground)?,
            site: Site {
                ground,
                programs,
                credentials,
                folder: folder.to_owned(),
                tokens,
            },
        };
        if let Some(port) = tokens.filter(|_| lab.site.ground.is_apart()) {
            lab.open_outwards(port, port)?;
        }
        let outside = lab.site.credentials.kubeconfig("administrator", &lab.url());
        fs::write(lab.kubeconfig(), outside)?;
        match shape {
            Shape::Node => lab.start_everything()?,
            Shape::ControlPlane => lab.start_control_plane()?,
        }
        for part in Part::WAITED_FOR.into_iter().filter(|part| lab.has(*part)) {
            lab.wait_for(part)?;
        }
        Ok(lab)
    }

    fn start_everything(&self) -> Result<()> {
        let (site, parts) = (&self.site, &self.parts);
        let folder = self.node_folder();
        node::configure(site, &folder, &cgroups::create()?)?;
        parts.launch(Part::Containerd, node::containerd(site, &folder)?)?;
        self.start_registries()?;
        self.start_control_plane()?;
        for (part, command) in [
            (Part::Scheduler, control_plane::scheduler(site)?),
            (Part::Kubelet, node::kubelet(site, &folder)?),
            (Part::Proxy, node::proxy(site)?),
        ] {
            parts.launch(part, command)?;
        }
        self.start_addons()?;
        let pause = folder.join("pause.tar");
        Image::of(&site.programs.find("pause")?)?.archive(&pause, configuration::PAUSE)?;
        self.wait_for(Part::Containerd)?;
        self.load(&pause)
    }

    fn start_addons(&self) -> Result<()> {
        let (site, parts) = (&self.site, &self.parts);
        self.apply(&addons::manifests())?;
        let dns = addons::dns(site, &parts.folder(Part::Dns))?;
        parts.launch(Part::Dns, dns)?;
        // It gives up where it may not read this, and the API server learns of a role a moment after it was made.
        until("metrics-server may read whom to trust", || {
            let words = ["auth", "can-i", "get", "--as=metrics"];
            let what = "configmap/extension-apiserver-authentication";
            let asked = [&words[..], &["--namespace=kube-system", what]].concat();
            Ok(self.kubectl(&asked).is_ok())
        })?;
        let metrics = addons::metrics(site, &parts.folder(Part::Metrics))?;
        parts.launch(Part::Metrics, metrics)
    }

    fn start_control_plane(&self) -> Result<()> {
        let (site, parts) = (&self.site, &self.parts);
        let etcd = control_plane::etcd(site, &parts.folder(Part::Etcd))?;
        parts.launch(Part::Etcd, etcd)?;
        parts.launch(Part::ApiServer, control_plane::api(site)?)?;
        self.wait_for(Part::ApiServer)?;
        // Who makes a control plane for tests often leaves them out.
        if site.programs.find("kube-controller-manager").is_ok() {
            parts.launch(Part::Controllers, control_plane::controllers(site)?)?;
        }
        Ok(())
    }

    fn start_registries(&self) -> Result<()> {
        let namespace = self.site.ground.namespace()?;
        let program = self.site.programs.find("registry")?;
        let images = self.site.folder.join("images");
        for (part, port, registry) in [
            (Part::Registry, REGISTRY_PORT, self.registry()?),
            (
                Part::PrivateRegistry,
                PRIVATE_REGISTRY_PORT,
                self.private_registry()?,
            ),
        ] {
            registry.introduce(&self.node_folder(), port)?;
            let process = Process {
                program: &program,
                images: &images,
                port,
                account: registry.account(),
            };
            let command = process.command(namespace, &self.parts.folder(part))?;
            self.parts.launch(part, command)?;
        }
        Ok(())
    }

    /// Waits until a part answers as it should.
    ///
    /// # Errors
    /// When it ends instead or does not answer; with the end of its log.
    pub fn wait_for(&self, part: Part) -> Result<()> {
        self.parts.wait_for(part, || self.answers(part))
    }

    fn answers(&self, part: Part) -> Result<bool> {
        Ok(match part {
            Part::ApiServer => self.kubectl(&["get", "--raw", "/readyz"]).is_ok(),
            Part::Containerd => {
                let mut ctr = node::ctr(&self.site)?;
                ctr.arg("version").output()?.status.success()
            }
            Part::Kubelet => self.is_true("nodes", "{.items[*].status", "Ready"),
            Part::Metrics => {
                self.is_true("apiservice/v1beta1.metrics.k8s.io", "{.status", "Available")
            }
            Part::Dns => {
                let namespace = self.site.ground.namespace()?;
                let connection = namespace.connect(DNS_READY_PORT);
                let answer = connection.and_then(|it| Question::get("/ready").ask(it, NODE));
                answer.is_ok_and(|answer| answer.status == 200)
            }
            Part::Registry => registry::answers(self.site.ground.namespace()?, REGISTRY_PORT),
            Part::PrivateRegistry => {
                registry::answers(self.site.ground.namespace()?, PRIVATE_REGISTRY_PORT)
            }
            // Without it no pod is let in.
            Part::Controllers => self.kubectl(&["get", "serviceaccount/default"]).is_ok(),
            Part::Etcd | Part::Scheduler | Part::Proxy => true,
        })
    }

    /// Whether a condition holds. The API server may be busy with other things.
    fn is_true(&self, of: &str, status: &str, condition: &str) -> bool {
        let path = format!("jsonpath={status}.conditions[?(@.type==\"{condition}\")].status}}");
        let said = self.kubectl(&["get", of, "--output", &path]);
        said.is_ok_and(|said| said == "True")
    }

    pub(super) fn node_folder(&self) -> PathBuf {
        self.site.folder.join("node")
    }
}

/// The open one and the private one, where there is a node to pull from them.
fn registries(ground: &Ground) -> Result<Vec<Registry>> {
    if !ground.is_apart() {
        return Ok(Vec::new());
    }
    let namespace = ground.namespace()?;
    let account = Account {
        name: "of-the-lab",
        password: uuid::Uuid::new_v4().simple().to_string(),
    };
    Ok(vec![
        Registry::new(doors::inwards(namespace, REGISTRY_PORT)?, None),
        Registry::new(
            doors::inwards(namespace, PRIVATE_REGISTRY_PORT)?,
            Some(account),
        ),
    ])
}
