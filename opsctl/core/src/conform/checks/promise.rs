//! A promise of `opsctl.yaml`, which operations hold their measures against; in seconds.

use serde_json::Value;

use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::expectation::Expectation;
use crate::conform::pointer;
use crate::conform::repository::Repository;
use crate::environment::{Configuration, Promises};
use crate::failure::{Failure, Result};

const CONFIGURATION: &str = "opsctl.yaml";

/// A promise by its name.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    name: Name,
}

/// The promises that there are.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Rto,
    Rpo,
    Retention,
    RestoreDrill,
    FailoverDrill,
    SecretRotation,
    ApiKeyRotation,
}

impl Name {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Rto => "rto",
            Self::Rpo => "rpo",
            Self::Retention => "retention",
            Self::RestoreDrill => "restore_drill",
            Self::FailoverDrill => "failover_drill",
            Self::SecretRotation => "secret_rotation",
            Self::ApiKeyRotation => "api_key_rotation",
        }
    }

    fn of(self, promises: &Promises) -> u64 {
        let span = match self {
            Self::Rto => promises.rto,
            Self::Rpo => promises.rpo,
            Self::Retention => promises.retention,
            Self::RestoreDrill => promises.restore_drill,
            Self::FailoverDrill => promises.failover_drill,
            Self::SecretRotation => promises.secret_rotation,
            Self::ApiKeyRotation => promises.api_key_rotation,
        };
        span.0.as_secs()
    }
}

impl Looks for Promise {
    fn target(&self) -> String {
        format!(
            "{CONFIGURATION} promises.{}, in seconds",
            self.name.as_str()
        )
    }

    fn place(&self) -> String {
        CONFIGURATION.to_owned()
    }

    /// Of all environments the one that keeps it worst.
    fn see(&self, repository: &Repository, wanted: &Expectation) -> Result<Seen> {
        let Some(document) = repository.document(CONFIGURATION)? else {
            return Ok(Seen {
                value: None,
                evidence: format!("there is no {CONFIGURATION}"),
            });
        };
        let read = serde_json::from_value::<Configuration>((*document).clone());
        let configuration = read
            .map_err(|error| Failure::usage(format!("{CONFIGURATION} is wrong")).because(error))?;
        let own = configuration
            .environments
            .iter()
            .filter_map(|(name, settings)| Some((name.to_string(), settings.promises?)));
        let all = std::iter::once(("all".to_owned(), configuration.promises)).chain(own);
        let figures: Vec<(String, Value)> = all
            .map(|(name, promises)| (name, Value::from(self.name.of(&promises))))
            .collect();
        let weak = figures
            .iter()
            .find(|(_, figure)| !wanted.holds(Some(figure)));
        let chosen = weak.or(figures.first()).cloned();
        let (name, value) = chosen.unzip();
        let evidence = format!(
            "{CONFIGURATION}, environments: {}",
            name.unwrap_or_default()
        );
        Ok(Seen { value, evidence })
    }

    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>> {
        let Some(document) = repository.document(CONFIGURATION)? else {
            return Ok(Vec::new());
        };
        // Without its line the default holds, which is the specification's own figure: only another figure breaks it.
        let Some(seconds) = wanted.spoilt(None).and_then(|value| value.as_i64()) else {
            return Ok(Vec::new());
        };
        let mut changed = (*document).clone();
        let at = format!("/promises/{}", self.name.as_str());
        pointer::put(&mut changed, &at, Some(format!("{seconds}s").into()));
        let what = format!("{} is weaker", self.name.as_str());
        Ok(vec![Spoilt::document(what, CONFIGURATION, &changed)])
    }
}
