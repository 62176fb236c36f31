//! Nothing risky runs unless somebody said its name.

use super::{RiskLevel, StatementRisk};
use crate::engine::Fact;
use crate::failure::{Failure, Result};

/// Passes when every risky statement was accepted by its id.
///
/// # Errors
/// Refuses, with the risks in words and the flags that accept them; also an id that names nothing, which
/// is most often a statement that was changed since.
pub fn gate(risks: &[StatementRisk], accepted: &[String]) -> Result<()> {
    if let Some(stray) = accepted
        .iter()
        .find(|id| !risks.iter().any(|risk| risk.id == **id))
    {
        return Err(
            Failure::refused(format!("no risk of this migration is called {stray}"))
                .cause("an id names one statement with one text: it may have changed since")
                .left("nothing was changed")
                .hint("opsctl migrate plan"),
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
        .hint(format!(
            "or accept it: opsctl migrate up {}",
            flags.join(" ")
        ))
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
        let refused = gate(&risky, &[]).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Refused);
        assert!(refused.hints[1].ends_with("--accept-risk=0009.1-abcd"));
        assert!(gate(&risky, &["0009.1-abcd".into()]).is_ok());
        assert!(gate(&risky, &["0009.1-abcd".into(), "0009.2-abcd".into()]).is_err());
        assert!(gate(&[risk(RiskLevel::Note)], &[]).is_ok());
    }
}
