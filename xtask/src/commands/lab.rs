//! `cargo xtask lab`: a real Kubernetes with one node on this machine, in a network of its own.

use std::fs::{self, File, TryLockError};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use testkit::lab::{Lab as Cluster, Shape};

use crate::machine::{child, lab, settings};
use crate::terminal::{say, tell};

/// A real Kubernetes with one node, in a network of its own
///
/// Nothing of this machine's network changes. It takes root, and Go for the first time; else it is a control plane without a node,
/// if `KUBEBUILDER_ASSETS` names a folder that has one.
#[derive(Debug, Args)]
pub struct Lab {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Build what is missing and start the cluster; it stays until `down`
    Up,
    /// End the cluster, with everything in it
    Down,
    /// Say whether it runs, and what is in it
    Status,
    /// Print the file that clients reach it with
    Kubeconfig,
    /// Print what images are pushed to, and what their names in a pod begin with
    Registry,
    /// Hold the cluster: what `up` starts in the background
    #[command(hide = true)]
    Hold,
}

/// Where the lab's files lie, while it runs.
pub fn running() -> Option<PathBuf> {
    let place = Place::of_this_user();
    place.running().ok().map(|()| place.0)
}

impl Lab {
    /// Does it.
    pub fn run(self) -> Result<()> {
        let place = Place::of_this_user();
        match self.command {
            Action::Up => place.up(),
            Action::Down => place.down(),
            Action::Status => place.status(),
            Action::Kubeconfig => place.running().map(|()| tell(&place.kubeconfig())),
            Action::Registry => place.registry(),
            Action::Hold => place.hold(),
        }
    }
}

/// Says which registry the running cluster has; empty where it has none.
const REGISTRY: &str = "registry-address";

/// The files with the addresses of what is deployed with the overlay `local`, and the ports of its Services there.
const SERVED: [(&str, u16); 2] = [("api", 30443), ("auth", 30444)];
/// The database and the images of `local-cluster` in opsctl.yaml.
const DATABASE_PORT: u16 = 54329;
const IMAGES_PORT: u16 = 54330;
/// Where a rehearsal of AWS says who a token is.
pub const TOKENS_PORT: u16 = 54344;

/// The one folder of this user's lab.
struct Place(PathBuf);

impl Place {
    fn of_this_user() -> Self {
        Self(settings::tools_folder().with_file_name("lab"))
    }

    fn kubeconfig(&self) -> String {
        self.0.join("kubeconfig").display().to_string()
    }

    fn up(&self) -> Result<()> {
        if self.running().is_ok() {
            say("the lab runs already");
            return self.status();
        }
        lab::require()?;
        let began = Instant::now();
        let _earlier = fs::remove_dir_all(&self.0);
        fs::create_dir_all(&self.0)?;
        let log = File::create(self.0.join("lab.log"))?;
        let mut holder = Command::new(std::env::current_exe()?);
        holder.args(["lab", "hold"]).stdin(Stdio::null());
        holder.stdout(log.try_clone()?).stderr(log);
        let mut holder = holder.process_group(0).spawn()?;
        while !self.0.join("ready").exists() {
            if let Some(ended) = holder.try_wait()? {
                let log = fs::read_to_string(self.0.join("lab.log"))?;
                bail!("the lab did not come up ({ended}):\n{}", log.trim());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        say(&format!(
            "the lab is up after {:.1} s",
            began.elapsed().as_secs_f64()
        ));
        self.status()
    }

    /// Whoever holds the cluster holds the lock with it, and the kernel lets both go.
    fn hold(&self) -> Result<()> {
        let lock = File::create(self.0.join("held"))?;
        lock.try_lock().context("another lab is held")?;
        fs::write(self.0.join("holder"), std::process::id().to_string())?;
        let shape = Shape::of_this_machine()?;
        let cluster = Cluster::start_asking(shape, &self.0, TOKENS_PORT)?;
        self.open_doors(&cluster)?;
        fs::write(self.0.join("ready"), "")?;
        loop {
            std::thread::sleep(Duration::from_secs(5));
            let fallen = cluster.fallen();
            ensure!(fallen.is_empty(), "ended by themselves: {fallen:?}");
        }
    }

    /// Lets images in, the pods of `local-cluster` to their database, and clients of this machine to the pods.
    fn open_doors(&self, cluster: &Cluster) -> Result<()> {
        // Without a node there are no pods.
        if cluster.registry().is_err() {
            return Ok(fs::write(self.0.join(REGISTRY), "")?);
        }
        fs::write(self.0.join(REGISTRY), cluster.open_registry(IMAGES_PORT)?)?;
        cluster.open_outwards(DATABASE_PORT, DATABASE_PORT)?;
        for (name, there) in SERVED {
            let here = cluster.open_inwards(there)?;
            fs::write(self.0.join(name), format!("https://127.0.0.1:{here}"))?;
        }
        Ok(())
    }

    fn running(&self) -> Result<()> {
        let held = File::open(self.0.join("held"));
        let held = held.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
        ensure!(
            held && self.0.join("ready").exists(),
            "the lab is down; start it: cargo xtask lab up"
        );
        Ok(())
    }

    fn registry(&self) -> Result<()> {
        self.running()?;
        let address = fs::read_to_string(self.0.join(REGISTRY))?;
        ensure!(
            !address.is_empty(),
            "the lab has no node, and so no registry"
        );
        tell(&address);
        Ok(())
    }

    fn down(&self) -> Result<()> {
        if self.running().is_ok() {
            let holder = fs::read_to_string(self.0.join("holder"))?;
            child::run(Command::new("kill").args(["-KILL", holder.trim()]))?;
            let began = Instant::now();
            // What was on the leash ends when its holder has, and takes its folder with it.
            while self.has_parts() && began.elapsed() < Duration::from_secs(30) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        let _nothing_left = fs::remove_dir_all(&self.0);
        say("the lab is down");
        Ok(())
    }

    fn has_parts(&self) -> bool {
        let folders = fs::read_dir(&self.0).into_iter().flatten().flatten();
        folders
            .map(|folder| folder.path().join("server.log"))
            .any(|log| log.exists())
    }

    fn status(&self) -> Result<()> {
        self.running()?;
        say(&format!("kubeconfig: {}", self.kubeconfig()));
        let registry = fs::read_to_string(self.0.join(REGISTRY))?;
        if registry.is_empty() {
            say("a control plane without a node: no pod runs");
        } else {
            say(&format!("registry: {registry}"));
            for (name, _) in SERVED {
                let address = fs::read_to_string(self.0.join(name))?;
                say(&format!("{name}, once it is deployed: {address}"));
            }
        }
        let mut kubectl = Command::new(testkit::lab::kubectl()?);
        kubectl.args(["--kubeconfig", &self.kubeconfig(), "get", "nodes,pods"]);
        child::run(kubectl.args(["--all-namespaces", "--output", "wide"]))
    }
}
