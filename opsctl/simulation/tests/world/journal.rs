//! The journal: torn, newer, or written by somebody else.

use std::sync::Arc;

use opsctl_core::FailureKind;
use opsctl_core::engine::{Journal, RecordKind, list_operations};
use opsctl_core::state::{Key, StateStore};
use opsctl_simulation::KillAt;

use crate::bench::Bench;

#[tokio::test]
async fn a_half_written_last_record_counts_as_never_written() {
    let bench = Bench::three_steps();
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(4)))
            .await
            .is_err()
    );
    let keys = bench
        .store
        .list(&Key::journal(&bench.plan.operation))
        .await
        .unwrap();
    bench.store.tear(keys.last().unwrap());
    assert!(bench.view().await.unwrap().torn);
    bench.resume(&bench.run()).await.unwrap();
    assert!(bench.effects.applied().values().all(|times| *times == 1));
}

#[tokio::test]
async fn a_broken_record_in_the_middle_is_an_error_that_names_it() {
    let bench = Bench::three_steps();
    bench.execute(&bench.run()).await.unwrap();
    bench.store.tear(&Key::record(&bench.plan.operation, 2));
    let failure = bench.view().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unknown);
    assert!(failure.what.contains("000002.json"), "{failure}");
}

#[tokio::test]
async fn a_journal_of_a_newer_opsctl_is_refused() {
    let bench = Bench::three_steps();
    let key = Key::record(&bench.plan.operation, 1);
    bench
        .store
        .create(&key, br#"{"record":"opened","format":2}"#)
        .await
        .unwrap();
    let failure = bench.view().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Usage);
    assert!(
        failure
            .hints
            .iter()
            .any(|hint| hint.contains("newer opsctl"))
    );
}

#[tokio::test]
async fn of_two_writers_of_a_record_the_second_is_fenced() {
    let bench = Bench::three_steps();
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(2)))
            .await
            .is_err()
    );
    let view = bench.view().await.unwrap();
    let now = bench.plan.created_at;
    let (mut mine, mut theirs) = (
        Journal::after(bench.store.as_ref(), &view),
        Journal::after(bench.store.as_ref(), &view),
    );
    let record = RecordKind::Stopped {
        reason: "test".into(),
    };
    mine.append(now, record.clone()).await.unwrap();
    assert_eq!(
        theirs.append(now, record).await.unwrap_err().kind,
        FailureKind::Locked
    );
    assert!(theirs.is_taken_over());
}

#[tokio::test]
async fn every_operation_is_listed_once() {
    let bench = Bench::three_steps();
    bench.execute(&bench.run()).await.unwrap();
    let other = bench.beside("backup-create-2");
    other.execute(&other.run()).await.unwrap();
    let ids = list_operations(bench.store.as_ref()).await.unwrap();
    let names: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(names, ["backup-create-1", "backup-create-2"]);
}
