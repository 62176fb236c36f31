//! What SQLite needs help with: types, times, the list of changed rows, and rowids that the search index depends on.

use anyhow::Result;

use crate::support::{Engine, Place};

async fn place() -> Result<Place> {
    let place = Place::migrated(Engine::Sqlite).await?;
    place
        .execute("INSERT INTO users (email, password_hash) VALUES ('a@example.com', 'x')")
        .await?;
    Ok(place)
}

#[tokio::test]
async fn a_time_is_utc_with_milliseconds_and_nothing_else() -> Result<()> {
    let place = place().await?;
    for time in [
        "2024-01-15 10:30:00",
        "2024-01-15T10:30:00Z",
        "2024-01-15T10:30:00.000",
        "2024-01-15T10:30:00.000+02:00",
        "2024-01-15T10:30:00.000000Z",
        "2024-02-30T10:30:00.000Z",
        "now",
        "",
    ] {
        let update = format!("UPDATE users SET created_at = '{time}'");
        assert!(place.execute(&update).await.is_err(), "{time}");
    }
    place
        .execute("UPDATE users SET created_at = '2024-01-15T10:30:00.000Z'")
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_column_holds_its_type_only() -> Result<()> {
    let place = place().await?;
    place
        .execute("INSERT INTO posts (user_id, title, content) SELECT id, 'a', 'b' FROM users")
        .await?;
    for update in [
        "UPDATE posts SET published = 2",
        "UPDATE posts SET published = 'yes'",
        "UPDATE posts SET id = 'not a uuid'",
        "UPDATE posts SET id = upper(id)",
        "UPDATE posts SET content = x'00'",
    ] {
        assert!(place.execute(update).await.is_err(), "{update}");
    }
    Ok(())
}

#[tokio::test]
async fn every_change_of_a_row_is_listed_in_the_order_of_commits() -> Result<()> {
    let place = place().await?;
    place
        .execute(
            "INSERT INTO posts (user_id, title, content) SELECT id, 'a', 'b' FROM users; \
             INSERT INTO comments (post_id, user_id, content) SELECT id, user_id, 'c' FROM posts; \
             UPDATE comments SET content = 'd'; \
             BEGIN; DELETE FROM comments; ROLLBACK; \
             PRAGMA foreign_keys = ON; \
             DELETE FROM users",
        )
        .await?;
    let listed = "SELECT table_name || ' ' || operation AS x FROM row_changes ORDER BY seq";
    assert_eq!(
        place.texts(listed).await?,
        [
            "users insert",
            "posts insert",
            "comments insert",
            "comments update",
            "comments delete",
            "posts delete",
            "users delete",
        ]
    );
    // A number is never given twice, or a copy's highest would explain too much.
    place.execute("DELETE FROM row_changes").await?;
    place
        .execute("INSERT INTO users (email, password_hash) VALUES ('b@example.com', 'x')")
        .await?;
    assert_eq!(place.text("SELECT seq AS x FROM row_changes").await?, "8");
    Ok(())
}

#[tokio::test]
async fn the_search_index_survives_a_vacuum() -> Result<()> {
    let place = place().await?;
    for number in 0..50 {
        place
            .execute(&format!(
                "INSERT INTO posts (user_id, title, content) SELECT id, 'word{number}', 'b' FROM users"
            ))
            .await?;
    }
    place
        .execute("DELETE FROM posts WHERE title LIKE 'word%' AND length(title) = 5")
        .await?;
    place.execute("VACUUM").await?;
    // Fails where the index and the table disagree.
    place
        .execute("INSERT INTO posts_search (posts_search, rank) VALUES ('integrity-check', 1)")
        .await?;
    let found = "SELECT p.title AS x FROM posts_search s JOIN posts p ON p.rowid = s.rowid \
        WHERE posts_search MATCH 'word42'";
    assert_eq!(place.texts(found).await?, ["word42"]);
    Ok(())
}
