//! Identity and fence.

use std::sync::Arc;

use anyhow::Result;
use opsctl_core::names::{InstanceId, LineageId};
use opsctl_core::ports::{
    Database, DatabaseIdentity, DatabaseRole, Databases, Effects, Engine, Location,
};
use opsctl_postgres::databases::PostgresDatabases;
use opsctl_simulation::Grant;
use sqlx::{Connection, Executor, PgConnection};
use testkit::postgres::Postgres;

const SCHEMA: &str = "CREATE TABLE heartbeat (id int PRIMARY KEY, beat_at timestamptz NOT NULL);
    CREATE TABLE database_identity (id int PRIMARY KEY, instance_id uuid, lineage_id uuid, role text,
      effects text, sessions_valid_after timestamptz, changed_at timestamptz);
    CREATE SCHEMA \"odd \"\"name\"; CREATE TABLE \"odd \"\"name\".\"Ta ble\" (a int);
    INSERT INTO heartbeat VALUES (1, '2026-11-23T06:15:00Z');";

async fn open(server: &Postgres) -> Result<Arc<dyn Database>> {
    let location = Location {
        engine: Engine::Postgres,
        url: server.url().to_string(),
        password_file: None,
        password_secret: None,
    };
    Ok(PostgresDatabases.open(&location).await?)
}

async fn prepared() -> Result<(Postgres, Arc<dyn Database>, PgConnection)> {
    let server = Postgres::start()?;
    let mut writer = PgConnection::connect(&server.url()).await?;
    writer.execute(SCHEMA).await?;
    let database = open(&server).await?;
    Ok((server, database, writer))
}

#[tokio::test]
async fn a_database_that_was_never_set_up_has_no_identity_no_heartbeat_and_no_schema() -> Result<()>
{
    let server = Postgres::start()?;
    let database = open(&server).await?;
    assert_eq!(database.identity().await?, None);
    assert_eq!(database.heartbeat().await?, None);
    assert_eq!(database.schema_version().await?, None);
    assert_eq!(database.probe_row().await?, None);
    Ok(())
}

#[tokio::test]
async fn an_identity_is_read_back_as_it_was_written() -> Result<()> {
    let (_server, database, _) = prepared().await?;
    let grant = Grant::new("restore-1").await;
    let identity = DatabaseIdentity {
        instance_id: InstanceId(uuid::Uuid::new_v4()),
        lineage_id: LineageId(uuid::Uuid::new_v4()),
        role: DatabaseRole::Scratch,
        effects: Effects::Held,
        sessions_valid_after: database.heartbeat().await?,
    };
    database.set_identity(&grant.permit(), &identity).await?;
    assert_eq!(database.identity().await?, Some(identity));
    Ok(())
}

#[tokio::test]
async fn behind_the_fence_nobody_writes_and_everybody_reads() -> Result<()> {
    let (_server, database, mut writer) = prepared().await?;
    let grant = Grant::new("restore-1").await;
    assert_eq!(database.try_write().await?, None);
    database.fence(&grant.permit()).await?;
    database.fence(&grant.permit()).await?;
    let refused = database.try_write().await?.expect("the write went through");
    assert!(refused.contains("fenced by opsctl"), "{refused}");
    for write in [
        "INSERT INTO \"odd \"\"name\".\"Ta ble\" VALUES (1)",
        "TRUNCATE heartbeat",
    ] {
        assert!(writer.execute(write).await.is_err(), "{write}");
    }
    writer.execute("SELECT * FROM heartbeat").await?;
    database.unfence(&grant.permit()).await?;
    assert_eq!(database.try_write().await?, None);
    Ok(())
}

#[tokio::test]
async fn a_writer_that_never_commits_does_not_keep_the_fence_from_standing() -> Result<()> {
    let (_server, database, mut writer) = prepared().await?;
    let grant = Grant::new("restore-1").await;
    writer.execute("BEGIN; UPDATE heartbeat SET id = 2").await?;
    database.fence(&grant.permit()).await?;
    assert!(database.try_write().await?.is_some());
    assert!(
        writer.execute("COMMIT").await.is_err(),
        "a write from before the fence committed"
    );
    Ok(())
}
