//! Deleting: what goes along, and the trace that it leaves in the same transaction.

use anyhow::Result;

use crate::support::{Engine, Place, on_both_engines};

on_both_engines!(
    a_posts_comments_go_with_it,
    a_users_posts_and_comments_go_with_the_user,
    every_deletion_leaves_a_trace_in_the_same_transaction,
);

/// Two users, a post of the first, a comment of each.
async fn filled(engine: Engine) -> Result<Place> {
    let place = Place::migrated(engine).await?;
    place
        .execute(
            "INSERT INTO users (email, password_hash) VALUES ('one@example.com', 'x'), ('two@example.com', 'x'); \
             INSERT INTO posts (user_id, title, content) SELECT id, 'of one', 'x' FROM users WHERE email LIKE 'one%'; \
             INSERT INTO comments (post_id, user_id, content) SELECT p.id, u.id, u.email FROM posts p, users u",
        )
        .await?;
    Ok(place)
}

async fn counts(place: &Place) -> Result<[String; 4]> {
    let count = async |table: &str| {
        place
            .text(&format!("SELECT count(*) AS x FROM {table}"))
            .await
    };
    Ok([
        count("users").await?,
        count("posts").await?,
        count("comments").await?,
        count("audit_log").await?,
    ])
}

async fn a_posts_comments_go_with_it(engine: Engine) -> Result<()> {
    let place = filled(engine).await?;
    place.execute("DELETE FROM posts").await?;
    assert_eq!(counts(&place).await?, ["2", "0", "0", "3"]);
    Ok(())
}

async fn a_users_posts_and_comments_go_with_the_user(engine: Engine) -> Result<()> {
    let place = filled(engine).await?;
    place
        .execute("DELETE FROM users WHERE email LIKE 'two%'")
        .await?;
    assert_eq!(counts(&place).await?, ["1", "1", "1", "2"]);
    place.execute("DELETE FROM users").await?;
    assert_eq!(counts(&place).await?, ["0", "0", "0", "5"]);
    Ok(())
}

async fn every_deletion_leaves_a_trace_in_the_same_transaction(engine: Engine) -> Result<()> {
    let place = filled(engine).await?;
    let ids = "SELECT id AS x FROM users UNION SELECT id FROM posts UNION SELECT id FROM comments ORDER BY 1";
    let before = place.texts(ids).await?;
    place.execute("BEGIN; DELETE FROM users; ROLLBACK").await?;
    assert_eq!(
        counts(&place).await?,
        ["2", "1", "2", "0"],
        "undone together"
    );
    let actor = "550e8400-e29b-41d4-a716-446655440000";
    let named = match engine {
        Engine::Sqlite => String::new(),
        Engine::Postgres => {
            format!("SET LOCAL app.actor_id = '{actor}'; SET LOCAL app.request_id = 'r-1';")
        }
    };
    place
        .execute(&format!("BEGIN; {named} DELETE FROM users; COMMIT"))
        .await?;
    let traces = "SELECT entity_id AS x FROM audit_log WHERE action = 'deleted' ORDER BY 1";
    assert_eq!(place.texts(traces).await?, before);
    let tables = "SELECT DISTINCT entity AS x FROM audit_log ORDER BY 1";
    assert_eq!(place.texts(tables).await?, ["comments", "posts", "users"]);
    // Keys are kept, text is not.
    let detail = place
        .texts("SELECT detail AS x FROM audit_log")
        .await?
        .join(" ");
    assert!(
        detail.contains("post_id") && !detail.contains("example.com"),
        "{detail}"
    );
    if engine == Engine::Postgres {
        assert_eq!(
            place
                .texts("SELECT DISTINCT actor_id AS x FROM audit_log")
                .await?,
            [actor]
        );
        assert_eq!(
            place
                .texts("SELECT DISTINCT request_id AS x FROM audit_log")
                .await?,
            ["r-1"]
        );
    }
    Ok(())
}
