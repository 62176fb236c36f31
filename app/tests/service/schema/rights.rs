//! What the application's login may do on PostgreSQL: rows, and nothing else. The rest is tried, one by one.

use anyhow::Result;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::support::{Engine, Place, migrations};

async fn place_and_login() -> Result<(Place, PgConnection)> {
    let place = Place::primary(Engine::Postgres).await?;
    let login = PgConnection::connect(&place.url).await?;
    Ok((place, login))
}

#[tokio::test]
async fn the_login_reads_and_writes_rows() -> Result<()> {
    let (_place, mut login) = place_and_login().await?;
    for statement in [
        "INSERT INTO users (email, password_hash) VALUES ('a@example.com', 'x')",
        "INSERT INTO posts (user_id, title, content) SELECT id, 'a', 'b' FROM users",
        "INSERT INTO comments (post_id, user_id, content) SELECT id, user_id, 'c' FROM posts",
        "UPDATE users SET first_name = 'A'",
        "UPDATE posts SET published = TRUE",
        "UPDATE comments SET content = 'd'",
        "INSERT INTO heartbeat (beat_at, writer) VALUES (now(), 'x')",
        "UPDATE heartbeat SET beat_at = now()",
        "INSERT INTO audit_log (action, entity, entity_id) VALUES ('read', 'users', '1')",
        "SELECT * FROM users, posts, comments, heartbeat, audit_log",
        "SELECT * FROM database_identity, schema_support, _sqlx_migrations",
        "DELETE FROM comments",
        "DELETE FROM users",
    ] {
        login
            .execute(statement)
            .await
            .map_err(|error| anyhow::anyhow!("{statement}: {error}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn the_login_can_do_nothing_else() -> Result<()> {
    let (_place, mut login) = place_and_login().await?;
    for statement in [
        "CREATE TABLE t (x int)",
        "CREATE TEMPORARY TABLE t (x int)",
        "CREATE SCHEMA s",
        "CREATE DATABASE d",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION pg_trgm",
        "CREATE VIEW v AS SELECT 1",
        "CREATE INDEX i ON users (first_name)",
        "CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION maintain_updated_at()",
        "ALTER TABLE users ADD COLUMN x int",
        "ALTER TABLE users DISABLE TRIGGER users_audit_deletion",
        "ALTER TABLE users OWNER TO app_login",
        "DROP TABLE comments",
        "DROP INDEX users_email_key",
        "TRUNCATE users CASCADE",
        "LOCK TABLE database_identity IN ACCESS EXCLUSIVE MODE",
        "CREATE ROLE r",
        "ALTER ROLE app_login SUPERUSER",
        "ALTER ROLE app_login CREATEROLE",
        "SET ROLE app_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "GRANT app_owner TO app_login",
        "INSERT INTO database_identity (instance_id, lineage_id, role) VALUES (gen_random_uuid(), gen_random_uuid(), 'primary')",
        "UPDATE database_identity SET role = 'primary'",
        "DELETE FROM database_identity",
        "UPDATE schema_support SET oldest_supported_app_schema = 9",
        "INSERT INTO _sqlx_migrations SELECT 99, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations LIMIT 1",
        "UPDATE _sqlx_migrations SET success = FALSE",
        "DELETE FROM _sqlx_migrations",
        "UPDATE audit_log SET action = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "DELETE FROM heartbeat",
        "COPY users TO PROGRAM 'true'",
        "COPY users FROM PROGRAM 'true'",
        "COPY users TO '/dev/null'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT lo_import('/etc/hostname')",
        "SELECT pg_reload_conf()",
        "SELECT pg_switch_wal()",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
        "SELECT * FROM pg_authid",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "CLUSTER users USING users_pkey",
        "REINDEX TABLE users",
        "DO $$ BEGIN EXECUTE 'CREATE TABLE t (x int)'; END $$",
        "CALL audit_deletion()",
        "SELECT maintain_updated_at()",
    ] {
        let done = login.execute(AssertSqlSafe(statement)).await;
        assert!(done.is_err(), "{statement}");
    }
    Ok(())
}

/// Some things PostgreSQL skips with a warning instead of refusing them.
#[tokio::test]
async fn what_is_only_warned_about_changes_nothing() -> Result<()> {
    let (place, mut login) = place_and_login().await?;
    let state = "SELECT relname || ' ' || relfilenode || ' ' || coalesce(relacl::text, '') AS x \
        FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname";
    let before = place.texts(state).await?;
    for statement in [
        "GRANT SELECT ON users TO PUBLIC",
        "VACUUM FULL users",
        "ANALYZE users",
    ] {
        let _warned = login.execute(AssertSqlSafe(statement)).await;
    }
    assert_eq!(place.texts(state).await?, before);
    Ok(())
}

#[tokio::test]
async fn nobody_else_gets_in_and_the_owner_cannot_log_in() -> Result<()> {
    let (place, _login) = place_and_login().await?;
    let facts = "SELECT concat_ws(' ', rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls) AS x \
        FROM pg_roles WHERE rolname LIKE 'app\\_%' ORDER BY 1";
    assert_eq!(
        place.texts(facts).await?,
        [
            "app_login t f f f f f",
            "app_login_b t f f f f f",
            "app_owner f f f f f f",
            "app_readwrite f f f f f f"
        ]
    );
    let owners = "SELECT DISTINCT pg_get_userbyid(relowner) AS x FROM pg_class \
        WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(place.texts(owners).await?, ["app_owner"]);
    let open = "SELECT has_schema_privilege('app_login', 'public', 'create') \
        OR has_database_privilege('app_login', current_database(), 'create') \
        OR has_database_privilege('app_login', current_database(), 'temporary') \
        OR EXISTS (SELECT FROM aclexplode((SELECT datacl FROM pg_database WHERE datname = current_database())) WHERE grantee = 0) AS x";
    assert_eq!(place.text(open).await?, "false");
    Ok(())
}

/// As on RDS: an administrator who is no superuser, and a cluster in which nothing has been prepared.
#[tokio::test]
async fn an_administrator_who_is_no_superuser_can_set_everything_up() -> Result<()> {
    let server = testkit::Postgres::start()?;
    let password = "only-of-this-test";
    let role = format!("CREATE ROLE chief LOGIN CREATEROLE CREATEDB PASSWORD '{password}'");
    server.execute("postgres", &role)?;
    server.execute("postgres", "CREATE DATABASE platform OWNER chief")?;
    let url = server
        .admin_url("platform")
        .replace("postgres@", &format!("chief:{password}@"));
    let mut chief = PgConnection::connect(&url).await?;
    let roles = std::fs::read_to_string(migrations(Engine::Postgres).join("roles.sql"))?;
    for _ in 0..2 {
        chief.execute(AssertSqlSafe(roles.clone())).await?;
    }
    chief.execute("SET ROLE app_owner").await?;
    Migrator::new(migrations(Engine::Postgres))
        .await?
        .run(&mut chief)
        .await?;
    chief
        .execute("INSERT INTO users (email, password_hash) VALUES ('a@example.com', 'x')")
        .await?;
    Ok(())
}
