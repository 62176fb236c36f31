//! Terraform at work on one folder after the other: validated, and its tests run. What it keeps lies outside the tree.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use testkit::files::TempDir;

use super::Tools;
use crate::{machine::child, terminal::say};

/// As many as are looked at at once: each plan keeps one processor busy.
const AT_ONCE: usize = 2;

/// What Terraform keeps while it works, outside the tree.
pub struct Bench<'a> {
    tools: &'a Tools,
    types: String,
    data: TempDir,
    settings: PathBuf,
}

impl<'a> Bench<'a> {
    /// A bench for a provider that serves `types` alone.
    pub fn new(tools: &'a Tools, types: String) -> Result<Self> {
        let data = TempDir::new()?;
        let settings = data.path().join("terraformrc");
        // An override asks no registry and writes no lock file, which would name a provider that nobody published.
        let provider = tools.provider.display();
        let text = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"hashicorp/aws\" = \"{provider}\"\n  }}\n}}\n"
        );
        fs::write(&settings, text)?;
        Ok(Self {
            tools,
            types,
            data,
            settings,
        })
    }

    /// Looks at the folders, some at once; the names of those that failed.
    pub fn all(&self, folders: &[PathBuf]) -> Vec<String> {
        let waiting = Mutex::new(folders.iter());
        let next = || waiting.lock().ok().and_then(|mut it| it.next());
        let work = || {
            let mut failed = Vec::new();
            while let Some(folder) = next() {
                let name = name(folder);
                match self.one(folder) {
                    Ok(passed) => say(&format!("{name}: valid, {passed} runs passed")),
                    Err(why) => {
                        say(&format!("{name}: {why:#}"));
                        failed.push(name);
                    }
                }
            }
            failed
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            let ended = workers.into_iter().map(|worker| worker.join());
            ended
                .flat_map(|failed| failed.unwrap_or_else(|_| vec!["a worker".to_owned()]))
                .collect()
        })
    }

    /// Validates one folder and runs its tests; how many of them passed.
    fn one(&self, folder: &Path) -> Result<u32> {
        self.told(folder, &["get"])?;
        // Terraform validates no module alone that is handed a second provider; its tests do.
        if !is_handed_providers(folder) {
            self.told(folder, &["validate"])?;
        }
        let told = self.told(folder, &["test"])?;
        let passed = passed(&told);
        ensure!(passed > 0, "has no test: write tests/*.tftest.hcl");
        Ok(passed)
    }

    /// Terraform in a folder, with the provider that knows the schema.
    pub fn terraform(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.tools.terraform);
        command.current_dir(folder);
        command.env("TF_CLI_CONFIG_FILE", &self.settings);
        command.env("TF_DATA_DIR", self.data.path().join(name(folder)));
        command.env("AWS_SCHEMA_ONLY", &self.types);
        command.env("CHECKPOINT_DISABLE", "1");
        command
    }

    /// What it prints, when all goes well.
    fn told(&self, folder: &Path, words: &[&str]) -> Result<String> {
        let mut command = self.terraform(folder);
        command.args(words).arg("-no-color");
        let output = command
            .output()
            .with_context(|| format!("cannot start {}", child::told(&command)))?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            bail!(
                "terraform {} failed\n{told}\n{}",
                words.join(" "),
                why.trim_end()
            );
        }
        Ok(told)
    }
}

/// Whether the module is given more providers than its own.
fn is_handed_providers(folder: &Path) -> bool {
    let versions = fs::read_to_string(folder.join("versions.tf"));
    versions.is_ok_and(|text| text.contains("configuration_aliases"))
}

/// A folder's shelf and name, as one word.
fn name(folder: &Path) -> String {
    let part = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    format!("{}-{}", part(folder.parent()), part(Some(folder)))
}

/// How many runs the last line of `terraform test` says passed.
fn passed(told: &str) -> u32 {
    let last = told
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("Success! "));
    let number = last.and_then(|line| line.split_whitespace().next());
    number.and_then(|it| it.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_tells_how_many_runs_passed() {
        let told = "a.tftest.hcl... pass\n\nSuccess! 12 passed, 0 failed.\n";
        assert_eq!(passed(told), 12);
    }

    #[test]
    fn a_folder_without_tests_has_none_that_passed() {
        assert_eq!(passed("Success! 0 passed, 0 failed.\n"), 0);
        assert_eq!(passed(""), 0);
    }

    #[test]
    fn a_module_and_an_environment_never_share_a_name() {
        assert_eq!(
            name(Path::new("infra/terraform/modules/waf")),
            "modules-waf"
        );
        assert_eq!(
            name(Path::new("infra/terraform/environments/staging")),
            "environments-staging"
        );
    }
}
