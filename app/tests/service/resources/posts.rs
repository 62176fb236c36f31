//! Changing, publishing, deleting and listing posts.

use anyhow::Result;
use serde_json::{Value, json};

use crate::support::{Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    an_author_changes_publishes_and_deletes,
    a_stranger_changes_nothing_and_sees_no_draft,
    an_authors_list_shows_drafts_to_the_author_only,
    the_pages_of_a_list_join_without_a_gap,
);

async fn write(client: &Client, title: &str, published: bool) -> Result<String> {
    let body = json!({"title": title, "content": "text", "published": published});
    let answer = client.post("/api/posts", &body).await?;
    assert_eq!(answer.status, 201, "{answer:?}");
    Ok(answer.text("id"))
}

fn titles(page: &Value) -> Vec<&str> {
    let items = page["items"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item["title"].as_str())
        .collect()
}

async fn an_author_changes_publishes_and_deletes(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, _) = service.client.sign_up("author@example.com").await?;
    let (reader, _) = service.client.sign_up("reader@example.com").await?;
    let path = format!("/api/posts/{}", write(&author, "draft", false).await?);
    let changed = author.patch(&path, &json!({"title": "better"})).await?;
    assert_eq!(
        (changed.text("title"), changed.text("content")),
        ("better".into(), "text".into())
    );
    assert_eq!(reader.get(&path).await?.problem(), (404, "post_not_found"));
    let publish = format!("{path}/publish");
    for _ in 0..2 {
        let published = author.post(&publish, &json!({})).await?;
        assert_eq!(published.json["published"], true);
    }
    assert_eq!(reader.get(&path).await?.text("title"), "better");
    assert_eq!(author.delete(&path).await?.status, 204);
    for answer in [author.get(&path).await?, author.delete(&path).await?] {
        assert_eq!(answer.problem(), (404, "post_not_found"));
    }
    Ok(())
}

async fn a_stranger_changes_nothing_and_sees_no_draft(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, _) = service.client.sign_up("author@example.com").await?;
    let (stranger, _) = service.client.sign_up("stranger@example.com").await?;
    let change = json!({"title": "mine"});
    for (published, expected) in [
        (true, (403, "insufficient_permissions")),
        (false, (404, "post_not_found")),
    ] {
        let path = format!("/api/posts/{}", write(&author, "a", published).await?);
        let publish = stranger
            .post(&format!("{path}/publish"), &json!({}))
            .await?;
        assert_eq!(publish.problem(), expected);
        assert_eq!(stranger.patch(&path, &change).await?.problem(), expected);
        assert_eq!(stranger.delete(&path).await?.problem(), expected);
        assert_eq!(author.get(&path).await?.text("title"), "a");
    }
    // A moderator sees no more than others do.
    let admin = service.admin(&place).await?;
    let draft = format!("/api/posts/{}", write(&author, "a", false).await?);
    assert_eq!(
        admin.delete(&draft).await?.problem(),
        (404, "post_not_found")
    );
    Ok(())
}

async fn an_authors_list_shows_drafts_to_the_author_only(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, id) = service.client.sign_up("author@example.com").await?;
    let (reader, other) = service.client.sign_up("reader@example.com").await?;
    write(&author, "published", true).await?;
    write(&author, "draft", false).await?;
    write(&reader, "of another", true).await?;
    let path = format!("/api/users/{id}/posts");
    let own = author.get(&path).await?.json;
    assert_eq!(titles(&own).len(), 2, "{own}");
    assert_eq!(titles(&reader.get(&path).await?.json), ["published"]);
    let others = author.get(&format!("/api/users/{other}/posts")).await?.json;
    assert_eq!(titles(&others), ["of another"]);
    Ok(())
}

async fn the_pages_of_a_list_join_without_a_gap(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, id) = service.client.sign_up("author@example.com").await?;
    for number in 0..7 {
        write(&author, &format!("number {number}"), true).await?;
    }
    // As many rows of one moment as a busy second brings: the key tells them apart.
    place
        .execute("UPDATE posts SET created_at = '2024-01-15T10:30:00.000Z'")
        .await?;
    for list in ["/api/posts".to_owned(), format!("/api/users/{id}/posts")] {
        let mut seen = Vec::new();
        let mut path = format!("{list}?limit=3");
        loop {
            let page = author.get(&path).await?;
            seen.extend(titles(&page.json).into_iter().map(str::to_owned));
            let Some(cursor) = page.json["next_cursor"].as_str() else {
                break;
            };
            path = format!("{list}?limit=3&cursor={cursor}");
            let tampered = format!("{list}?cursor={}0", &cursor[..cursor.len() - 1]);
            let other = format!("{list}?cursor={}1", &cursor[..cursor.len() - 1]);
            let refused = [author.get(&tampered).await?, author.get(&other).await?];
            assert!(refused.iter().any(|answer| answer.status == 400));
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{list}");
    }
    Ok(())
}
