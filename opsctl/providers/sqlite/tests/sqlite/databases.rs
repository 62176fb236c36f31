//! Identity, freshness and the fence, while an application is connected.

use anyhow::Result;
use opsctl_core::migrate;
use opsctl_core::ports::{DatabaseIdentity, DatabaseRole, Databases, Effects, Engine};
use opsctl_simulation::Grant;
use opsctl_sqlite::connect;
use opsctl_sqlite::databases::SqliteDatabases;

use crate::site::{Site, open, postgres};

#[tokio::test]
async fn an_identity_is_read_back_as_it_was_written() -> Result<()> {
    let site = Site::new().await?;
    let (database, grant) = (site.database().await?, Grant::new("restore-1").await);
    site.beat().await?;
    let identity = DatabaseIdentity {
        role: DatabaseRole::Superseded,
        effects: Effects::Held,
        sessions_valid_after: database.heartbeat().await?,
        ..site.identity.clone()
    };
    database.set_identity(&grant.permit(), &identity).await?;
    assert!(identity.sessions_valid_after.is_some());
    assert_eq!(database.identity().await?, Some(identity));
    Ok(())
}

#[tokio::test]
async fn a_database_tells_its_clock_its_schema_its_size_and_a_row_to_probe() -> Result<()> {
    let site = Site::new().await?;
    let database = site.database().await?;
    let now = time::OffsetDateTime::now_utc();
    assert!((database.now().await?.0 - now).abs() < time::Duration::minutes(1));
    assert_eq!(
        database.schema_version().await?,
        migrate::newest(Engine::Sqlite)
    );
    assert!(database.size_bytes().await? > 4096);
    assert_eq!(database.heartbeat().await?, None);
    assert_eq!(database.foreign_sessions().await?, 0);
    let row = database.probe_row().await?.expect("there are people");
    assert!(row.email.ends_with("@example.com"));
    Ok(())
}

#[tokio::test]
async fn a_database_of_another_schema_knows_nothing_and_can_be_fenced() -> Result<()> {
    let site = Site::new().await?;
    let other = site.folder.path().join("other.sqlite3");
    let app = crate::site::app(&other).await?;
    sqlx::raw_sql(
        "CREATE TABLE \"odd \"\"na'me\" (a NOT NULL); CREATE TABLE w (k PRIMARY KEY) WITHOUT ROWID",
    )
    .execute(&app)
    .await?;
    let (database, grant) = (
        open(&connect::location(&other)).await?,
        Grant::new("r").await,
    );
    assert_eq!(database.identity().await?, None);
    assert_eq!(database.schema_version().await?, None);
    assert_eq!(database.probe_row().await?, None);
    assert_eq!(database.try_write().await?, None);
    database.fence(&grant.permit()).await?;
    assert!(database.try_write().await?.is_some());
    Ok(())
}

#[tokio::test]
async fn behind_the_fence_nobody_writes_and_everybody_reads() -> Result<()> {
    let site = Site::new().await?;
    let (database, grant) = (site.database().await?, Grant::new("restore-1").await);
    assert_eq!(database.try_write().await?, None);
    database.fence(&grant.permit()).await?;
    database.fence(&grant.permit()).await?;
    let refused = database.try_write().await?.expect("the write went through");
    assert!(
        refused.contains("fenced by opsctl (restore-1)"),
        "{refused}"
    );
    for write in [
        "INSERT INTO users (email, password_hash) VALUES ('a@b', 'x')",
        "UPDATE users SET first_name = 'Ada'",
        "DELETE FROM users",
        "REPLACE INTO schema_support VALUES (1, 1)",
        "INSERT INTO posts (user_id, title, content) SELECT id, 'a', 'b' FROM users",
        "DELETE FROM _sqlx_migrations",
    ] {
        let refused = sqlx::query(write).execute(&site.app).await.unwrap_err();
        assert!(refused.to_string().contains("fenced"), "{write}: {refused}");
    }
    let people: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
        .fetch_one(&site.app)
        .await?;
    assert_eq!(people, 3);
    database.unfence(&grant.permit()).await?;
    assert_eq!(database.try_write().await?, None);
    assert_eq!(triggers(&site).await?, 0);
    site.add_people(1).await
}

async fn triggers(site: &Site) -> Result<i64> {
    Ok(
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name GLOB 'opsctl_fence*'")
            .fetch_one(&site.app)
            .await?,
    )
}

#[tokio::test]
async fn a_fence_does_not_hide_one_table_that_can_still_be_written() -> Result<()> {
    let site = Site::new().await?;
    let (database, grant) = (site.database().await?, Grant::new("restore-1").await);
    database.fence(&grant.permit()).await?;
    sqlx::query("DROP TRIGGER opsctl_fence_insert_comments")
        .execute(&site.app)
        .await?;
    assert_eq!(database.try_write().await?, None);
    Ok(())
}

#[tokio::test]
async fn a_write_that_is_under_way_ends_before_the_fence_stands() -> Result<()> {
    let site = Site::new().await?;
    let (database, grant) = (site.database().await?, Grant::new("restore-1").await);
    let mut writing = site.app.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("INSERT INTO users (email, password_hash) VALUES ('late@example.com', 'x')")
        .execute(&mut *writing)
        .await?;
    let fencing = tokio::spawn(async move { database.fence(&grant.permit()).await });
    tokio::task::yield_now().await;
    writing.commit().await?;
    fencing.await??;
    assert!(site.database().await?.try_write().await?.is_some());
    Ok(())
}

#[tokio::test]
async fn what_is_no_database_is_not_opened() -> Result<()> {
    let site = Site::new().await?;
    let missing = site.folder.path().join("missing.sqlite3");
    assert!(
        SqliteDatabases
            .open(&connect::location(&missing))
            .await
            .is_err()
    );
    assert!(!missing.exists(), "opening made a file");
    let garbage = site.folder.path().join("garbage.sqlite3");
    std::fs::write(&garbage, [7; 8192])?;
    let failure = SqliteDatabases
        .open(&connect::location(&garbage))
        .await
        .err()
        .expect("garbage was opened");
    assert!(failure.hints[0].contains("damaged"), "{failure}");
    assert!(SqliteDatabases.open(&postgres()).await.is_err());
    Ok(())
}
