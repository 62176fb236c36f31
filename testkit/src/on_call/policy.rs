//! The escalation policy, as `infra/monitoring/escalation.yaml` writes it down.

use std::{collections::BTreeMap, fmt, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

/// The one version that is read.
const VERSION: u32 = 1;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    P1,
    P2,
    P3,
    P4,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// How somebody hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It wakes them.
    Page,
    /// A mail.
    Mail,
    /// A line in the list that is looked through in the morning.
    Review,
}

/// What happens to alerts of one severity.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub by: Way,
    /// Until when somebody must have taken it up; None: nobody has to.
    pub acknowledge_within: Option<Duration>,
    /// Whom, one after the other.
    pub levels: Vec<String>,
}

/// What happens to every alert.
#[derive(Debug, Clone)]
pub struct Policy {
    rules: BTreeMap<Severity, Rule>,
    /// So long without a word from the watchdog is itself an incident.
    pub(super) silence: Duration,
    pub(super) silence_is: Severity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    policies: Vec<WrittenRule>,
    dead_man: WrittenSilence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    severity: Severity,
    by: Way,
    acknowledge_within: Option<String>,
    levels: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSilence {
    silence: String,
    severity: Severity,
}

impl Policy {
    /// Reads and judges it.
    ///
    /// # Errors
    /// When a severity is missing or there twice, when a page is one that nobody has to take up or has nobody else to call, and
    /// when anything but a page escalates.
    pub fn read(text: &str) -> Result<Self> {
        let written: Written = serde_yaml::from_str(text).context("the escalation policy")?;
        let version = written.version;
        ensure!(version == VERSION, "version {version} is not read");
        let mut rules = BTreeMap::new();
        for rule in written.policies {
            let severity = rule.severity;
            let rule = rule.judged().with_context(|| severity.to_string())?;
            let before = rules.insert(severity, rule);
            ensure!(before.is_none(), "{severity} has two policies");
        }
        for severity in Severity::ALL {
            ensure!(rules.contains_key(&severity), "{severity} has no policy");
        }
        Ok(Self {
            rules,
            silence: minutes(&written.dead_man.silence)?,
            silence_is: written.dead_man.severity,
        })
    }

    pub(super) fn of(&self, severity: Severity) -> &Rule {
        &self.rules[&severity]
    }

    /// How somebody hears of alerts of this severity.
    #[must_use]
    pub fn way(&self, severity: Severity) -> Way {
        self.of(severity).by
    }
}

impl WrittenRule {
    fn judged(self) -> Result<Rule> {
        let within = self
            .acknowledge_within
            .as_deref()
            .map(minutes)
            .transpose()?;
        match (self.by, within) {
            (Way::Page, None) => bail!("a page must be taken up within a time"),
            (Way::Page, Some(_)) => {
                ensure!(self.levels.len() > 1, "a page needs somebody else to call");
            }
            (_, Some(_)) => bail!("only a page escalates"),
            (_, None) => ensure!(
                self.levels.len() == 1,
                "one that does not escalate has one level"
            ),
        }
        Ok(Rule {
            by: self.by,
            acknowledge_within: within,
            levels: self.levels,
        })
    }
}

/// `5m`, the one unit that makes sense here.
fn minutes(text: &str) -> Result<Duration> {
    let number = text.strip_suffix('m').and_then(|it| it.parse::<u64>().ok());
    let number = number.with_context(|| format!("'{text}' is not a number of minutes, as 5m"))?;
    ensure!(number > 0, "'{text}' is no time at all");
    Ok(Duration::from_secs(number * 60))
}
