//! Posts: writing, seeing, paging.

use anyhow::Result;
use serde_json::json;

use crate::support::{Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_post_is_written_and_read,
    a_draft_is_there_for_its_author_only,
    pages_hold_every_post_once_newest_first,
    a_page_that_was_not_asked_for_properly_is_refused,
    an_author_who_is_gone_cannot_write,
    a_title_of_500_characters_is_the_longest,
);

async fn write(client: &Client, title: &str, published: bool) -> Result<String> {
    let body = json!({"title": title, "content": "text", "published": published});
    let answer = client.post("/api/posts", &body).await?;
    anyhow::ensure!(answer.status == 201, "{answer:?}");
    Ok(answer.text("id"))
}

async fn a_post_is_written_and_read(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, user) = service.client.sign_up("me@example.com").await?;
    let body = json!({"title": "Grüße 🌍", "content": "Zeile 1\nZeile 2", "published": true});
    let created = client.post("/api/posts", &body).await?;
    assert_eq!(created.status, 201);
    let id = created.text("id");
    assert_eq!(created.header("location"), format!("/api/posts/{id}"));
    let read = client.get(&format!("/api/posts/{id}")).await?;
    assert_eq!(read.json, created.json);
    let time = read.text("created_at");
    assert_eq!(
        read.json,
        json!({
            "id": id, "user_id": user, "title": "Grüße 🌍", "content": "Zeile 1\nZeile 2",
            "published": true, "created_at": time, "updated_at": time,
        })
    );
    assert_eq!(
        service
            .client
            .get(&format!("/api/posts/{id}"))
            .await?
            .status,
        401
    );
    assert_eq!(service.client.post("/api/posts", &body).await?.status, 401);
    Ok(())
}

async fn a_draft_is_there_for_its_author_only(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, _) = service.client.sign_up("author@example.com").await?;
    let (other, _) = service.client.sign_up("other@example.com").await?;
    // Not published is what holds when nothing is said.
    let body = json!({"title": "a", "content": "b"});
    let draft = author.post("/api/posts", &body).await?;
    assert_eq!(draft.json["published"], false);
    let path = format!("/api/posts/{}", draft.text("id"));
    assert_eq!(author.get(&path).await?.status, 200);
    assert_eq!(other.get(&path).await?.problem(), (404, "post_not_found"));
    assert_eq!(other.get("/api/posts").await?.json["items"], json!([]));
    let comments = format!("{path}/comments");
    let body = json!({"content": "hello"});
    assert_eq!(author.post(&comments, &body).await?.status, 201);
    assert_eq!(
        other.post(&comments, &body).await?.problem(),
        (404, "post_not_found")
    );
    assert_eq!(
        other.get(&comments).await?.problem(),
        (404, "post_not_found")
    );
    Ok(())
}

async fn pages_hold_every_post_once_newest_first(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let mut written = Vec::new();
    for number in 0..7 {
        written.push(write(&client, &format!("post {number}"), true).await?);
    }
    // Three of them in the same moment: the key decides, and no page may lose one of them.
    place
        .execute("UPDATE posts SET created_at = '2024-01-15T10:30:00.000Z' WHERE title IN ('post 1', 'post 2', 'post 3')")
        .await?;
    let mut seen = Vec::new();
    let mut path = "/api/posts?limit=2".to_owned();
    loop {
        let page = client.get(&path).await?;
        assert_eq!(page.status, 200, "{page:?}");
        let items = page.json["items"].as_array().cloned().unwrap_or_default();
        assert!((1..=2).contains(&items.len()));
        seen.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap_or_default().to_owned()),
        );
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/posts?limit=2&cursor={cursor}");
    }
    assert_eq!(
        seen[..4],
        [&written[6], &written[5], &written[4], &written[0]].map(String::clone)
    );
    let mut all = (seen.clone(), written);
    all.0.sort();
    all.1.sort();
    assert_eq!(all.0, all.1);
    assert!(seen[4..].is_sorted_by(|left, right| left > right));
    Ok(())
}

async fn a_page_that_was_not_asked_for_properly_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "cursor=x",
        "cursor=%00",
    ] {
        let answer = client.get(&format!("/api/posts?{query}")).await?;
        assert_eq!(answer.problem(), (400, "invalid_page"), "{query}");
    }
    assert_eq!(
        client.get("/api/posts?limit=100&other=1").await?.status,
        200
    );
    let twice = client.get("/api/posts?limit=1&limit=2").await?;
    assert_eq!(twice.problem(), (400, "invalid_query"));
    Ok(())
}

async fn an_author_who_is_gone_cannot_write(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, _) = service.client.sign_up("author@example.com").await?;
    let (gone, gone_id) = service.client.sign_up("gone@example.com").await?;
    let post = write(&author, "a", true).await?;
    place
        .execute(&format!("DELETE FROM users WHERE id = '{gone_id}'"))
        .await?;
    let body = json!({"title": "a", "content": "b"});
    assert_eq!(
        gone.post("/api/posts", &body).await?.problem(),
        (401, "invalid_token")
    );
    let comments = format!("/api/posts/{post}/comments");
    assert_eq!(
        gone.post(&comments, &body).await?.problem(),
        (401, "invalid_token")
    );
    Ok(())
}

async fn a_title_of_500_characters_is_the_longest(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    write(&client, &"é".repeat(500), true).await?;
    for title in [String::new(), "é".repeat(501)] {
        let body = json!({"title": title, "content": "b"});
        assert_eq!(
            client.post("/api/posts", &body).await?.problem(),
            (422, "invalid_field")
        );
    }
    // Long content is a post too, its search index included.
    let words: Vec<String> = (0..100_000).map(|number| format!("w{number}")).collect();
    let body = json!({"title": "long", "content": words.join(" "), "published": true});
    assert_eq!(client.post("/api/posts", &body).await?.status, 201);
    Ok(())
}
