//! The lab itself: what a cluster with a node does, what one without does, and that nothing is left of either.

mod control_plane;
mod on_the_node;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tempfile::TempDir;
use testkit::lab::{Image, Lab, Shape};

/// A lab, and then its folder.
struct Cluster {
    lab: Lab,
    folder: TempDir,
}

impl Cluster {
    fn start(shape: Shape) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let lab = Lab::start_as(shape, folder.path())?;
        Ok(Self { lab, folder })
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One for all tests that run at the same time and leave it as it is; it ends with the last of them.
    fn shared() -> Result<Arc<Self>> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Ok(running);
        }
        let started = Arc::new(Self::start(Shape::Node)?);
        *shared = Arc::downgrade(&started);
        Ok(started)
    }

    /// Pushes the image of the program that pods of the tests run; returns what a pod calls it.
    fn push_probe(&self, tag: &str) -> Result<String> {
        let image = Image::of(&program("probe"))?;
        self.lab.registry()?.push(&image, &format!("probe:{tag}"))
    }

    /// Runs a pod to the phase in which it ends; returns what it said.
    fn run(&self, name: &str, image: &str, words: &[&str], phase: &str) -> Result<String> {
        let image = format!("--image={image}");
        let run = ["run", name, &image, "--restart=Never", "--"];
        self.lab.kubectl(&[&run[..], words].concat())?;
        self.lab.kubectl(&[
            "wait",
            &format!("pod/{name}"),
            &format!("--for=jsonpath={{.status.phase}}={phase}"),
            "--timeout=100s",
        ])?;
        self.lab.kubectl(&["logs", name])
    }
}

fn program(name: &str) -> PathBuf {
    testkit::lab::tools_folder().join(name)
}

/// Asks until the answer is yes.
fn wait_until(what: &str, mut asked: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !asked()? {
        ensure!(Instant::now() < deadline, "it never came to pass: {what}");
        std::thread::yield_now();
    }
    Ok(())
}
