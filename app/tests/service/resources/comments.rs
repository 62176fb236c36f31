//! Listing somebody's comments, and deleting comments.

use anyhow::Result;
use serde_json::json;

use crate::support::{Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    somebodys_comments_are_listed_where_the_post_can_be_seen,
    a_comment_is_deleted_by_its_author_the_posts_author_or_a_moderator,
);

async fn post(client: &Client, published: bool) -> Result<String> {
    let body = json!({"title": "a", "content": "b", "published": published});
    Ok(client.post("/api/posts", &body).await?.text("id"))
}

async fn comment(client: &Client, post: &str, text: &str) -> Result<String> {
    let path = format!("/api/posts/{post}/comments");
    let answer = client.post(&path, &json!({"content": text})).await?;
    assert_eq!(answer.status, 201, "{answer:?}");
    Ok(answer.text("id"))
}

async fn somebodys_comments_are_listed_where_the_post_can_be_seen(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, id) = service.client.sign_up("author@example.com").await?;
    let (reader, _) = service.client.sign_up("reader@example.com").await?;
    let (open, hidden) = (post(&author, true).await?, post(&author, false).await?);
    comment(&author, &open, "first").await?;
    comment(&author, &open, "second").await?;
    comment(&author, &hidden, "about the draft").await?;
    let list = async |client: &Client, query: &str| {
        let path = format!("/api/users/{id}/comments{query}");
        Ok::<_, anyhow::Error>(client.get(&path).await?.json)
    };
    let count = |page: &serde_json::Value| page["items"].as_array().map_or(0, Vec::len);
    assert_eq!(count(&list(&author, "").await?), 3);
    assert_eq!(count(&list(&reader, "").await?), 2);
    let first = list(&reader, "?limit=1").await?;
    let cursor = first["next_cursor"].as_str().unwrap_or_default();
    let second = list(&reader, &format!("?limit=1&cursor={cursor}")).await?;
    assert_eq!((count(&first), count(&second)), (1, 1));
    assert_ne!(first["items"], second["items"]);
    Ok(())
}

async fn a_comment_is_deleted_by_its_author_the_posts_author_or_a_moderator(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, _) = service.client.sign_up("author@example.com").await?;
    let (reader, _) = service.client.sign_up("reader@example.com").await?;
    let (stranger, _) = service.client.sign_up("stranger@example.com").await?;
    let admin = service.admin(&place).await?;
    let open = post(&author, true).await?;
    for who in [&reader, &author, &admin] {
        let path = format!("/api/comments/{}", comment(&reader, &open, "c").await?);
        let refused = stranger.delete(&path).await?;
        assert_eq!(refused.problem(), (403, "insufficient_permissions"));
        assert_eq!(who.delete(&path).await?.status, 204);
        assert_eq!(
            who.delete(&path).await?.problem(),
            (404, "comment_not_found")
        );
    }
    let hidden = post(&author, false).await?;
    let path = format!("/api/comments/{}", comment(&author, &hidden, "c").await?);
    for who in [&stranger, &admin] {
        assert_eq!(
            who.delete(&path).await?.problem(),
            (404, "comment_not_found")
        );
    }
    Ok(())
}
