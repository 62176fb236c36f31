//! What `secrets status` finds.

use std::time::Duration;

use opsctl_core::clock::Clock;
use opsctl_core::ports::Stage as Mark;
use opsctl_core::secrets::{Goal, SecretKind, Standing, standing};

use super::stage::Stage;

async fn found(stage: &Stage) -> Standing {
    standing(&stage.world()).await.unwrap()
}

#[tokio::test]
async fn a_secret_is_due_when_it_is_as_old_as_was_promised() {
    let stage = Stage::new();
    let begun = stage.platform.clock.now();
    assert!(!found(&stage).await.is_overdue());
    let day = Duration::from_secs(86_400);
    stage.platform.clock.set(begun.plus(day * 90));
    let standing = found(&stage).await;
    assert!(standing.is_overdue());
    let due = standing.due(stage.platform.clock.now());
    assert_eq!(due, [SecretKind::Database, SecretKind::Jwt]);
    let cure = &standing.secrets[0].findings[0].cure;
    assert_eq!(cure, "opsctl --env local secrets rotate database");
}

#[tokio::test]
async fn who_is_logged_in_as_which_login_and_who_is_behind_is_told() {
    let stage = Stage::new();
    stage
        .secrets
        .stranger("app_login_b", stage.platform.clock.now());
    let standing = found(&stage).await;
    let database = &standing.secrets[0];
    assert_eq!(database.processes.len(), 2);
    assert_eq!(database.sessions.len(), 3);
    let told: Vec<&str> = database
        .findings
        .iter()
        .map(|it| it.what.as_str())
        .collect();
    assert!(told.iter().any(|what| what.contains("psql")), "{told:?}");
}

#[tokio::test]
async fn an_open_rotation_is_told_with_the_command_to_go_on() {
    let stage = Stage::new();
    let plan = stage
        .plan("secrets-rotate-1", SecretKind::Jwt, Goal::Rotate)
        .await
        .unwrap();
    assert!(stage.killed(&plan, 7).await.is_err());
    let standing = found(&stage).await;
    assert_eq!(standing.open_operation.as_ref(), Some(&plan.operation));
    let findings = standing.secrets.iter().flat_map(|secret| &secret.findings);
    let cures: Vec<&str> = findings.map(|finding| finding.cure.as_str()).collect();
    assert!(
        cures
            .iter()
            .all(|cure| cure.ends_with("operation resume secrets-rotate-1")),
        "{cures:?}"
    );
}

#[tokio::test]
async fn a_key_that_is_needed_no_more_is_to_be_forgotten() {
    let stage = Stage::new();
    let plan = stage
        .plan("secrets-rotate-1", SecretKind::Jwt, Goal::Rotate)
        .await
        .unwrap();
    stage.execute(&plan).await.unwrap();
    let now = stage.platform.clock.now();
    assert!(found(&stage).await.to_finish(now).is_empty());
    let later = now.plus(Duration::from_secs(3660));
    stage.platform.clock.set(later);
    let standing = found(&stage).await;
    assert_eq!(standing.to_finish(later), [SecretKind::Jwt]);
    assert!(stage.at(SecretKind::Jwt, Mark::Previous).is_some());
}
