//! The plan of a prune, as an operator reads it.

use opsctl_core::FailureKind;
use opsctl_core::backup::{Health, PruneInputs, PruneObserved, Unreadable, plan_prune};
use opsctl_core::engine::{Plan, Severity};
use opsctl_core::environment::{Configuration, Environment};
use opsctl_core::names::{BackupId, EnvironmentName, OperationId};
use opsctl_core::ports::{BackupFault, BackupFinding};

use crate::candidates::{daily, now};

fn environment() -> Environment {
    let configuration: Configuration = serde_json::from_value(serde_json::json!({
        "version": 1,
        "environments": { "local": { "database": { "engine": "sqlite" } } }
    }))
    .unwrap();
    let name = EnvironmentName::new("local").unwrap();
    configuration.environment(&name).unwrap()
}

fn observed(days: u64) -> PruneObserved {
    PruneObserved {
        away: None,
        operation: OperationId::new("backup-prune-1").unwrap(),
        now: now(),
        candidates: daily(days),
        exports: Vec::new(),
        unreadable: Vec::new(),
        opsctl_version: "0.1.0".into(),
    }
}

fn inputs(plan: &Plan) -> PruneInputs {
    plan.inputs().unwrap()
}

#[test]
fn a_plan_says_what_goes_and_why_each_of_the_others_stays() {
    let mut observed = observed(33);
    observed.candidates[32].pins = vec!["an auditor reads it (kept)".into()];
    let plan = plan_prune(&observed, &environment()).unwrap();
    assert_eq!(plan.severity, Severity::Moderate);
    let objects: Vec<_> = plan.actions.iter().map(|a| a.object.as_str()).collect();
    assert_eq!(objects, ["day-31", "day-30"], "oldest data first");
    assert!(plan.actions[0].summary.contains("30d is the retention"));
    let inputs = inputs(&plan);
    assert_eq!(inputs.keep.len(), 31);
    assert!(inputs.keep.iter().all(|kept| !kept.because.is_empty()));
    assert!(inputs.keep[0].because[0].contains("auditor"));
    let named = |fact: &&opsctl_core::engine::Fact| fact.name.starts_with("keep day-");
    assert_eq!(plan.context.iter().filter(named).count(), 31);
}

#[test]
fn a_plan_that_deletes_nothing_asks_nobody() {
    let plan = plan_prune(&observed(10), &environment()).unwrap();
    assert_eq!(plan.severity, Severity::Mild);
    assert!(plan.actions.is_empty());
}

#[test]
fn what_is_deleted_does_not_come_back_so_there_is_no_way_back() {
    let plan = plan_prune(&observed(40), &environment()).unwrap();
    assert_eq!(
        plan.point_of_no_return.as_ref(),
        Some(&plan.actions[0].step)
    );
    assert_eq!(plan.preconditions.len(), 2, "the floor must still stand");
}

#[test]
fn where_no_backup_is_good_none_is_deleted() {
    let mut observed = observed(40);
    for candidate in &mut observed.candidates {
        candidate.health = Health::Broken("app.sqlite3: the file is gone".into());
    }
    let refused = plan_prune(&observed, &environment()).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(refused.causes[0].contains("app.sqlite3"), "{refused}");
    assert!(refused.hints[0].contains("backup create"));
}

#[test]
fn a_backup_that_can_t_be_read_stays_because_nobody_knows_its_age() {
    let mut observed = observed(10);
    observed.unreadable.push(Unreadable {
        id: BackupId::new("odd").unwrap(),
        finding: BackupFinding {
            fault: BackupFault::Record,
            file: "record.json".into(),
            detail: "its content is not what was written".into(),
        },
    });
    let inputs = inputs(&plan_prune(&observed, &environment()).unwrap());
    let odd = inputs.keep.iter().find(|k| k.backup.as_str() == "odd");
    assert!(odd.unwrap().because[0].contains("age is not known"));
}
