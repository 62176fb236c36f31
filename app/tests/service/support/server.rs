//! One PostgreSQL for the whole test process; it ends with it, however that ends.

use std::sync::{Mutex, OnceLock};

use anyhow::{Context, Result};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use testkit::Postgres;

use super::Engine;
use super::place::migrations;

/// Of the application's login.
pub const PASSWORD: &str = "only-of-the-tests";

/// The server, with the roles and a password for the application's login.
pub fn server() -> Result<&'static Postgres> {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if SERVER.get().is_none() {
        let server = Postgres::start_with(&[("max_connections", "300")])?;
        let roles = std::fs::read_to_string(migrations(Engine::Postgres).join("roles.sql"))?;
        server.execute("app", &roles)?;
        server.execute(
            "app",
            &format!("ALTER ROLE app_login PASSWORD '{PASSWORD}'"),
        )?;
        let _first = SERVER.set(server);
    }
    SERVER.get().context("the server was started above")
}

/// Makes the database `app` of a server of the test's own a primary that the service may use.
pub async fn set_up(server: &Postgres) -> Result<()> {
    let roles = std::fs::read_to_string(migrations(Engine::Postgres).join("roles.sql"))?;
    let mut owner = PgConnection::connect(&server.url()).await?;
    owner.execute(AssertSqlSafe(roles)).await?;
    owner.execute("SET ROLE app_owner").await?;
    Migrator::new(migrations(Engine::Postgres))
        .await?
        .run(&mut owner)
        .await?;
    owner
        .execute(
            "INSERT INTO database_identity (instance_id, lineage_id, role) \
             VALUES (gen_random_uuid(), gen_random_uuid(), 'primary')",
        )
        .await?;
    Ok(())
}
