//! Looks for secrets that were committed: in the tree as it stands and in every object of the history.
//!
//! Owns what a finding is and how it is excused. Never prints the secret itself: a finding is told by its
//! place and its fingerprint.

mod allowed;
mod history;
mod judgement;
mod rules;

use std::{collections::BTreeSet, fmt};

use anyhow::{Result, bail};

use crate::{checkout::Checkout, terminal::say};
use allowed::Allowed;
use rules::Scanner;

/// A secret at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where: `path:line`, or `path:line in <object>` for the history.
    pub place: String,
    /// The rule that found it.
    pub rule: &'static str,
    /// The first half of the secret's SHA-256: tells two secrets apart without showing either.
    pub fingerprint: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            rule,
            fingerprint,
        } = self;
        write!(f, "{place}: {rule} ({fingerprint})")
    }
}

/// What a scan came to.
struct Scan {
    findings: BTreeSet<Finding>,
    files: usize,
    objects: usize,
}

/// Scans the tree and the history; fails when something is found that `.secrets-allowed` doesn't excuse.
pub fn check(checkout: &Checkout) -> Result<()> {
    let scan = unexcused(checkout)?;
    for finding in &scan.findings {
        say(&finding.to_string());
    }
    match scan.findings.len() {
        0 => say(&format!(
            "no secret in {} files and {} objects of the history",
            scan.files, scan.objects
        )),
        count => bail!(
            "{count} places look like secrets: revoke them, then remove them from the history"
        ),
    }
    Ok(())
}

/// Everything found that nobody excused; an excuse that excuses nothing is an error.
fn unexcused(checkout: &Checkout) -> Result<Scan> {
    let scanner = Scanner::new()?;
    let allowed = Allowed::read(checkout)?;
    let (mut findings, files) = in_tree(checkout, &scanner)?;
    let (old, objects) = history::findings(checkout, &scanner)?;
    findings.extend(old);
    let (excused, findings): (BTreeSet<_>, BTreeSet<_>) = findings
        .into_iter()
        .partition(|finding| allowed.excuses(finding));
    if let Some(unused) = allowed.beyond(&excused).next() {
        bail!(
            "{} excuses {unused}, which is nowhere any more",
            allowed::FILE
        );
    }
    Ok(Scan {
        findings,
        files,
        objects,
    })
}

/// What is found in the files as they stand, and how many were read.
fn in_tree(checkout: &Checkout, scanner: &Scanner) -> Result<(BTreeSet<Finding>, usize)> {
    let files = checkout.files()?;
    let mut findings = BTreeSet::new();
    for file in &files {
        let content = std::fs::read(checkout.root.join(file))?;
        for hit in scanner.hits(&content) {
            findings.insert(hit.at(format!("{file}:{}", hit.line)));
        }
    }
    Ok((findings, files.len()))
}

#[cfg(test)]
mod tests;
