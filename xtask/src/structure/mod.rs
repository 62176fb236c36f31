//! The walls and habits of ARCHITECTURE.md and STYLE.md that no compiler checks, with exact places.

mod arrows;
mod files;
mod map;

use std::fmt;

use anyhow::{Result, bail};

use crate::{checkout::Checkout, terminal::say};

/// A rule that is broken at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, from the root of the clone.
    pub file: String,
    /// The line, from 1; `None` when it is the file as a whole.
    pub line: Option<usize>,
    /// The rule and what breaks it.
    pub rule: String,
}

impl Fault {
    fn of_file(file: &str, rule: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            rule: rule.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.rule),
            None => write!(f, "{}: {}", self.file, self.rule),
        }
    }
}

/// Looks at every Rust file and every dependency between our crates.
pub fn check(checkout: &Checkout) -> Result<()> {
    let mut faults = arrows::faults(&checkout.packages()?, &checkout.root);
    let mut looked_at = 0_usize;
    let all = checkout.files()?;
    let on_map = std::fs::read_to_string(checkout.root.join(map::FILE))?;
    faults.extend(map::faults(&all, &on_map));
    for file in all {
        faults.extend(files::fault_in_name(&file));
        if file.ends_with(".rs") {
            let text = std::fs::read_to_string(checkout.root.join(&file))?;
            faults.extend(files::faults_in(&file, &text));
            looked_at += 1;
        }
    }
    faults.sort();
    for fault in &faults {
        say(&fault.to_string());
    }
    match faults.len() {
        0 => say(&format!("{looked_at} Rust files are as they should be")),
        count => bail!("{count} faults in the structure"),
    }
    Ok(())
}
