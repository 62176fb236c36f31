//! What a row may be, the same on both engines, tried against the database itself.

use anyhow::Result;

use crate::support::{Engine, Place, on_both_engines};

on_both_engines!(
    every_length_is_enforced_in_characters,
    rows_that_break_a_rule_are_refused,
    defaults_fill_what_is_left_out,
    the_time_of_the_last_change_is_maintained,
);

const USER: &str = "INSERT INTO users (email, password_hash) VALUES ('a@example.com', 'x')";
const POST: &str = "INSERT INTO posts (user_id, title, content) SELECT id, 'a', 'b' FROM users";
const COMMENT: &str =
    "INSERT INTO comments (post_id, user_id, content) SELECT id, user_id, 'c' FROM posts";

async fn every_length_is_enforced_in_characters(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    place.execute(USER).await?;
    place.execute(POST).await?;
    for (table, column, longest) in [
        ("users", "email", 254),
        ("users", "password_hash", 255),
        ("users", "first_name", 100),
        ("users", "last_name", 100),
        ("posts", "title", 500),
    ] {
        let set = |length| format!("UPDATE {table} SET {column} = '{}'", "é".repeat(length));
        place.execute(&set(longest)).await?;
        assert!(
            place.execute(&set(longest + 1)).await.is_err(),
            "{table}.{column}"
        );
    }
    Ok(())
}

async fn rows_that_break_a_rule_are_refused(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    place.execute(USER).await?;
    place.execute(POST).await?;
    let nobody = "'550e8400-e29b-41d4-a716-446655440000'";
    for statement in [
        "INSERT INTO users (email, password_hash) VALUES ('A@EXAMPLE.com', 'x')".to_owned(),
        "INSERT INTO users (email, password_hash) VALUES ('b@example.com', '')".to_owned(),
        "INSERT INTO users (email) VALUES ('b@example.com')".to_owned(),
        "INSERT INTO users (password_hash) VALUES ('x')".to_owned(),
        "INSERT INTO users (email, password_hash, created_at, updated_at) VALUES \
            ('b@example.com', 'x', '2024-01-02T00:00:00.000Z', '2024-01-01T00:00:00.000Z')"
            .to_owned(),
        "INSERT INTO users (id, email, password_hash) VALUES ('1', 'b@example.com', 'x')".to_owned(),
        "INSERT INTO users (email, password_hash, created_at) VALUES ('b@example.com', 'x', 'no time')"
            .to_owned(),
        format!("INSERT INTO posts (user_id, title, content) VALUES ({nobody}, 'a', 'b')"),
        "INSERT INTO posts (user_id, title) SELECT id, 'a' FROM users".to_owned(),
        "INSERT INTO posts (user_id, content) SELECT id, 'a' FROM users".to_owned(),
        "UPDATE posts SET published = NULL".to_owned(),
        format!("INSERT INTO comments (post_id, user_id, content) SELECT id, {nobody}, 'c' FROM posts"),
        format!("INSERT INTO comments (post_id, user_id, content) SELECT {nobody}, id, 'c' FROM users"),
        "INSERT INTO comments (post_id, user_id) SELECT id, user_id FROM posts".to_owned(),
        "INSERT INTO heartbeat (id, beat_at, writer) VALUES (2, '2024-01-02T00:00:00.000Z', 'x')".to_owned(),
        format!("INSERT INTO database_identity (instance_id, lineage_id, role) VALUES ({nobody}, {nobody}, 'other')"),
        "INSERT INTO schema_support (id) VALUES (2)".to_owned(),
    ] {
        assert!(place.execute(&statement).await.is_err(), "{statement}");
    }
    assert_eq!(place.text("SELECT count(*) AS x FROM users").await?, "1");
    Ok(())
}

async fn defaults_fill_what_is_left_out(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    for statement in [USER, POST, COMMENT] {
        place.execute(statement).await?;
    }
    for table in ["users", "posts", "comments"] {
        let id = place.text(&format!("SELECT id AS x FROM {table}")).await?;
        let id = uuid::Uuid::parse_str(&id)?;
        assert_eq!(id.get_version_num(), 4, "{table}");
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122, "{table}");
        let recent = match engine {
            Engine::Sqlite => "created_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 minute')",
            Engine::Postgres => "created_at > now() - interval '1 minute'",
        };
        let rows = place
            .text(&format!("SELECT count(*) AS x FROM {table} WHERE {recent}"))
            .await?;
        assert_eq!(rows, "1", "{table}");
    }
    assert_eq!(
        place
            .text("SELECT count(*) AS x FROM posts WHERE published = FALSE")
            .await?,
        "1"
    );
    let floor = "SELECT oldest_supported_app_schema AS x FROM schema_support";
    assert_eq!(place.text(floor).await?, "1");
    Ok(())
}

async fn the_time_of_the_last_change_is_maintained(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    for statement in [USER, POST] {
        place.execute(statement).await?;
    }
    for (table, change) in [
        ("users", "first_name = 'A'"),
        ("posts", "content = 'changed'"),
    ] {
        let updated_at = format!("SELECT updated_at AS x FROM {table}");
        let before = place.text(&updated_at).await?;
        // SQLite's clock ticks in milliseconds.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        place
            .execute(&format!("UPDATE {table} SET {change}"))
            .await?;
        let after = place.text(&updated_at).await?;
        assert!(after > before, "{table}: {before} {after}");
        // A clock that was set back must not make rows impossible to change.
        let future = "'2999-01-01T00:00:00.000Z'";
        place
            .execute(&format!(
                "UPDATE {table} SET created_at = {future}, updated_at = {future}"
            ))
            .await?;
        place
            .execute(&format!("UPDATE {table} SET {change}"))
            .await?;
        assert!(
            place.text(&updated_at).await?.starts_with("2999-01-01"),
            "{table}"
        );
    }
    Ok(())
}
