//! The flags as this process knows them, and the task that reads them anew. What was known stays in force while the database
//! does not answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::RwLock;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::model::InDatabase;
use super::{Flag, FlagName, Share, Source, Standing, queries};
use crate::database::{Database, UserId};
use crate::http::ApiError;
use crate::http::AppState;

/// As the specification says.
const EVERY: Duration = Duration::from_secs(60);
/// A reading that takes longer has lost its database.
const GIVE_UP: Duration = Duration::from_secs(15);

/// One a process.
#[derive(Debug, Default)]
pub struct Flags {
    overrides: BTreeMap<String, bool>,
    rows: RwLock<BTreeMap<String, Flag>>,
}

impl Flags {
    /// With what the environment says; the database has not been asked yet.
    pub fn new(overrides: BTreeMap<String, bool>) -> Self {
        Self {
            overrides,
            rows: RwLock::default(),
        }
    }

    /// Whether the flag opens to this user, or to nobody in particular.
    pub fn is_on(&self, name: &str, user: Option<UserId>) -> bool {
        self.judge(name, |flag| flag.opens_to(user))
    }

    /// Whether anybody at all gets in: without it, a door is not even shown.
    pub fn is_on_for_somebody(&self, name: &str) -> bool {
        self.judge(name, Flag::opens_to_somebody)
    }

    fn judge(&self, name: &str, by: impl FnOnce(&Flag) -> bool) -> bool {
        match self.overrides.get(name) {
            Some(open) => *open,
            None => self.rows().get(name).is_some_and(by),
        }
    }

    /// Every flag that anybody knows of, by name.
    pub fn standings(&self) -> Vec<Standing> {
        let rows = self.rows();
        let mut names: BTreeSet<FlagName> = FlagName::asked_for().into_iter().collect();
        names.extend(rows.values().map(|flag| flag.name.clone()));
        names.extend(self.overrides.keys().filter_map(|name| name.parse().ok()));
        let standing = |name| self.standing_beside(name, &rows);
        names.into_iter().map(standing).collect()
    }

    pub fn standing(&self, name: FlagName) -> Standing {
        self.standing_beside(name, &self.rows())
    }

    /// As it will be when this is in the database.
    pub(super) fn standing_with(&self, flag: &Flag) -> Standing {
        let rows = BTreeMap::from([(flag.name.to_string(), flag.clone())]);
        self.standing_beside(flag.name.clone(), &rows)
    }

    fn standing_beside(&self, name: FlagName, rows: &BTreeMap<String, Flag>) -> Standing {
        let row = rows.get(name.as_str());
        let (open, share, source) = match (self.overrides.get(name.as_str()), row) {
            (Some(open), _) => (*open, Share::EVERYBODY, Source::Environment),
            (None, Some(flag)) => (flag.enabled, flag.share, Source::Database),
            (None, None) => (false, Share::EVERYBODY, Source::NeverSet),
        };
        Standing {
            name,
            open,
            share: share.percent(),
            source,
            in_database: row.map(InDatabase::from),
        }
    }

    /// Takes over what the database says.
    pub async fn refresh(&self, database: &Database) -> Result<(), ApiError> {
        let reader = database.read_in_any_mode()?;
        let flags = tokio::time::timeout(GIVE_UP, queries::all(&reader))
            .await
            .map_err(|_| ApiError::Internal("the database did not answer in time".into()))??;
        let rows = flags
            .into_iter()
            .map(|flag| (flag.name.to_string(), flag))
            .collect();
        *self
            .rows
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = rows;
        Ok(())
    }

    /// In force here at once, without waiting for the next reading.
    pub(super) fn take_over(&self, flag: Flag) {
        self.rows
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .insert(flag.name.to_string(), flag);
    }

    fn rows(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<String, Flag>> {
        self.rows
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Reads the flags. A database that does not answer now is no reason not to start, nor to forget what was known.
pub async fn read(state: &AppState) {
    if let Err(error) = state.flags.refresh(&state.database).await {
        let error = error.to_string();
        tracing::warn!(error, "the feature flags stay as they were known");
    }
}

/// Reads the flags every minute, until `stop` says so.
pub async fn follow(state: AppState, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval_at(Instant::now() + EVERY, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        read(&state).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_database_and_says_so() {
        let flags = Flags::new(BTreeMap::from([("FEATURE_X".to_owned(), true)]));
        let flag = Flag {
            name: "FEATURE_X".parse().unwrap(),
            enabled: false,
            share: Share::EVERYBODY,
            updated_at: crate::database::Timestamp::now(),
            updated_by: None,
        };
        flags.take_over(flag.clone());
        assert!(flags.is_on("FEATURE_X", None));
        let standing = flags.standing(flag.name.clone());
        assert_eq!(standing.source, Source::Environment);
        assert!(!standing.in_database.unwrap().enabled);
        flags.take_over(Flag {
            name: "FEATURE_Y".parse().unwrap(),
            enabled: true,
            share: Share::parse(40).unwrap(),
            ..flag
        });
        assert!(!flags.is_on("FEATURE_Y", None), "nobody in particular");
        assert!(flags.is_on_for_somebody("FEATURE_Y"));
        assert!(!flags.is_on_for_somebody("FEATURE_Z"));
    }
}
