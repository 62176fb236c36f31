//! Copies that are whole.

use anyhow::Result;
use opsctl_core::integrity::{Options, examine};
use opsctl_postgres::inspect::PostgresInspector;

use crate::site::{restore, run, session_with, to_time};
use crate::stage::{Stage, counts, options, uuid};

#[tokio::test]
async fn a_whole_copy_passes_every_level() -> Result<()> {
    let stage = Stage::set_up().await?;
    let copy = stage.copy("whole").await?;
    let report = stage.examine(&copy, &options()).await?;
    assert!(report.passed(), "{report:#?}");
    let differing = report
        .reconciliation
        .tables
        .iter()
        .map(|t| t.explained + t.unprovable);
    assert_eq!(differing.sum::<u64>(), 0, "{report:#?}");
    Ok(())
}

#[tokio::test]
async fn what_changed_since_is_explained_row_by_row() -> Result<()> {
    let stage = Stage::set_up().await?;
    let copy = stage.copy("since").await?;
    let (user, post) = (uuid(1, 1), uuid(2, 2));
    stage
        .live(&format!(
            "UPDATE users SET first_name = 'New' WHERE id = '{user}';
             UPDATE heartbeat SET beat_at = now();
             DELETE FROM posts WHERE id = '{post}';
             INSERT INTO posts (user_id, title, content) VALUES ('{user}', 'new', 'new');
             UPDATE comments SET id = '{}' WHERE id = '{}'",
            uuid(3, 500),
            uuid(3, 7),
        ))
        .await?;
    let report = stage.examine(&copy, &options()).await?;
    assert!(report.passed(), "{report:#?}");
    assert_eq!(counts(&report, "users"), (1, 0, 0));
    assert_eq!(counts(&report, "posts"), (2, 0, 0));
    // One gone with its post, one new key; of the old key nothing tells why it vanished.
    assert_eq!(counts(&report, "comments"), (2, 1, 0));
    assert_eq!(counts(&report, "audit_log"), (2, 0, 0));
    assert_eq!(counts(&report, "heartbeat"), (1, 0, 0));
    Ok(())
}

/// The classic: its rows carry a transaction id below the recovery point, and times before it.
#[tokio::test]
async fn a_transaction_begun_before_and_committed_after_the_recovery_point_is_no_damage()
-> Result<()> {
    let stage = Stage::set_up().await?;
    stage.site.back_up("base").await?;
    let mut early = stage.site.session().await?;
    run(
        &mut early,
        &format!(
            "BEGIN; UPDATE users SET first_name = 'Early', last_name = 'Bird' WHERE id = '{}';
             DELETE FROM comments WHERE id = '{}'",
            uuid(1, 3),
            uuid(3, 4)
        ),
    )
    .await?;
    // Others come and go after it began, so that its id is not the newest.
    stage
        .live(&format!(
            "UPDATE users SET first_name = 'Late' WHERE id = '{}'",
            uuid(1, 9)
        ))
        .await?;
    stage.site.write(1).await?;
    let target = stage.site.clock().await?;
    run(&mut early, "COMMIT").await?;
    stage.site.write(2).await?;
    stage.site.switch_segment().await?;
    let copy = restore(&stage.restorer, "point", to_time("base", target)?).await?;
    let report = stage.examine(&copy, &options()).await?;
    assert!(report.passed(), "{report:#?}");
    assert_eq!(counts(&report, "users"), (1, 0, 0));
    assert_eq!(counts(&report, "comments"), (1, 0, 0));
    assert_eq!(counts(&report, "t"), (1, 0, 0));
    Ok(())
}

#[tokio::test]
async fn writes_that_go_on_while_the_copy_is_compared_raise_no_alarm() -> Result<()> {
    let stage = Stage::set_up().await?;
    let copy = stage.copy("busy").await?;
    let mut session = stage.site.session().await?;
    let writer = tokio::spawn(async move {
        for n in 0_u32.. {
            let sql = format!(
                "UPDATE users SET first_name = 'n{n}' WHERE id = '{}';
                 INSERT INTO comments (post_id, user_id, content) VALUES ('{}', '{}', 'new');
                 DELETE FROM comments WHERE id = '{}'",
                uuid(1, n % 60),
                uuid(2, n % 60),
                uuid(1, n % 60),
                uuid(3, n % 60)
            );
            if run(&mut session, &sql).await.is_err() {
                break;
            }
        }
    });
    for _ in 0..3 {
        let report = stage.examine(&copy, &options()).await?;
        assert!(report.passed(), "{report:#?}");
        assert_eq!(
            counts(&report, "comments").1,
            0,
            "every deletion left its trace"
        );
    }
    writer.abort();
    Ok(())
}

#[tokio::test]
async fn the_same_backup_has_the_same_fingerprint_every_time() -> Result<()> {
    let stage = Stage::set_up().await?;
    let first = stage.copy("one").await?;
    let second = stage.restored("two", "one").await?;
    let known = examine(&PostgresInspector, None, &first, &options())
        .await?
        .fingerprints;
    assert!(known.len() >= 6, "{known:?}");
    let options = Options {
        known_fingerprints: Some(known),
        ..options()
    };
    let report = examine(&PostgresInspector, None, &second, &options).await?;
    let outcomes: Vec<&str> = report
        .integrity
        .levels
        .iter()
        .map(|level| level.outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        ["passed", "passed", "passed", "not_run"],
        "{report:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn behaviour_that_differs_without_intention_is_told() -> Result<()> {
    let stage = Stage::set_up().await?;
    let copy = stage.copy("odd").await?;
    stage
        .live("ALTER ROLE app_login CONNECTION LIMIT 3; REVOKE INSERT ON audit_log FROM app_readwrite")
        .await?;
    let report = stage.examine(&copy, &options()).await?;
    let told = report.fidelity.differences.join("\n");
    assert!(
        told.contains("role app_login") && told.contains("access to public.audit_log"),
        "{told}"
    );
    assert_eq!(report.fidelity.differences.len(), 2, "{told}");
    Ok(())
}

#[tokio::test]
async fn reading_the_live_database_ends_when_its_time_is_over() -> Result<()> {
    let stage = Stage::set_up().await?;
    let copy = stage.copy("hurried").await?;
    let options = Options {
        source_read_limit: std::time::Duration::ZERO,
        ..options()
    };
    let report = stage.examine(&copy, &options).await?;
    let level = report
        .integrity
        .levels
        .iter()
        .find(|level| level.name == "reconciliation")
        .unwrap();
    assert_eq!(level.outcome, "not_run");
    assert!(
        level.detail.contains("took longer than 0 s"),
        "{}",
        level.detail
    );
    Ok(())
}

#[tokio::test]
async fn a_backup_from_before_a_migration_is_compared_with_its_own_migrations() -> Result<()> {
    let stage = Stage::set_up().await?;
    let copy = stage.copy("before").await?;
    let later =
        "ALTER TABLE users ADD COLUMN nickname text; INSERT INTO _sqlx_migrations VALUES (5, true)";
    stage.live(later).await?;
    let report = stage.examine(&copy, &options()).await?;
    let level = &report.integrity.levels[1];
    assert_eq!(level.outcome, "passed", "{report:#?}");
    assert!(
        level.detail.contains("as the migrations up to 4 make them"),
        "{}",
        level.detail
    );
    let mut session = session_with(&stage.restorer, &copy).await?;
    run(&mut session, "DROP INDEX comments_user_id_idx").await?;
    let report = stage.examine(&copy, &options()).await?;
    let level = &report.integrity.levels[1];
    assert_eq!(level.detail, "index comments_user_id_idx is missing");
    Ok(())
}
