//! Databases that the service must not start on, or not write to. Each refusal says what helps.

use anyhow::{Context, Result};
use app::config::Role;
use app::database::APP_SCHEMA;
use app::server::StartError;

use crate::support::{DescriptorFile, Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_stale_database_url_is_refused,
    a_scratch_copy_is_refused,
    a_database_that_nobody_named_is_refused,
    a_database_without_its_schema_is_refused,
    an_older_schema_is_refused,
    a_newer_schema_is_served_as_long_as_it_supports_this_app,
    another_lineage_than_the_descriptors_is_refused,
    a_database_that_is_not_there_is_refused,
    writes_to_a_fenced_database_are_told_to_come_back,
);

async fn refusal(place: &Place) -> Result<StartError> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("DATABASE_TIMEOUT", "5"),
    ];
    Service::start(Role::All, &pairs)
        .await?
        .err()
        .context("it started")
}

async fn assert_refused(place: &Place, says: &str, hint: &str) -> Result<()> {
    let error = refusal(place).await?;
    assert!(error.to_string().contains(says), "{error}");
    assert!(error.hint().contains(hint), "{}", error.hint());
    assert!(!error.to_string().contains("only-of-the-tests"), "{error}");
    Ok(())
}

async fn a_stale_database_url_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    place
        .execute("UPDATE database_identity SET role = 'superseded'")
        .await?;
    assert_refused(&place, "superseded", "opsctl doctor").await
}

async fn a_scratch_copy_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    place
        .execute("UPDATE database_identity SET role = 'scratch'")
        .await?;
    assert_refused(&place, "scratch", "opsctl").await
}

async fn a_database_that_nobody_named_is_refused(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    assert_refused(&place, "does not say which one it is", "opsctl migrate up").await
}

async fn a_database_without_its_schema_is_refused(engine: Engine) -> Result<()> {
    let place = Place::empty(engine).await?;
    assert_refused(&place, "schema 0", "opsctl migrate up").await
}

async fn an_older_schema_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    place
        .execute(&format!(
            "DELETE FROM _sqlx_migrations WHERE version = {APP_SCHEMA}"
        ))
        .await?;
    let before = "SELECT max(version) AS x FROM _sqlx_migrations";
    let before = place.text(before).await?;
    let found = format!("schema {before}, this app needs {APP_SCHEMA}");
    assert_refused(&place, &found, "opsctl migrate up").await
}

async fn a_newer_schema_is_served_as_long_as_it_supports_this_app(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let newer = APP_SCHEMA + 1;
    place
        .execute(&format!(
            "ALTER TABLE users ADD COLUMN nickname text; \
             INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT {newer}, 'expand', success, checksum, 0 FROM _sqlx_migrations WHERE version = {APP_SCHEMA}"
        ))
        .await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    assert_eq!(client.get(&format!("/api/users/{id}")).await?.status, 200);
    service.stop().await;
    place
        .execute(&format!(
            "UPDATE schema_support SET oldest_supported_app_schema = {newer}"
        ))
        .await?;
    let refusal = format!("no longer supports apps below schema {newer}");
    assert_refused(&place, &refusal, "deploy").await
}

async fn another_lineage_than_the_descriptors_is_refused(engine: Engine) -> Result<()> {
    let (place, other) = (Place::primary(engine).await?, Place::primary(engine).await?);
    let descriptor = DescriptorFile::of(&place)?;
    let text = std::fs::read_to_string(descriptor.path())?;
    descriptor
        .write_text(&text.replace(&place.lineage_id.to_string(), &other.lineage_id.to_string()))?;
    let path = descriptor.path().display().to_string();
    let refused = Service::start(Role::All, &[("DATABASE_DESCRIPTOR", &path)]).await?;
    let error = refused.err().context("it started")?;
    assert!(
        error.to_string().contains(&other.lineage_id.to_string()),
        "{error}"
    );
    assert!(descriptor.presences().is_empty());
    Ok(())
}

async fn a_database_that_is_not_there_is_refused(engine: Engine) -> Result<()> {
    let mut place = Place::empty(engine).await?;
    place.url = match engine {
        Engine::Sqlite => place.url.replace("app.sqlite3", "none.sqlite3"),
        Engine::Postgres => format!("{}_none", place.url),
    };
    assert_refused(&place, "cannot connect", "opsctl doctor").await?;
    if let Some(path) = place.url.strip_prefix("sqlite:") {
        assert!(
            !std::path::Path::new(path).exists(),
            "an empty database was made of nothing"
        );
    }
    Ok(())
}

async fn writes_to_a_fenced_database_are_told_to_come_back(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let fence = match engine {
        Engine::Sqlite => {
            "CREATE TRIGGER fence BEFORE INSERT ON posts BEGIN SELECT RAISE(ABORT, 'fenced'); END"
        }
        Engine::Postgres => {
            "CREATE FUNCTION fence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'fenced' USING ERRCODE = 'read_only_sql_transaction'; END $$; \
             CREATE TRIGGER fence BEFORE INSERT ON posts FOR EACH STATEMENT EXECUTE FUNCTION fence()"
        }
    };
    place.execute(fence).await?;
    let body = serde_json::json!({"title": "a", "content": "b"});
    let answer = client.post("/api/posts", &body).await?;
    assert_eq!(answer.problem(), (503, "database_unavailable"));
    assert_eq!(answer.header("retry-after"), "30");
    assert_eq!(client.get(&format!("/api/users/{id}")).await?.status, 200);
    Ok(())
}
