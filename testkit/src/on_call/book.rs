//! What is open, who was called and when. Pure: time is an argument of everything.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::{
    clock::Moment,
    policy::{Policy, Severity, Way},
    webhook::{Alert, Status},
};

/// The alert that fires always.
const WATCHDOG: &str = "Watchdog";

/// Somebody was called, written to, or put down for the morning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When.
    pub at: Moment,
    /// The alert.
    pub alert: String,
    /// What it is known by.
    pub incident: String,
    /// How bad it is.
    pub severity: Severity,
    /// How.
    pub by: Way,
    /// Whom.
    pub whom: String,
    /// What they were told.
    pub summary: String,
}

/// Nothing of that name waits for anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOpen(pub String);

#[derive(Debug)]
struct Incident {
    alert: String,
    severity: Severity,
    summary: String,
    /// Called so far.
    levels: usize,
    called: Moment,
    taken_up_by: Option<String>,
}

/// The book.
#[derive(Debug)]
pub struct Book {
    policy: Policy,
    open: BTreeMap<String, Incident>,
    calls: Vec<Call>,
    heard: Moment,
    words: usize,
}

impl Book {
    /// Empty, opened at the moment 0.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            open: BTreeMap::new(),
            calls: Vec::new(),
            heard: Moment::ZERO,
            words: 0,
        }
    }

    /// An alert came in. The same one again calls nobody twice; one that is over calls nobody any more.
    pub fn take(&mut self, now: Moment, alert: &Alert) {
        self.pass(now);
        if alert.name() == WATCHDOG {
            self.heard = now;
            self.words += 1;
            self.open.remove(WATCHDOG);
            return;
        }
        match alert.status {
            Status::Resolved => drop(self.open.remove(&alert.fingerprint)),
            Status::Firing if self.open.contains_key(&alert.fingerprint) => {}
            Status::Firing => {
                let incident = Incident::new(alert.name(), alert.severity(), alert.summary());
                self.begin(now, &alert.fingerprint, incident);
            }
        }
    }

    /// Somebody takes it up: nobody else is called.
    ///
    /// # Errors
    /// When nothing of that name is open.
    pub fn acknowledge(&mut self, now: Moment, incident: &str, who: &str) -> Result<(), NotOpen> {
        self.pass(now);
        let found = self.open.get_mut(incident);
        let found = found.ok_or_else(|| NotOpen(incident.to_owned()))?;
        found.taken_up_by.get_or_insert_with(|| who.to_owned());
        Ok(())
    }

    /// Time goes by: whoever is due is called, at the moment they were due.
    pub fn pass(&mut self, now: Moment) {
        let silent_at = self.heard + self.policy.silence;
        if now >= silent_at && !self.open.contains_key(WATCHDOG) {
            let summary = "no word from the watchdog: nobody watches";
            let incident = Incident::new(WATCHDOG, self.policy.silence_is, summary);
            self.begin(silent_at, WATCHDOG, incident);
        }
        while let Some((due, name)) = self.next_due().filter(|(due, _)| *due <= now) {
            self.call(due, &name);
        }
    }

    /// Everybody who was called, in the order in which they were.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// What is open, and who took it up.
    pub fn open(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let open = self.open.iter();
        open.map(|(name, incident)| (name.as_str(), incident.taken_up_by.as_deref()))
    }

    /// How often the watchdog was heard.
    #[must_use]
    pub fn words_of_the_watchdog(&self) -> usize {
        self.words
    }

    /// The names of the alerts that are open.
    pub fn alerts(&self) -> impl Iterator<Item = &str> {
        self.open.values().map(|incident| incident.alert.as_str())
    }

    fn begin(&mut self, now: Moment, name: &str, incident: Incident) {
        self.open.insert(name.to_owned(), incident);
        self.call(now, name);
    }

    /// Who waits shortest for the next call.
    fn next_due(&self) -> Option<(Moment, String)> {
        let due = self.open.iter().filter_map(|(name, incident)| {
            let within = self.policy.of(incident.severity).acknowledge_within?;
            let waits = incident.taken_up_by.is_none();
            waits.then(|| (incident.called + within, name))
        });
        due.min().map(|(due, name)| (due, name.clone()))
    }

    /// The next level; the last one again and again.
    fn call(&mut self, now: Moment, name: &str) {
        let Some(incident) = self.open.get_mut(name) else {
            return;
        };
        let rule = self.policy.of(incident.severity);
        let level = incident.levels.min(rule.levels.len() - 1);
        incident.levels += 1;
        incident.called = now;
        self.calls.push(Call {
            at: now,
            alert: incident.alert.clone(),
            incident: name.to_owned(),
            severity: incident.severity,
            by: rule.by,
            whom: rule.levels[level].clone(),
            summary: incident.summary.clone(),
        });
    }
}

impl Incident {
    fn new(alert: &str, severity: Severity, summary: &str) -> Self {
        Self {
            alert: alert.to_owned(),
            severity,
            summary: summary.to_owned(),
            levels: 0,
            called: Moment::ZERO,
            taken_up_by: None,
        }
    }
}
