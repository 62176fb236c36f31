//! What lies on instances and snapshots for whoever looks at them next: whose they are, what they hold, when they end.

use std::collections::BTreeMap;
use std::str::FromStr;

use aws_sdk_rds::types::Tag;
use opsctl_core::clock::Timestamp;
use opsctl_core::names::{EnvironmentName, InstanceId, LineageId, OperationId};

/// The environment that it belongs to.
pub(super) const ENVIRONMENT: &str = "opsctl:environment";
/// The operation that made it.
pub(super) const OPERATION: &str = "opsctl:operation";
/// The database's own id, for life.
pub(super) const INSTANCE: &str = "opsctl:instance";
/// Its line of history.
pub(super) const LINEAGE: &str = "opsctl:lineage";
/// The newest migration inside.
pub(super) const SCHEMA: &str = "opsctl:schema";
/// The newest heartbeat when it was taken.
pub(super) const HEARTBEAT: &str = "opsctl:heartbeat";
/// What a restored instance is to its environment.
pub(super) const ROLE: &str = "opsctl:role";
/// When a copy may be reaped.
pub(super) const EXPIRES: &str = "opsctl:expires-at";
/// What it was restored from, and how far.
pub(super) const TARGET: &str = "opsctl:target";
/// Everything committed before this is in it.
pub(super) const RECOVERED_TO: &str = "opsctl:recovered-to";
/// How far a replica was, and its source, when it was told to follow no longer.
pub(super) const CAUGHT_UP: &str = "opsctl:caught-up";
/// When it was opened with its own lineage.
pub(super) const OPENED: &str = "opsctl:opened-at";

/// The backup that a snapshot is a copy of.
pub(super) const COPY_OF: &str = "opsctl:copy-of";

/// A copy that nobody is served from.
pub(super) const SCRATCH: &str = "scratch";
/// A copy that took over.
pub(super) const SERVING: &str = "serving";

/// The tags of one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tags(BTreeMap<String, String>);

impl Tags {
    /// As AWS tells them.
    pub fn of(told: &[Tag]) -> Self {
        let pairs = told
            .iter()
            .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())));
        Self(pairs.collect())
    }

    /// With one more.
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.0.insert(key.to_owned(), value.to_string());
        self
    }

    /// With one more, if there is a value.
    pub fn with_some(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// As AWS is told them.
    pub fn told(&self) -> Vec<Tag> {
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        self.0.iter().map(tag).collect()
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub fn is(&self, key: &str, value: &str) -> bool {
        self.text(key) == Some(value)
    }

    pub fn is_of(&self, environment: &EnvironmentName) -> bool {
        self.is(ENVIRONMENT, environment.as_str())
    }

    pub fn parsed<T: FromStr>(&self, key: &str) -> Option<T> {
        self.text(key)?.parse().ok()
    }

    pub fn moment(&self, key: &str) -> Option<Timestamp> {
        Timestamp::parse(self.text(key)?).ok()
    }

    pub fn instance(&self) -> Option<InstanceId> {
        self.parsed(INSTANCE).map(InstanceId)
    }

    pub fn lineage(&self) -> Option<LineageId> {
        self.parsed(LINEAGE).map(LineageId)
    }

    pub fn operation(&self) -> Option<OperationId> {
        self.parsed(OPERATION)
    }
}
