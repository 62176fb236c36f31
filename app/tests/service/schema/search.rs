//! Full-text search finds what is there, and only that, on both engines.

use anyhow::Result;

use crate::support::{Engine, Place, on_both_engines};

on_both_engines!(a_post_is_found_by_the_words_it_has_now);

async fn found(place: &Place, word: &str) -> Result<Vec<String>> {
    let search = match place.engine {
        Engine::Sqlite => format!(
            "SELECT p.title AS x FROM posts_search s JOIN posts p ON p.rowid = s.rowid \
             WHERE posts_search MATCH '{word}' ORDER BY 1"
        ),
        Engine::Postgres => format!(
            "SELECT title AS x FROM posts WHERE search_document @@ to_tsquery('simple', '{word}') ORDER BY 1"
        ),
    };
    place.texts(&search).await
}

async fn a_post_is_found_by_the_words_it_has_now(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    place
        .execute(
            "INSERT INTO users (email, password_hash) VALUES ('a@example.com', 'x'); \
             INSERT INTO posts (user_id, title, content) SELECT id, 'Red house', 'with a Garden' FROM users; \
             INSERT INTO posts (user_id, title, content) SELECT id, 'Blue house', 'by the sea' FROM users",
        )
        .await?;
    assert_eq!(found(&place, "house").await?, ["Blue house", "Red house"]);
    assert_eq!(found(&place, "garden").await?, ["Red house"]);
    place
        .execute("UPDATE posts SET content = 'in the wood' WHERE title = 'Red house'")
        .await?;
    assert_eq!(found(&place, "garden").await?, [""; 0]);
    assert_eq!(found(&place, "wood").await?, ["Red house"]);
    place
        .execute("DELETE FROM posts WHERE title = 'Red house'")
        .await?;
    assert_eq!(found(&place, "house").await?, ["Blue house"]);
    place.execute("DELETE FROM users").await?;
    assert_eq!(found(&place, "house").await?, [""; 0]);
    Ok(())
}
