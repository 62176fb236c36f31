//! The answer of each changing call is lost once: either all of it took place or nothing is left of it.

use opsctl_core::FailureKind;
use opsctl_core::ports::Stage as Mark;
use opsctl_core::secrets::{Goal, SecretKind};

use super::stage::Stage;

async fn lost_everywhere(kind: SecretKind, goal: Goal) {
    let undisturbed = Stage::new();
    let plan = undisturbed
        .plan("secrets-rotate-1", kind, goal)
        .await
        .unwrap();
    undisturbed.execute(&plan).await.unwrap();
    let (calls, done) = (
        undisturbed.secrets.calls(),
        undisturbed.secrets.stages(kind),
    );
    let before = Stage::new().secrets.stages(kind);
    assert!(calls >= 4, "{calls} changes");
    for number in 1..=calls {
        let stage = Stage::new();
        let plan = stage.plan("secrets-rotate-1", kind, goal).await.unwrap();
        stage.secrets.lose_answer_of(number);
        let failure = stage.execute(&plan).await.unwrap_err();
        let open = stage.is_open(&plan).await;
        match open {
            true => {
                assert_eq!(failure.kind, FailureKind::Stopped, "{number}: {failure}");
                stage.resume(&plan).await.unwrap();
                assert_eq!(stage.secrets.stages(kind), done, "{kind} {number}");
            }
            false => {
                assert_eq!(failure.kind, FailureKind::Failed, "{number}: {failure}");
                assert_eq!(stage.secrets.stages(kind), before, "{kind} {number}");
            }
        }
        stage.nobody_was_locked_out(&format!("{kind}: answer {number} lost"));
        let again = stage.plan("secrets-rotate-2", kind, Goal::Rotate).await;
        if kind == SecretKind::Database {
            stage.execute(&again.unwrap()).await.unwrap();
            stage.nobody_was_locked_out(&format!("{kind}: rotated after {number}"));
        }
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_the_database_rotated_or_as_it_was() {
    lost_everywhere(SecretKind::Database, Goal::Rotate).await;
}

#[tokio::test]
async fn a_lost_answer_leaves_the_key_of_tokens_rotated_or_as_it_was() {
    lost_everywhere(SecretKind::Jwt, Goal::Rotate).await;
}

#[tokio::test]
async fn a_lost_answer_in_a_drill_ends_where_it_began() {
    lost_everywhere(SecretKind::Database, Goal::Drill).await;
    let stage = Stage::new();
    assert_eq!(
        stage.at(SecretKind::Database, Mark::Current).unwrap(),
        "first"
    );
}
