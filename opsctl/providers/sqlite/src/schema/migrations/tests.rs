//! Migrations on real files: forth, back, and when they fail.

use super::*;
use crate::schema::SqliteProvision;
use opsctl_core::migrate::{of, status};
use opsctl_core::names::LineageId;
use opsctl_core::ports::{Engine, Provision};
use opsctl_simulation::Grant;

async fn empty() -> (tempfile::TempDir, Location, Grant) {
    let folder = tempfile::tempdir().unwrap();
    let grant = Grant::new("migrate-up-1").await;
    let places = crate::Places::new(folder.path());
    let lineage = LineageId(uuid::Uuid::new_v4());
    let made = SqliteProvision::new(places)
        .create(&grant.permit(), lineage)
        .await
        .unwrap();
    (folder, made.administrator, grant)
}

#[tokio::test]
async fn what_opsctl_applied_sqlx_accepts_and_the_other_way_round() {
    let (_folder, location, grant) = empty().await;
    let carried = of(Engine::Sqlite);
    for migration in &carried {
        SqliteSchema
            .apply(&grant.permit(), &location, migration)
            .await
            .unwrap();
    }
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations/sqlite");
    let sqlx = sqlx::migrate::Migrator::new(std::path::Path::new(root))
        .await
        .unwrap();
    let pool = connect::pool(&location).await.unwrap();
    sqlx.run(&pool).await.unwrap();
    sqlx.undo(&pool, 2).await.unwrap();
    sqlx.run(&pool).await.unwrap();
    let now = status(&carried, SqliteSchema.applied(&location).await.unwrap());
    assert!(now.sound().is_ok() && now.pending.is_empty(), "{now:?}");
}

#[tokio::test]
async fn every_migration_can_be_taken_back() {
    let (_folder, location, grant) = empty().await;
    let carried = of(Engine::Sqlite);
    for migration in &carried {
        SqliteSchema
            .apply(&grant.permit(), &location, migration)
            .await
            .unwrap();
    }
    for migration in carried.iter().rev() {
        SqliteSchema
            .revert(&grant.permit(), &location, migration)
            .await
            .unwrap();
    }
    assert!(SqliteSchema.applied(&location).await.unwrap().is_empty());
    let mut session = connect::connection(&location).await.unwrap();
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_schema \
         WHERE name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
    )
    .fetch_one(&mut session)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn the_facts_are_those_of_the_tables_that_exist() {
    let (_folder, location, _grant) = empty().await;
    let mut session = connect::connection(&location).await.unwrap();
    session
        .execute("CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(100000)), (1)")
        .await
        .unwrap();
    let asked = ["a".to_owned(), "missing".to_owned()];
    let facts = SqliteSchema.facts(&location, &asked).await.unwrap();
    assert_eq!(facts.tables.len(), 1);
    let a = facts.of("a").unwrap();
    assert!(a.rows == Some(2) && a.bytes > 100_000, "{a:?}");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_schema_as_it_was() {
    let (_folder, location, grant) = empty().await;
    let broken = Migration::parse("0001_broken", "CREATE TABLE a (b); CREATE TABL c;", None);
    let failure = SqliteSchema
        .apply(&grant.permit(), &location, &broken.unwrap())
        .await;
    assert!(
        failure
            .unwrap_err()
            .left_behind
            .unwrap()
            .contains("rolled back")
    );
    assert!(SqliteSchema.applied(&location).await.unwrap().is_empty());
    let mut session = connect::connection(&location).await.unwrap();
    assert!(!has_table(&mut session, "a").await.unwrap());
}
