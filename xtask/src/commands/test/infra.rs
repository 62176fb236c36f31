//! Terraform without an account: formatted, valid by the AWS provider's own schema, planned beside the specification, and
//! looked at by checkov. Works on the tree as it is and leaves nothing in it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use testkit::files::TempDir;

use crate::{
    checkout::Checkout,
    machine::{aws_schema, child, python, terraform},
    terminal::say,
};

/// Where it all lies, from the root of the clone.
const PLACE: &str = "infra/terraform";
/// What may be planned for itself.
const SHELVES: [&str; 2] = ["modules", "environments"];
/// Rules of ours for checkov, and which of its own we set aside.
const POLICY: &str = "policy";
/// As many as are looked at at once: each plan keeps one processor busy.
const AT_ONCE: usize = 2;

/// What the part works with.
#[derive(Debug)]
pub struct Tools {
    terraform: PathBuf,
    /// The folder of the provider that knows the schema.
    provider: PathBuf,
    checkov: PathBuf,
}

/// Finds Terraform, builds the provider, installs checkov.
pub fn require(checkout: &Checkout) -> Result<Tools> {
    let terraform = terraform::require()?;
    let provider = aws_schema::require()?;
    let policy = checkout.root.join(PLACE).join(POLICY);
    let checkov = python::environment("checkov", &policy)?.join("checkov");
    Ok(Tools {
        terraform,
        provider,
        checkov,
    })
}

/// Looks at everything; every folder that fails is told, not the first alone.
pub fn check(checkout: &Checkout, tools: &Tools) -> Result<()> {
    let root = checkout.root.join(PLACE);
    let bench = Bench::new(tools, types(checkout)?)?;
    let mut format = Command::new(&tools.terraform);
    format.args(["fmt", "-check", "-diff", "-recursive"]);
    child::run(format.arg(&root)).context("run `terraform fmt -recursive infra/terraform`")?;
    let folders = folders(&root)?;
    let failed = bench.all(&folders);
    let policy = checkov(tools, &root);
    ensure!(failed.is_empty(), "these failed: {}", failed.join(", "));
    policy
}

/// Every folder that Terraform can be run in.
fn folders(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for shelf in SHELVES {
        let shelf = root.join(shelf);
        let listed = fs::read_dir(&shelf).with_context(|| shelf.display().to_string())?;
        for entry in listed {
            let path = entry?.path();
            if path.is_dir() {
                found.push(path);
            }
        }
    }
    found.sort();
    ensure!(!found.is_empty(), "no module lies in {}", root.display());
    Ok(found)
}

/// Every word that may name a type of AWS. The provider serves these alone: all two thousand take a second at every run.
fn types(checkout: &Checkout) -> Result<String> {
    let word = Regex::new("aws_[a-z0-9_]+")?;
    let mut found = BTreeSet::new();
    for file in checkout.files()? {
        let ours = file.starts_with(PLACE) && (file.ends_with(".tf") || file.ends_with(".hcl"));
        if ours && checkout.root.join(&file).is_file() {
            let text = fs::read_to_string(checkout.root.join(&file))?;
            found.extend(word.find_iter(&text).map(|it| it.as_str().to_owned()));
        }
    }
    Ok(found.into_iter().collect::<Vec<_>>().join(" "))
}

/// What Terraform keeps while it works, outside the tree.
struct Bench<'a> {
    tools: &'a Tools,
    types: String,
    data: TempDir,
    settings: PathBuf,
}

impl<'a> Bench<'a> {
    fn new(tools: &'a Tools, types: String) -> Result<Self> {
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
    fn all(&self, folders: &[PathBuf]) -> Vec<String> {
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
        self.terraform(folder, &["get"])?;
        self.terraform(folder, &["validate"])?;
        let told = self.terraform(folder, &["test"])?;
        let passed = passed(&told);
        ensure!(passed > 0, "has no test: write tests/*.tftest.hcl");
        Ok(passed)
    }

    fn terraform(&self, folder: &Path, words: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.tools.terraform);
        command.current_dir(folder).args(words).arg("-no-color");
        command.env("TF_CLI_CONFIG_FILE", &self.settings);
        command.env("TF_DATA_DIR", self.data.path().join(name(folder)));
        command.env("AWS_SCHEMA_ONLY", &self.types);
        command.env("CHECKPOINT_DISABLE", "1");
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

fn checkov(tools: &Tools, root: &Path) -> Result<()> {
    let policy = root.join(POLICY);
    let mut command = Command::new(&tools.checkov);
    command.current_dir(root);
    command
        .arg("--config-file")
        .arg(policy.join("checkov.yaml"));
    command
        .arg("--external-checks-dir")
        .arg(policy.join("rules"));
    child::run(command.args(["--directory", "."]))
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
