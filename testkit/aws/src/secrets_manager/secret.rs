//! One secret with its versions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    clock::Moment,
    endpoint::{Home, Refusal},
};

/// How many versions there may be.
const MOST_VERSIONS: usize = 100;
/// Younger ones are never removed to make room.
const FRESH: time::Duration = time::Duration::hours(24);

pub(super) const CURRENT: &str = "AWSCURRENT";
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// What is kept secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// As it came: in base64.
    Binary(String),
    /// Nothing yet: what a rotation that broke off leaves.
    Nothing,
}

#[derive(Clone)]
pub(super) struct Version {
    pub content: Content,
    pub created_at: Moment,
    pub stages: BTreeSet<String>,
}

#[derive(Clone)]
pub(super) struct Secret {
    pub home: Home,
    pub name: String,
    pub suffix: String,
    pub description: Option<String>,
    pub kms_key: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub created_at: Moment,
    pub changed_at: Moment,
    /// From then on it is gone for good.
    pub ends_at: Option<Moment>,
    pub versions: BTreeMap<String, Version>,
    /// The regions that have a replica, with the key of each.
    pub replicas: BTreeMap<String, Option<String>>,
    /// The function that rotates it.
    pub rotated_by: Option<String>,
    /// The service that it belongs to.
    pub owner: Option<String>,
}

impl Secret {
    /// The ARN in a region: a replica's differs in nothing else.
    pub fn arn(&self, region: &str) -> String {
        let account = &self.home.account;
        let (name, suffix) = (&self.name, &self.suffix);
        format!("arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}")
    }

    /// The version that a stage is on.
    pub fn staged(&self, stage: &str) -> Option<&str> {
        let mut versions = self.versions.iter();
        let found = versions.find(|(_, version)| version.stages.contains(stage));
        found.map(|(id, _)| id.as_str())
    }

    /// A new version, in these stages. What has this token already must be the same.
    pub fn put(
        &mut self,
        token: &str,
        content: Content,
        stages: &[String],
        now: Moment,
    ) -> Result<(), Refusal> {
        if let Some(there) = self.versions.get(token) {
            if there.content == content {
                return Ok(());
            }
            let message =
                "You can't modify an existing version, you can only create a new version.";
            return Err(Refusal::new("ResourceExistsException", message));
        }
        self.make_room(now)?;
        let version = Version {
            content,
            created_at: now,
            stages: BTreeSet::new(),
        };
        let first = self.versions.is_empty();
        self.versions.insert(token.to_owned(), version);
        for stage in stages {
            self.stage(stage, token);
        }
        // The first version is current, whatever stage it was put in.
        if first {
            self.stage(CURRENT, token);
        }
        self.changed_at = now;
        Ok(())
    }

    /// Puts a stage on a version, off wherever it was; a current one that is left is the previous from then on.
    pub fn stage(&mut self, stage: &str, on: &str) {
        let before = self.staged(stage).map(str::to_owned);
        self.unstage(stage);
        if let Some(version) = self.versions.get_mut(on) {
            version.stages.insert(stage.to_owned());
        }
        if let Some(before) = before.filter(|before| stage == CURRENT && before != on) {
            self.stage(PREVIOUS, &before);
        }
    }

    pub fn unstage(&mut self, stage: &str) {
        for version in self.versions.values_mut() {
            version.stages.remove(stage);
        }
    }

    /// Versions without a stage go, the oldest first, but none of the last day.
    fn make_room(&mut self, now: Moment) -> Result<(), Refusal> {
        while self.versions.len() >= MOST_VERSIONS {
            let old = |version: &Version| version.created_at <= now - FRESH;
            let oldest = self
                .versions
                .iter()
                .filter(|(_, version)| version.stages.is_empty() && old(version))
                .min_by_key(|(_, version)| version.created_at)
                .map(|(id, _)| id.clone());
            let Some(oldest) = oldest else {
                let message = "The secret has the maximum number of versions; those of the last 24 hours are not removed.";
                return Err(Refusal::new("LimitExceededException", message));
            };
            self.versions.remove(&oldest);
        }
        Ok(())
    }

    /// Versions with the stages of each; a version without one is deprecated and not told.
    pub fn staged_versions(&self) -> Value {
        let staged = self.versions.iter().filter(|(_, it)| !it.stages.is_empty());
        let staged = staged.map(|(id, version)| (id.clone(), json!(version.stages)));
        Value::Object(staged.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn secret() -> Secret {
        let start = OffsetDateTime::UNIX_EPOCH;
        Secret {
            home: Home {
                account: "1".into(),
                region: "r".into(),
            },
            name: "s".into(),
            suffix: "abcdef".into(),
            description: None,
            kms_key: None,
            tags: BTreeMap::new(),
            created_at: start,
            changed_at: start,
            ends_at: None,
            versions: BTreeMap::new(),
            replicas: BTreeMap::new(),
            rotated_by: None,
            owner: None,
        }
    }

    fn put(secret: &mut Secret, token: &str, stage: &str, day: i64) -> Result<(), Refusal> {
        let at = OffsetDateTime::UNIX_EPOCH + time::Duration::days(day);
        let content = Content::Text(token.to_owned());
        secret.put(token, content, &[stage.to_owned()], at)
    }

    #[test]
    fn a_new_current_version_makes_the_one_before_previous() {
        let mut secret = secret();
        for token in ["one", "two", "three"] {
            put(&mut secret, token, CURRENT, 0).unwrap();
        }
        assert_eq!(secret.staged(CURRENT), Some("three"));
        assert_eq!(secret.staged(PREVIOUS), Some("two"));
        assert_eq!(secret.staged_versions().as_object().unwrap().len(), 2);
    }

    #[test]
    fn the_first_version_is_current_whatever_stage_it_is_put_in() {
        let mut secret = secret();
        put(&mut secret, "one", "AWSPENDING", 0).unwrap();
        put(&mut secret, "two", "AWSPENDING", 0).unwrap();
        assert_eq!(secret.staged(CURRENT), Some("one"));
        assert_eq!(secret.staged("AWSPENDING"), Some("two"));
    }

    #[test]
    fn the_hundred_and_first_version_of_a_day_is_refused_and_taken_the_next_day() {
        let mut secret = secret();
        for number in 0..100 {
            put(&mut secret, &format!("v{number}"), "AWSPENDING", 0).unwrap();
        }
        let refused = put(&mut secret, "more", "AWSPENDING", 0).unwrap_err();
        assert_eq!(refused.code, "LimitExceededException");
        put(&mut secret, "more", "AWSPENDING", 1).unwrap();
        assert_eq!(secret.versions.len(), 100);
    }
}
