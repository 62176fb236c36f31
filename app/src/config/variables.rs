//! Reads variables one by one into types. What cannot be used is noted, and reading goes on: whoever starts the process learns
//! everything at once. A value that was noted is replaced by its default, which nobody gets to see.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::{ConfigError, Findings, Secret};
use crate::secrets::Secrets;

/// What the process was given, and what was found wrong with it so far. An empty variable counts as not set.
pub struct Variables<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    secrets: &'a Secrets,
    findings: RefCell<Vec<ConfigError>>,
}

impl<'a> Variables<'a> {
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>, secrets: &'a Secrets) -> Self {
        Self {
            lookup,
            secrets,
            findings: RefCell::default(),
        }
    }

    /// Notes that something is wrong.
    pub fn find(&self, finding: ConfigError) {
        self.findings.borrow_mut().push(finding);
    }

    pub fn find_invalid(&self, name: &'static str, problem: impl Into<String>) {
        let problem = problem.into();
        self.find(ConfigError::Invalid { name, problem });
    }

    /// Everything that was noted.
    pub fn findings(self) -> Findings {
        Findings(self.findings.into_inner())
    }

    pub fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// From the environment, else from the place for secrets.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.secrets.current(name).cloned()
    }

    /// What `parse` makes of it, or the default.
    pub fn parsed<T>(
        &self,
        name: &str,
        default: T,
        parse: impl Fn(&str) -> Result<T, ConfigError>,
    ) -> T {
        match self.text(name).map(|text| parse(&text)) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(finding)) => {
                self.find(finding);
                default
            }
        }
    }

    pub fn flag(&self, name: &'static str, default: bool) -> bool {
        self.parsed(name, default, |text| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(ConfigError::Invalid {
                name,
                problem: format!("{other:?} is neither true nor false"),
            }),
        })
    }

    pub fn number(&self, name: &'static str, default: u32, range: RangeInclusive<u32>) -> u32 {
        self.parsed(name, default, |text| {
            u32::from_str(text)
                .ok()
                .filter(|number| range.contains(number))
                .ok_or_else(|| {
                    let (low, high) = (range.start(), range.end());
                    let problem = format!("{text:?} is not a number from {low} to {high}");
                    ConfigError::Invalid { name, problem }
                })
        })
    }

    pub fn seconds(&self, name: &'static str, default: u32, most: u32) -> Duration {
        Duration::from_secs(self.number(name, default, 1..=most).into())
    }

    pub fn milliseconds(&self, name: &'static str, default: u32, most: u32) -> Duration {
        Duration::from_millis(self.number(name, default, 1..=most).into())
    }
}
