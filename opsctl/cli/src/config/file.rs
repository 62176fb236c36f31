//! Finding and reading `opsctl.yaml`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use opsctl_core::environment::{Configuration, Environment, Protection};
use opsctl_core::names::EnvironmentName;
use opsctl_core::{Failure, Result};

use super::meant::meant;

const NAME: &str = "opsctl.yaml";

/// A configuration that was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Its file.
    pub path: PathBuf,
    /// What it says.
    pub configuration: Configuration,
}

impl Loaded {
    /// Reads `given`, or the nearest `opsctl.yaml` here or in a folder above.
    ///
    /// # Errors
    /// When there is none, or it is wrong: the file, the line and what is wrong.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        let path = match given {
            Some(path) => path.to_path_buf(),
            None => nearest()?,
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::usage(format!("can't read {}", path.display())).because(error)
        })?;
        let configuration = parse(&path, &text)?;
        Ok(Self {
            path,
            configuration,
        })
    }

    /// The folder that holds the configuration; relative paths begin there.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf())
    }

    /// The environment that a command is for: the one named, or `local`.
    ///
    /// # Errors
    /// When it does not exist, or is protected and was not named.
    pub fn environment(&self, named: Option<&str>) -> Result<Arc<Environment>> {
        let name = EnvironmentName::new(named.unwrap_or("local"))?;
        let names = || self.configuration.environments.keys();
        let known = || {
            let names: Vec<&str> = names().map(EnvironmentName::as_str).collect();
            names.join(", ")
        };
        let environment = self.configuration.environment(&name).ok_or_else(|| {
            let what = format!("{} has no environment '{name}'", self.path.display());
            let failure = Failure::usage(what);
            let meant = meant(name.as_str(), names().map(EnvironmentName::as_str));
            match meant {
                Some(meant) => failure.hint(format!("did you mean '{meant}'?")),
                None => failure,
            }
            .hint(format!("it has: {}", known()))
        })?;
        if named.is_none() && environment.settings.protection == Protection::Protected {
            return Err(
                Failure::usage(format!("'{name}' is protected: it must be named"))
                    .hint(format!("add --env {name}")),
            );
        }
        Ok(Arc::new(environment))
    }
}

fn nearest() -> Result<PathBuf> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::usage("can't tell the current folder").because(error))?;
    here.ancestors()
        .map(|folder| folder.join(NAME))
        .find(|file| file.is_file())
        .ok_or_else(|| {
            Failure::usage(format!("there is no {NAME} here or in a folder above"))
                .hint("run opsctl in the repository, or give --config FILE")
        })
}

fn parse(path: &Path, text: &str) -> Result<Configuration> {
    let wrong = |error: serde_yaml::Error| {
        let place = error
            .location()
            .map_or(String::new(), |at| format!(":{}", at.line()));
        Failure::usage(format!("{}{place} is wrong", path.display())).because(error)
    };
    // A map would keep the last of two environments with one name, in silence; a document refuses.
    let _document: serde_yaml::Value = serde_yaml::from_str(text).map_err(wrong)?;
    let configuration: Configuration = serde_yaml::from_str(text).map_err(wrong)?;
    if configuration.version != Configuration::VERSION {
        let found = configuration.version;
        return Err(
            Failure::usage(format!("{} has version {found}", path.display())).cause(format!(
                "this opsctl knows version {}",
                Configuration::VERSION
            )),
        );
    }
    requires(path, configuration.requires_opsctl.as_deref())?;
    Ok(configuration)
}

/// `requires_opsctl: 0.2.0` refuses an older opsctl.
fn requires(path: &Path, wanted: Option<&str>) -> Result<()> {
    let Some(wanted) = wanted else { return Ok(()) };
    let own = env!("CARGO_PKG_VERSION");
    let numbers = |text: &str| -> Option<Vec<u64>> {
        text.split('.').map(|part| part.parse().ok()).collect()
    };
    let (Some(least), Some(have)) = (numbers(wanted), numbers(own)) else {
        let what = format!("{}: requires_opsctl is '{wanted}'", path.display());
        return Err(Failure::usage(what).hint("write it as 0.1.0"));
    };
    if have >= least {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{} requires opsctl {wanted} or newer",
        path.display()
    ))
    .cause(format!("this is opsctl {own}"))
    .hint(format!("install opsctl {wanted}")))
}
