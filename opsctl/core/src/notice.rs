//! What a channel is told of an operation: one document, and a line for people in it.

use serde_json::{Value, json};

use crate::deploy::DeployInputs;
use crate::engine::{Conclusion, OperationKind, Plan, Runner, Verdict};
use crate::environment::Moment;
use crate::failure::{Failure, FailureKind};

/// How an operation ended, or that it began.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    moment: Moment,
    outcome: &'static str,
    exit_code: Option<u8>,
    seconds: Option<u64>,
    /// Why it did not go well, outermost first.
    causes: Vec<String>,
}

impl Notice {
    /// It began.
    #[must_use]
    pub const fn started() -> Self {
        Self {
            moment: Moment::Started,
            outcome: "started",
            exit_code: None,
            seconds: None,
            causes: Vec::new(),
        }
    }

    /// It ended so.
    #[must_use]
    pub fn ended(answer: &Result<Conclusion, Failure>, seconds: u64) -> Self {
        let (outcome, exit_code, causes) = match answer {
            Ok(conclusion) => match &conclusion.verdict {
                Verdict::Kept => ("done", 0, Vec::new()),
                Verdict::Broken(reasons) => (
                    word(FailureKind::PromiseBroken),
                    FailureKind::PromiseBroken.exit_code(),
                    reasons.clone(),
                ),
            },
            Err(failure) => {
                let whole = std::iter::once(&failure.what).chain(&failure.causes);
                let kind = failure.kind;
                (word(kind), kind.exit_code(), whole.cloned().collect())
            }
        };
        Self {
            moment: Moment::Ended,
            outcome,
            exit_code: Some(exit_code),
            seconds: Some(seconds),
            causes,
        }
    }

    /// When it is told.
    #[must_use]
    pub const fn moment(&self) -> Moment {
        self.moment
    }

    /// The document; `text` is what Slack and its like show.
    #[must_use]
    pub fn document(&self, plan: &Plan, runner: &Runner) -> Value {
        json!({
            "text": self.text(plan, runner),
            "event": self.moment,
            "environment": plan.environment,
            "operation": plan.operation,
            "command": plan.kind.as_str(),
            "outcome": self.outcome,
            "exit_code": self.exit_code,
            "release": release(plan),
            "principal": runner.principal.to_string(),
            "host": runner.host,
            "planned_at": plan.created_at,
            "seconds": self.seconds,
            "causes": self.causes,
            "ci_url": runner.ci_url,
        })
    }

    fn text(&self, plan: &Plan, runner: &Runner) -> String {
        let (kind, environment) = (plan.kind.as_str(), &plan.environment);
        let release = release(plan).map(|it| format!(" of release {it}"));
        let mut text = format!(
            "{kind}{} on {environment}: {}",
            release.unwrap_or_default(),
            self.outcome
        );
        if let Some(seconds) = self.seconds {
            text.push_str(&format!(" after {seconds} s"));
        }
        text.push_str(&format!(", by {}", runner.principal));
        // Two say what and why; the rest is in the document.
        for cause in self.causes.iter().take(2) {
            text.push_str(&format!("\n{cause}"));
        }
        if let Some(url) = &runner.ci_url {
            text.push_str(&format!("\n{url}"));
        }
        text
    }
}

/// The number of the release, where one is made.
fn release(plan: &Plan) -> Option<u32> {
    if !matches!(plan.kind, OperationKind::Deploy | OperationKind::Rollback) {
        return None;
    }
    let inputs: DeployInputs = plan.inputs().ok()?;
    Some(inputs.number.0)
}

/// The word of a class of failure, as records spell it.
const fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Failed => "failed",
        FailureKind::Usage => "usage",
        FailureKind::Pending => "pending",
        FailureKind::Refused => "refused",
        FailureKind::Locked => "locked",
        FailureKind::PromiseBroken => "promise_broken",
        FailureKind::Stopped => "stopped",
        FailureKind::Authentication => "authentication",
        FailureKind::Unknown => "unknown",
        FailureKind::Interrupted => "interrupted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::engine::Basis;
    use crate::environment::Configuration;
    use crate::guard::Principal;
    use crate::names::{EnvironmentName, OperationId};

    fn told(answer: &Result<Conclusion, Failure>) -> Value {
        let document =
            json!({"version": 1, "environments": {"local": {"database": {"engine": "sqlite"}}}});
        let configuration: Configuration = serde_json::from_value(document).unwrap();
        let environment = configuration.environment(&EnvironmentName::new("local").unwrap());
        let basis = Basis {
            environment: &environment.unwrap(),
            operation: OperationId::new("backup-create-1").unwrap(),
            now: Timestamp::parse("2026-11-23T12:00:00Z").unwrap(),
            opsctl_version: "0.1.0",
        };
        let plan = Plan::of(OperationKind::BackupCreate, &basis, &()).unwrap();
        let runner = Runner {
            principal: Principal::claimed("ada"),
            host: "here".into(),
            pid: 1,
            ci_url: Some("https://ci.example.com/runs/7".into()),
            opsctl_version: "0.1.0".into(),
        };
        Notice::ended(answer, 34).document(&plan, &runner)
    }

    #[test]
    fn a_failure_is_told_with_its_class_its_cause_and_where_to_look() {
        let failure = Failure::new(FailureKind::PromiseBroken, "release 2 can't serve")
            .cause("crash-loop: Pod shop/api-1: exit code 1")
            .cause("postgres://app:hunter2@db/shop");
        let document = told(&Err(failure));
        assert_eq!(document["outcome"], "promise_broken");
        assert_eq!(document["exit_code"], 6);
        let text = document["text"].as_str().unwrap();
        assert!(
            text.starts_with("backup-create on local: promise_broken after 34 s, by ada"),
            "{text}"
        );
        assert!(
            text.contains("crash-loop") && text.ends_with("/runs/7"),
            "{text}"
        );
        assert!(!document.to_string().contains("hunter2"), "{document}");
    }

    #[test]
    fn what_went_well_has_no_causes() {
        let document = told(&Ok(Conclusion::kept(json!({}))));
        assert_eq!(
            (&document["outcome"], &document["exit_code"]),
            (&json!("done"), &json!(0))
        );
        assert_eq!(
            (&document["causes"], &document["release"]),
            (&json!([]), &json!(null))
        );
    }
}
