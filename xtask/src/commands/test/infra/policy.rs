//! checkov over all of Terraform, with rules of ours for lines of the specification; and the proof that each of these rules finds
//! what it is for. Never asks anybody outside.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use regex::Regex;

use crate::machine::{child, python};

/// Rules of ours, what is set aside of others, and what is broken on purpose.
const POLICY: &str = "policy";

/// Installs checkov where it is missing.
pub fn require(root: &Path) -> Result<PathBuf> {
    Ok(python::environment("checkov", &root.join(POLICY))?.join("checkov"))
}

/// Looks at everything below `root`, then at what is broken on purpose.
pub fn check(checkov: &Path, root: &Path) -> Result<()> {
    let policy = root.join(POLICY);
    let mut whole = looking(checkov, &policy);
    whole.current_dir(root).args(["--skip-path", POLICY]);
    child::run(whole.args(["--directory", "."]))?;
    let mut broken = looking(checkov, &policy);
    broken.args(["--soft-fail", "--output", "json", "--directory"]);
    let told = child::output(broken.arg(policy.join("broken")))?;
    let told = String::from_utf8_lossy(&told);
    let idle: Vec<String> = ours(&policy.join("rules"))?
        .into_iter()
        .filter(|rule| !told.contains(&format!("\"{rule}\"")))
        .collect();
    ensure!(
        idle.is_empty(),
        "these rules find nothing in infra/terraform/policy/broken: {}",
        idle.join(", ")
    );
    Ok(())
}

fn looking(checkov: &Path, policy: &Path) -> Command {
    let mut command = Command::new(checkov);
    command
        .arg("--config-file")
        .arg(policy.join("checkov.yaml"));
    command
        .arg("--external-checks-dir")
        .arg(policy.join("rules"));
    command
}

/// The ids of our rules, one a file.
fn ours(rules: &Path) -> Result<BTreeSet<String>> {
    let id = Regex::new("(?m)^  id: (CKV2_SPEC_[0-9]+)$")?;
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(rules).with_context(|| rules.display().to_string())? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let id = id
            .captures(&text)
            .with_context(|| format!("{} has no id", path.display()))?;
        ensure!(
            found.insert(id[1].to_owned()),
            "{} is the id of two rules",
            &id[1]
        );
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(files: &[(&str, &str)]) -> Result<BTreeSet<String>> {
        let folder = tempfile::tempdir()?;
        for (name, text) in files {
            fs::write(folder.path().join(name), text)?;
        }
        ours(folder.path())
    }

    #[test]
    fn each_rule_is_known_by_its_id() -> Result<()> {
        let one = ("a.yaml", "metadata:\n  id: CKV2_SPEC_1\n");
        let two = ("b.yaml", "metadata:\n  id: CKV2_SPEC_12\n");
        let found = rules(&[one, two])?;
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["CKV2_SPEC_1", "CKV2_SPEC_12"]
        );
        Ok(())
    }

    #[test]
    fn an_id_twice_and_a_rule_without_one_are_refused() {
        let one = ("a.yaml", "metadata:\n  id: CKV2_SPEC_1\n");
        assert!(rules(&[one, ("b.yaml", one.1)]).is_err());
        assert!(rules(&[("c.yaml", "metadata:\n")]).is_err());
    }
}
