//! Killed at every boundary and resumed: the same world as without, nothing twice, nobody locked out.

use opsctl_core::ports::Stage as Mark;
use opsctl_core::secrets::{Goal, SecretKind};

use super::stage::Stage;

async fn killed_everywhere(kind: SecretKind, goal: Goal) {
    let undisturbed = Stage::new();
    let plan = undisturbed
        .plan("secrets-rotate-1", kind, goal)
        .await
        .unwrap();
    let count = undisturbed.boundaries(&plan).await;
    assert!(count > 4 * 6, "{count} boundaries");
    let expected = undisturbed.secrets.stages(kind);
    undisturbed.nobody_was_locked_out("undisturbed");
    let every = (0..count - 1).map(|at| {
        let expected = expected.clone();
        async move {
            let stage = Stage::new();
            let plan = stage.plan("secrets-rotate-1", kind, goal).await.unwrap();
            assert!(stage.killed(&plan, at).await.is_err(), "not killed at {at}");
            stage.nobody_was_locked_out(&format!("{kind} killed at {at}"));
            stage.resume(&plan).await.unwrap();
            assert_eq!(
                stage.secrets.stages(kind),
                expected,
                "{kind} killed at {at}"
            );
            assert!(!stage.is_open(&plan).await);
            stage.nobody_was_locked_out(&format!("{kind} resumed after {at}"));
            // One value was made up, however often the step that makes it ran.
            assert_eq!(stage.secrets.values().len(), 3, "{kind} killed at {at}");
        }
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_rotation_of_the_database_killed_anywhere_ends_like_an_undisturbed_one() {
    killed_everywhere(SecretKind::Database, Goal::Rotate).await;
}

#[tokio::test]
async fn a_rotation_of_the_key_of_tokens_killed_anywhere_ends_like_an_undisturbed_one() {
    killed_everywhere(SecretKind::Jwt, Goal::Rotate).await;
}

#[tokio::test]
async fn a_drill_killed_anywhere_is_back_where_it_began() {
    killed_everywhere(SecretKind::Database, Goal::Drill).await;
    killed_everywhere(SecretKind::Jwt, Goal::Drill).await;
    let stage = Stage::new();
    let plan = stage
        .plan("secrets-rotate-1", SecretKind::Jwt, Goal::Drill)
        .await;
    stage.execute(&plan.unwrap()).await.unwrap();
    assert_eq!(stage.at(SecretKind::Jwt, Mark::Current).unwrap(), "first");
}
