//! Terraform: found on the PATH, never installed. Its makers hand it out by no registry of packages that we build from.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{child, settings};

/// The first with write-only arguments and with mocks that answer at plan time.
const OLDEST: [u32; 2] = [1, 11];

#[derive(Deserialize)]
struct Answer {
    terraform_version: String,
}

/// Finds Terraform, new enough.
///
/// # Errors
/// Says what to install when there is none, or only an older one.
pub fn require() -> Result<PathBuf> {
    let [major, minor] = OLDEST;
    let wanted = format!(
        "Terraform {major}.{minor} or newer is missing: install it from \
         https://developer.hashicorp.com/terraform/install and put it on the PATH"
    );
    let on_path = settings::search_path().into_iter();
    let mut on_path = on_path.map(|folder| folder.join("terraform"));
    let found = on_path
        .find(|path| path.is_file())
        .context(wanted.clone())?;
    let mut asked = Command::new(&found);
    asked.args(["version", "-json"]);
    let answer = child::output(&mut asked)?;
    let answer: Answer = serde_json::from_slice(&answer)
        .with_context(|| format!("{} told no version", found.display()))?;
    let version = answer.terraform_version;
    ensure!(
        is_enough(&version),
        "{wanted}; {} is {version}",
        found.display()
    );
    Ok(found)
}

fn is_enough(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').map_while(|it| it.parse().ok()).collect();
    numbers.len() >= OLDEST.len() && numbers.as_slice() >= OLDEST.as_slice()
}

#[cfg(test)]
mod tests {
    use super::is_enough;

    #[test]
    fn a_terraform_without_write_only_arguments_is_too_old() {
        assert!(!is_enough("1.10.5"));
        assert!(!is_enough("0.15.0"));
        assert!(is_enough("1.11.0"));
        assert!(is_enough("1.11.4"));
        assert!(is_enough("2.0.0"));
    }

    #[test]
    fn a_version_that_is_no_version_is_not_enough() {
        assert!(!is_enough(""));
        assert!(!is_enough("v1"));
    }
}
