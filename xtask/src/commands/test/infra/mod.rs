//! Terraform without an account: formatted, valid by the AWS provider's own schema, planned beside the specification, and
//! looked at by checkov. Works on the tree as it is and leaves nothing in it.

mod bench;
mod policy;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use regex::Regex;

use crate::{
    checkout::Checkout,
    machine::{aws_schema, child, terraform},
};
use bench::Bench;

/// Where it all lies, from the root of the clone.
const PLACE: &str = "infra/terraform";
/// What may be planned for itself.
const SHELVES: [&str; 2] = ["modules", "environments"];

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
    let checkov = policy::require(&checkout.root.join(PLACE))?;
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
    let mut format = bench.terraform(&root);
    format.args(["fmt", "-check", "-diff", "-recursive"]);
    child::run(&mut format).context("run `terraform fmt -recursive infra/terraform`")?;
    let folders = folders(&root)?;
    let failed = bench.all(&folders);
    let policy = policy::check(&tools.checkov, &root);
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
