//! Lines held beside a simulated world: what holds, what is broken, and what nobody could look at.

mod cluster;
mod drills;
mod estate;
mod web;

use std::collections::BTreeMap;
use std::sync::Arc;

use opsctl_core::conform::{LineReport, Specification, Surroundings, conform, read};
use opsctl_core::environment::WorkloadSettings;
use opsctl_core::manifests::Outputs;
use opsctl_core::ports::{Cluster, Estate, Outside};
use opsctl_core::state::StateStore;
use opsctl_simulation::{MemoryStore, Platform, SimulatedCluster, environment};

/// One environment with a cluster, and nobody outside.
pub struct Place {
    pub platform: Platform,
    pub cluster: SimulatedCluster,
    pub store: Arc<dyn StateStore>,
    pub environment: opsctl_core::environment::Environment,
    pub outside: Result<Arc<dyn Outside>, String>,
    pub estate: Result<Arc<dyn Estate>, String>,
    pub outputs: Result<Outputs, String>,
}

impl Place {
    pub fn new() -> Self {
        let mut environment = environment();
        environment.settings.workloads = Some(WorkloadSettings::on("k8s/overlays/local", "app"));
        Self {
            platform: Platform::new(),
            cluster: SimulatedCluster::default(),
            store: Arc::new(MemoryStore::default()),
            environment,
            outside: Err("no --url was given".into()),
            estate: Err("no account".into()),
            outputs: Err("no file of outputs".into()),
        }
    }

    /// The lines of a list whose chapter is this text.
    pub async fn judged(&self, lines: &str) -> Vec<LineReport> {
        let files = files(lines);
        let specification = specification(&files);
        let world = self.platform.world(&self.store);
        let surroundings = Surroundings {
            world: opsctl_core::ports::World {
                environment: Arc::new(self.environment.clone()),
                ..world
            },
            cluster: Ok(Arc::new(self.cluster.clone()) as Arc<dyn Cluster>),
            outside: self.outside.clone(),
            estate: self.estate.clone(),
            outputs: self.outputs.clone(),
        };
        conform(&files, &specification, &surroundings, |_| true).await
    }
}

pub fn specification(files: &BTreeMap<String, String>) -> Specification {
    read(files).unwrap()
}

/// A list of one chapter, and one file that its lines may look at.
pub fn files(lines: &str) -> BTreeMap<String, String> {
    let contents = "version: 1\ndocument: {title: A document, lines: 9}\ncomponents: components.yaml\n\
                    chapters: [{title: A chapter, file: lines.yaml, lines: [1]}]\n";
    [
        ("conformance.yaml", contents),
        ("components.yaml", "components: []\n"),
        ("lines.yaml", lines),
        ("a.txt", "a word\n"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

/// A line that the repository proves, with this beside it in the world.
pub fn line(id: &str, live: &str) -> String {
    format!(
        "  - {{id: {id}, at: 1, section: A, text: It holds, offline: [text: {{file: a.txt, has: word}}], live: [{live}]}}\n"
    )
}
