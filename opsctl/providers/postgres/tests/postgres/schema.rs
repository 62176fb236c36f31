//! Migrations against a real server: the traps that others fell into.

use std::time::Duration;

use anyhow::Result;
use opsctl_core::FailureKind;
use opsctl_core::migrate::{Migration, of, split, status};
use opsctl_core::ports::{Engine, Location, Schema};
use opsctl_postgres::schema::{Budget, PostgresSchema};
use opsctl_simulation::Grant;
use sqlx::{Connection, Executor, PgConnection};
use testkit::postgres::Postgres;

const ROLES: &str = include_str!("../../../../../migrations/postgres/roles.sql");

fn schema() -> PostgresSchema {
    PostgresSchema::new(Budget {
        lock_timeout: Duration::from_millis(200),
        attempts: 3,
    })
}

fn location(server: &Postgres) -> Location {
    Location {
        engine: Engine::Postgres,
        url: server.url(),
        password_file: None,
        password_secret: None,
    }
}

fn migration(version: i64, up: &str) -> Migration {
    Migration::parse(&format!("{version:04}_test"), up, None).expect("the name has a number")
}

async fn prepared(sql: &'static str) -> Result<(Postgres, Location, PgConnection, Grant)> {
    let server = Postgres::start()?;
    let mut session = PgConnection::connect(&server.url()).await?;
    session.execute(sql).await?;
    let location = location(&server);
    Ok((server, location, session, Grant::new("migrate-up-1").await))
}

/// What the steps of a migration without a transaction do, one after the other.
async fn run_outside(
    schema: &PostgresSchema,
    grant: &Grant,
    at: &Location,
    migration: &Migration,
) -> opsctl_core::Result<()> {
    for statement in split(migration)? {
        schema
            .run_statement(&grant.permit(), at, migration, &statement)
            .await?;
    }
    schema.note(&grant.permit(), at, migration).await
}

#[tokio::test]
async fn what_opsctl_applied_sqlx_accepts_and_belongs_to_the_owner() -> Result<()> {
    let (_server, location, mut session, grant) = prepared(ROLES).await?;
    let carried = of(Engine::Postgres);
    for migration in &carried {
        schema()
            .apply(&grant.permit(), &location, migration)
            .await?;
    }
    let owners: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'",
    )
    .fetch_all(&mut session)
    .await?;
    assert_eq!(owners, ["app_owner"]);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations/postgres");
    let sqlx = sqlx::migrate::Migrator::new(std::path::Path::new(root)).await?;
    sqlx.run(&mut session).await?;
    for migration in carried.iter().rev() {
        schema()
            .revert(&grant.permit(), &location, migration)
            .await?;
    }
    let now = status(&carried, schema().applied(&location).await?);
    assert!(
        now.sound().is_ok() && now.pending.len() == carried.len(),
        "{now:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_blocked_migration_names_who_is_in_the_way_and_leaves_nothing() -> Result<()> {
    let (server, location, mut reader, grant) = prepared("CREATE TABLE t (a int)").await?;
    reader
        .execute("BEGIN; SELECT 'the slow report' FROM t")
        .await?;
    let alter = migration(1, "ALTER TABLE t ADD COLUMN b int");
    let failure = schema()
        .apply(&grant.permit(), &location, &alter)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Locked);
    assert!(
        failure
            .causes
            .iter()
            .any(|cause| cause.contains("the slow report")),
        "{failure}"
    );
    assert!(schema().applied(&location).await?.is_empty());
    reader.execute("COMMIT").await?;
    schema().apply(&grant.permit(), &location, &alter).await?;
    drop(server);
    Ok(())
}

#[tokio::test]
async fn several_indexes_in_one_file_are_built_concurrently_by_two_runners_at_once() -> Result<()> {
    let (_server, location, mut session, grant) = prepared(
        "CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 50000) i",
    )
    .await?;
    let up = "-- no-transaction\n-- phase: expand\nCREATE INDEX CONCURRENTLY t_a ON t (a);\n\
              CREATE INDEX CONCURRENTLY t_b ON t (b);";
    let indexes = migration(1, up);
    let patient = PostgresSchema::new(Budget {
        lock_timeout: Duration::from_secs(5),
        attempts: 10,
    });
    let (one, two) = tokio::join!(
        run_outside(&patient, &grant, &location, &indexes),
        run_outside(&patient, &grant, &location, &indexes)
    );
    one?;
    two?;
    let valid: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_index i JOIN pg_class c \
         ON c.oid = i.indexrelid WHERE c.relname IN ('t_a', 't_b') AND indisvalid",
    )
    .fetch_one(&mut session)
    .await?;
    assert_eq!((valid, schema().applied(&location).await?.len()), (2, 1));
    Ok(())
}

#[tokio::test]
async fn an_invalid_index_of_a_dead_run_is_built_anew() -> Result<()> {
    let (_server, location, mut session, grant) =
        prepared("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)").await?;
    // Duplicates make the build fail, and leave an invalid index of that name behind.
    let broken = session
        .execute("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)")
        .await;
    assert!(broken.is_err());
    session
        .execute("DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)")
        .await?;
    let up = "-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);";
    run_outside(&schema(), &grant, &location, &migration(1, up)).await?;
    let valid: bool =
        sqlx::query_scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass")
            .fetch_one(&mut session)
            .await?;
    assert!(valid);
    Ok(())
}

#[tokio::test]
async fn a_second_runner_that_does_not_wait_is_told_who_migrates() -> Result<()> {
    let (_server, location, mut other, grant) = prepared("SELECT 1").await?;
    let key = 0x3d32_ad9e_i64 * i64::from(crc32fast::hash(b"app"));
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(key)
        .execute(&mut other)
        .await?;
    let create = migration(1, "CREATE TABLE t (a int)");
    let failure = schema()
        .apply(&grant.permit(), &location, &create)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Locked);
    assert!(failure.causes[0].contains("held by process"), "{failure}");
    Ok(())
}

#[tokio::test]
async fn a_migration_that_fails_is_rolled_back_whole() -> Result<()> {
    let (_server, location, _session, grant) = prepared("SELECT 1").await?;
    let broken = migration(1, "CREATE TABLE a (b int); CREATE TABL c;");
    assert!(
        schema()
            .apply(&grant.permit(), &location, &broken)
            .await
            .is_err()
    );
    assert!(schema().applied(&location).await?.is_empty());
    schema()
        .apply(
            &grant.permit(),
            &location,
            &migration(1, "CREATE TABLE a (b int)"),
        )
        .await?;
    Ok(())
}

#[tokio::test]
async fn the_facts_of_a_live_table_tell_its_size_and_who_uses_it() -> Result<()> {
    let (_server, location, mut reader, _grant) = prepared(
        "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 20000); ANALYZE t; \
         CREATE TABLE \"Parts\" (a int) PARTITION BY RANGE (a); \
         CREATE TABLE part PARTITION OF \"Parts\" FOR VALUES FROM (0) TO (9); \
         INSERT INTO part SELECT 1 FROM generate_series(1, 5000)",
    )
    .await?;
    reader.execute("BEGIN; SELECT count(*) FROM t").await?;
    let asked = ["t", "Parts", "public.t", "missing"].map(String::from);
    let facts = schema().facts(&location, &asked).await?;
    assert_eq!(facts.tables.len(), 3, "{facts:?}");
    let t = facts.of("t").expect("it is there");
    assert!(t.rows == Some(20_000) && t.bytes > 500_000, "{t:?}");
    assert_eq!(t.users_now, 1);
    assert!(facts.of("Parts").expect("it is there").bytes > 100_000);
    assert!(facts.oldest.is_some());
    Ok(())
}
