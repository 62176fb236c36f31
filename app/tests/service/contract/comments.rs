//! Comments: writing and paging.

use anyhow::Result;
use serde_json::json;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(comments_are_paged_oldest_first, a_comment_needs_its_post);

async fn comments_are_paged_oldest_first(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, _) = service.client.sign_up("author@example.com").await?;
    let (reader, reader_id) = service.client.sign_up("reader@example.com").await?;
    let body = json!({"title": "a", "content": "b", "published": true});
    let post = author.post("/api/posts", &body).await?.text("id");
    let path = format!("/api/posts/{post}/comments");
    let mut written = Vec::new();
    for number in 0..5 {
        let body = json!({"content": format!("comment {number}")});
        let answer = reader.post(&path, &body).await?;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.text("user_id"), reader_id);
        assert_eq!(answer.text("post_id"), post);
        written.push(answer.text("id"));
    }
    // Each its own moment: SQLite's clock ticks in milliseconds.
    for (number, id) in written.iter().enumerate() {
        place
            .execute(&format!(
                "UPDATE comments SET created_at = '2024-01-15T10:30:0{number}.000Z' WHERE id = '{id}'"
            ))
            .await?;
    }
    let first = author.get(&format!("{path}?limit=3")).await?;
    let cursor = first.text("next_cursor");
    let second = author
        .get(&format!("{path}?limit=3&cursor={cursor}"))
        .await?;
    assert!(second.json["next_cursor"].is_null());
    let pages = [&first.json["items"], &second.json["items"]];
    let seen: Vec<_> = pages
        .into_iter()
        .flat_map(|items| items.as_array().cloned().unwrap_or_default())
        .map(|item| item["id"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(seen, written);
    Ok(())
}

async fn a_comment_needs_its_post(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let path = "/api/posts/550e8400-e29b-41d4-a716-446655440000/comments";
    let body = json!({"content": "hello"});
    let answer = client.post(path, &body).await?;
    assert_eq!(answer.problem(), (404, "post_not_found"));
    assert_eq!(client.get(path).await?.problem(), (404, "post_not_found"));
    assert_eq!(
        client.get("/api/posts/1/comments").await?.problem(),
        (400, "invalid_id")
    );
    Ok(())
}
