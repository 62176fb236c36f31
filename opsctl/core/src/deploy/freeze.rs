//! Times in which nothing is deployed.

use crate::clock::Timestamp;
use crate::environment::WorkloadSettings;
use crate::failure::{Failure, Result};
use crate::names::EnvironmentName;

/// Refuses a deploy inside a freeze. A reason lets it pass; it is part of the plan and so of the journal.
///
/// # Errors
/// Names the freeze, its reason and its end.
pub fn free_to_deploy(
    environment: &EnvironmentName,
    settings: &WorkloadSettings,
    overriding: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let frozen = settings.freezes.iter().find(|freeze| freeze.holds(now));
    match (frozen, overriding) {
        (Some(freeze), None) => Err(Failure::refused(format!(
            "'{environment}' is frozen until {}",
            freeze.until
        ))
        .cause(freeze.reason.clone())
        .left("nothing was changed")
        .hint("wait, or add --override-freeze=<reason>; the reason is journaled")),
        (Some(_), Some(reason)) if reason.trim().is_empty() => {
            Err(Failure::usage("--override-freeze needs a reason").left("nothing was changed"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Freeze;

    fn told(now: &str, overriding: Option<&str>) -> Option<String> {
        let time = |text| Timestamp::parse(text).unwrap();
        let settings = WorkloadSettings {
            freezes: vec![Freeze {
                from: time("2026-12-24T00:00:00Z"),
                until: time("2026-12-27T00:00:00Z"),
                reason: "holidays".into(),
            }],
            ..WorkloadSettings::on("k8s/overlays/local", "app")
        };
        let name = EnvironmentName::new("production").unwrap();
        free_to_deploy(&name, &settings, overriding, time(now))
            .err()
            .map(|failure| failure.what)
    }

    #[test]
    fn nothing_is_deployed_inside_a_freeze() {
        let what = told("2026-12-25T12:00:00Z", None);
        assert_eq!(
            what.as_deref(),
            Some("'production' is frozen until 2026-12-27T00:00:00Z")
        );
    }

    #[test]
    fn its_end_is_free_again() {
        assert_eq!(told("2026-12-27T00:00:00Z", None), None);
    }

    #[test]
    fn a_reason_lets_a_deploy_pass_and_an_empty_one_does_not() {
        assert_eq!(told("2026-12-25T12:00:00Z", Some("the shop is down")), None);
        assert!(told("2026-12-25T12:00:00Z", Some(" ")).is_some());
    }
}
