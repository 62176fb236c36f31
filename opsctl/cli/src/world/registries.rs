//! The registries, with what `docker login` left behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use opsctl_aws::{Aws, EcrLogins, OfEcr, Side};
use opsctl_core::environment::{Configuration, EnvironmentSettings};
use opsctl_core::image::Repository;
use opsctl_core::ports::Registry;
use opsctl_core::{Failure, Result};
use opsctl_registry::{DockerConfig, RegistryClient};

use crate::config;

/// A client of all registries. Nothing is read or connected before a question is asked.
#[must_use]
pub fn registry(configuration: &Configuration) -> Arc<dyn Registry> {
    let logins = Arc::new(EcrLogins::of(in_aws(configuration)));
    Arc::new(RegistryClient::new(docker_config).with(logins))
}

/// The registries of environments in AWS, with the account of each: at home, and where images are replicated to.
fn in_aws(configuration: &Configuration) -> Vec<OfEcr> {
    let environments = configuration.environments.values();
    environments.flat_map(of_one).collect()
}

fn of_one(environment: &EnvironmentSettings) -> Vec<OfEcr> {
    let Some(aws) = &environment.aws else {
        return Vec::new();
    };
    let of = |repository: &Repository, side| {
        let registry = repository.registry().to_owned();
        (registry, Aws::of(aws), side)
    };
    let images = environment.images.iter();
    let home = images.map(|images| of(&images.repository, Side::Home));
    let workloads = environment.workloads.iter();
    let abroad = workloads.filter_map(|workloads| workloads.abroad.as_ref());
    let abroad = abroad.map(|abroad| of(&abroad.repository, Side::Backup));
    home.chain(abroad).collect()
}

fn docker_config() -> Result<DockerConfig> {
    let Some(file) = place() else {
        return Ok(DockerConfig::default());
    };
    let shown = file.display();
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let parsed = DockerConfig::parse(&text);
            parsed.map_err(|failure| failure.in_context(format!("{shown} is wrong")))
        }
        // Public images need nobody's name.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(DockerConfig::default()),
        Err(error) => Err(Failure::usage(format!("can't read {shown}")).because(error)),
    }
}

fn place() -> Option<PathBuf> {
    let named = config::read("DOCKER_CONFIG").map(PathBuf::from);
    let own = || config::read("HOME").map(|home| Path::new(&home).join(".docker"));
    Some(named.or_else(own)?.join("config.json"))
}
