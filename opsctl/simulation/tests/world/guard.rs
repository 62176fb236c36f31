//! The guard: no terminal never means yes, and severe questions want the name.

use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::engine::{OperationKind, Plan, Severity};
use opsctl_core::guard::{
    Answer, Approval, Confirmation, Principal, Question, Rules, approve, record_approval,
};
use opsctl_core::{FailureKind, Result};

use crate::bench::{Bench, Nobody};

struct Types(&'static str);

#[async_trait]
impl Confirmation for Types {
    async fn ask(&self, _: &Question) -> Option<String> {
        Some(self.0.to_owned())
    }
}

fn plan(severity: Severity) -> Plan {
    Plan {
        severity,
        ..Bench::three_steps().plan
    }
}

async fn pass(
    plan: &Plan,
    rules: &Rules,
    answer: &Answer,
    human: &dyn Confirmation,
) -> Result<Approval> {
    let bench = Bench::three_steps();
    let who = Principal::claimed("ada");
    approve(
        bench.store.as_ref(),
        plan,
        &who,
        rules,
        answer,
        human,
        plan.created_at,
    )
    .await
}

fn yes() -> Answer {
    Answer {
        yes: true,
        confirm: None,
    }
}

fn confirm(name: &str) -> Answer {
    Answer {
        yes: false,
        confirm: Some(name.to_owned()),
    }
}

#[tokio::test]
async fn no_terminal_never_means_yes() {
    for severity in [Severity::Moderate, Severity::Severe] {
        let refused = pass(
            &plan(severity),
            &Rules::default(),
            &Answer::default(),
            &Nobody,
        )
        .await;
        let failure = refused.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(
            failure.hints.iter().any(|hint| hint.contains("--")),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn yes_answers_moderate_questions_only() {
    let rules = Rules::default();
    assert!(
        pass(&plan(Severity::Moderate), &rules, &yes(), &Nobody)
            .await
            .is_ok()
    );
    assert!(
        pass(&plan(Severity::Severe), &rules, &yes(), &Nobody)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_severe_plan_passes_with_the_environments_name_alone() {
    let (plan, rules) = (plan(Severity::Severe), Rules::default());
    assert!(
        pass(&plan, &rules, &confirm("local"), &Nobody)
            .await
            .is_ok()
    );
    assert!(
        pass(&plan, &rules, &confirm("production"), &Types("local"))
            .await
            .is_err()
    );
    assert!(
        pass(&plan, &rules, &Answer::default(), &Types("local"))
            .await
            .is_ok()
    );
    assert!(
        pass(&plan, &rules, &Answer::default(), &Types("y"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_opsctl_yaml_lets_run_unattended_needs_no_answer() {
    let rules = Rules {
        unattended: vec![OperationKind::BackupCreate],
        approvers: 0,
    };
    assert!(
        pass(&plan(Severity::Severe), &rules, &Answer::default(), &Nobody)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn an_approver_counts_once_never_for_himself_and_not_for_ever() {
    let bench = Bench::three_steps();
    let plan = plan(Severity::Moderate);
    let (store, now) = (bench.store.as_ref(), plan.created_at);
    let (ada, bob) = (Principal::claimed("ada"), Principal::claimed("bob"));
    let rules = Rules {
        unattended: Vec::new(),
        approvers: 1,
    };
    let hour = Duration::from_secs(3600);
    let attempt = async |at| approve(store, &plan, &ada, &rules, &yes(), &Nobody, at).await;

    record_approval(store, &plan, &ada, now, hour)
        .await
        .unwrap();
    assert!(attempt(now).await.is_err(), "her own approval counted");
    record_approval(store, &plan, &bob, now, hour)
        .await
        .unwrap();
    assert!(
        record_approval(store, &plan, &bob, now, hour)
            .await
            .is_err(),
        "he approved twice"
    );
    assert!(attempt(now).await.is_ok());
    assert!(
        attempt(now.plus(hour)).await.is_err(),
        "an expired approval counted"
    );
}
