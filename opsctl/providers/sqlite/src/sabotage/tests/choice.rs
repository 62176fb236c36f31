//! What may be damaged at all.

use super::*;

#[tokio::test]
async fn a_database_that_is_no_scratch_copy_is_never_damaged() {
    let stage = Stage::new().await;
    let damage = Damage {
        kind: DamageKind::RowLost,
        seed: 1,
    };
    let refused = plant(&stage.live(), &damage).await.unwrap_err();
    assert_eq!(refused.kind, opsctl_core::FailureKind::Refused);
}

#[tokio::test]
async fn an_index_that_may_not_hold_the_row_is_not_the_one_that_is_broken() {
    let mut stage = Stage::new().await;
    let nowhere = "CREATE INDEX users_nowhere_idx ON users (email) WHERE email = 'nobody'";
    run(&mut stage.live, nowhere).await;
    for seed in 1..=24 {
        let copy = stage.copy(&format!("partial-{seed}")).await;
        let damage = Damage {
            kind: DamageKind::IndexBroken,
            seed,
        };
        let planted = plant(&copy.location, &damage).await.unwrap().unwrap();
        assert_ne!(planted.object, "users_nowhere_idx", "seed {seed}");
    }
}
