//! The excuses: findings that are no secrets, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::Finding;
use crate::checkout::Checkout;

/// The file of excuses: `<fingerprint> <reason>` a line, `#` begins a remark.
pub const FILE: &str = ".secrets-allowed";

/// What is excused: fingerprint to reason.
#[derive(Debug, Default)]
pub struct Allowed(BTreeMap<String, String>);

impl Allowed {
    /// Reads the file; a clone without one excuses nothing.
    pub fn read(checkout: &Checkout) -> Result<Self> {
        match std::fs::read_to_string(checkout.root.join(FILE)) {
            Ok(text) => Self::parse(&text).context(FILE),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).context(FILE),
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let excuse = |line: &str| {
            let (fingerprint, reason) = line.split_once(' ').unwrap_or((line, ""));
            ensure!(!reason.trim().is_empty(), "{fingerprint} has no reason");
            Ok((fingerprint.to_owned(), reason.trim().to_owned()))
        };
        Ok(Self(lines.map(excuse).collect::<Result<_>>()?))
    }

    /// Whether the finding is excused.
    pub fn excuses(&self, finding: &Finding) -> bool {
        self.0.contains_key(&finding.fingerprint)
    }

    /// The excuses that excused nothing.
    pub fn beyond<'a>(
        &'a self,
        excused: &'a BTreeSet<Finding>,
    ) -> impl Iterator<Item = &'a String> {
        let is_used = |fingerprint: &str| excused.iter().any(|it| it.fingerprint == fingerprint);
        self.0
            .keys()
            .filter(move |fingerprint| !is_used(fingerprint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excuse_without_a_reason_is_refused() {
        assert!(Allowed::parse("# remark\n\nabc a key that the vendor prints\n").is_ok());
        assert!(Allowed::parse("abc\n").is_err());
    }
}
