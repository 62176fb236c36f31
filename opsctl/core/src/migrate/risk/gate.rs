//! Nothing risky runs unless somebody said its name.

use super::{RiskLevel, StatementRisk};
use crate::engine::Fact;
use crate::failure::{Failure, Result};

/// Passes when every risky statement was accepted by its id; `command` is what asked for the migration.
///
/// # Errors
/// Refuses, with the risks in words and the flags that accept them; also an id that names nothing, which
/// is most often a statement that was changed since.
pub fn gate(risks: &[StatementRisk], accepted: &[String], command: &str) -> Result<()> {
    if let Some(stray) = accepted
        .iter()
        .find(|id| !risks.iter().any(|risk| risk.id == **id))
    {
        return Err(
            Failure::refused(format!("no risk of this migration is called {stray}"))
                .cause("an id names one statement with one text: it may have changed since")
                .left("nothing was changed")
                .hint(format!("{command} --dry-run")),
        );
    }
    let open = risks
        .iter()
        .filter(|risk| risk.level == RiskLevel::Risky && !accepted.contains(&risk.id));
    let open: Vec<&StatementRisk> = open.collect();
    if open.is_empty() {
        return Ok(());
    }
    let flags: Vec<String> = open
        .iter()
        .map(|risk| format!("--accept-risk={}", risk.id))
        .collect();
    let mut failure = Failure::refused("the migration would stand in the way of a large table");
    for risk in open {
        failure = failure.cause(format!("{}: {}", risk.statement, risk.words));
    }
    Err(failure
        .left("nothing was changed")
        .hint("change the migration as the runbook shows")
        .hint(format!("or accept it: {command} {}", flags.join(" ")))
        .runbook("runbooks/migrate.md"))
}

/// The risks as a plan shows them.
#[must_use]
pub fn context(risks: &[StatementRisk]) -> Vec<Fact> {
    let fact = |risk: &StatementRisk| Fact {
        name: format!("risk {}", risk.id),
        value: risk.words.clone(),
    };
    risks.iter().map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FailureKind;

    const UP: &str = "opsctl migrate up";

    fn risk(level: RiskLevel) -> StatementRisk {
        StatementRisk {
            id: "0009.1-abcd".into(),
            version: 9,
            line: 2,
            statement: "UPDATE users".into(),
            words: "changes rows of users".into(),
            level,
        }
    }

    #[test]
    fn a_risky_statement_is_refused_until_its_id_is_given() {
        let risky = [risk(RiskLevel::Risky)];
        let refused = gate(&risky, &[], UP).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Refused);
        assert!(refused.hints[1].ends_with("migrate up --accept-risk=0009.1-abcd"));
        let back = gate(&risky, &[], "opsctl migrate down --to 8").unwrap_err();
        assert!(back.hints[1].contains("migrate down --to 8 --accept-risk"));
        assert!(gate(&risky, &["0009.1-abcd".into()], UP).is_ok());
        assert!(gate(&risky, &["0009.1-abcd".into(), "0009.2-abcd".into()], UP).is_err());
        assert!(gate(&[risk(RiskLevel::Note)], &[], UP).is_ok());
    }
}
