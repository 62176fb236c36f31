//! Full-text search: the same words find the same posts on both engines.

use anyhow::Result;
use serde_json::json;

use crate::support::{Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    every_word_must_be_there_and_the_title_counts_more,
    drafts_are_not_found_and_changes_are,
    whatever_is_typed_is_no_query_language,
    names_with_marks_in_them_are_found_as_they_are_typed,
    pages_of_a_search_join_without_a_gap,
);

async fn write(client: &Client, title: &str, content: &str, published: bool) -> Result<String> {
    let body = json!({"title": title, "content": content, "published": published});
    Ok(client.post("/api/posts", &body).await?.text("id"))
}

async fn search(client: &Client, query: &str) -> Result<Vec<String>> {
    let answer = client.get(&format!("/api/posts/search?q={query}")).await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    let items = answer.json["items"].as_array().cloned().unwrap_or_default();
    Ok(items
        .iter()
        .filter_map(|item| Some(item["title"].as_str()?.to_owned()))
        .collect())
}

async fn every_word_must_be_there_and_the_title_counts_more(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    write(&client, "Notes", "a whale and a harbour in the text", true).await?;
    write(
        &client,
        "Whale harbour",
        "something about the sea here",
        true,
    )
    .await?;
    write(
        &client,
        "Whales",
        "harbour alone, in quite some words",
        true,
    )
    .await?;
    assert_eq!(
        search(&client, "WHALE%20harbour").await?,
        ["Whale harbour", "Notes"]
    );
    assert_eq!(search(&client, "whale%20nothing").await?, [""; 0]);
    Ok(())
}

async fn drafts_are_not_found_and_changes_are(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let id = write(&client, "Draft", "zebra", false).await?;
    assert_eq!(search(&client, "zebra").await?, [""; 0]);
    client
        .post(&format!("/api/posts/{id}/publish"), &json!({}))
        .await?;
    assert_eq!(search(&client, "zebra").await?, ["Draft"]);
    let change = json!({"content": "giraffe"});
    client.patch(&format!("/api/posts/{id}"), &change).await?;
    assert_eq!(search(&client, "zebra").await?, [""; 0]);
    assert_eq!(search(&client, "giraffe").await?, ["Draft"]);
    client.delete(&format!("/api/posts/{id}")).await?;
    assert_eq!(search(&client, "giraffe").await?, [""; 0]);
    Ok(())
}

async fn whatever_is_typed_is_no_query_language(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    write(&client, "It", "not or and near", true).await?;
    for query in [
        "NOT",
        "OR%20AND",
        "NEAR(",
        "%22or",
        "content:%20*%22%27)--",
        "a%20%26%20!b",
        "%F0%9F%98%80%20or",
    ] {
        let answer = client.get(&format!("/api/posts/search?q={query}")).await?;
        assert!(
            [200, 400].contains(&answer.status.as_u16()),
            "{query} {answer:?}"
        );
    }
    for query in [
        "",
        "?q=",
        "?q=%20%00",
        "?q=!",
        "?q=%ff",
        "?q=or&cursor=0",
        "?q=or&limit=0",
    ] {
        let answer = client.get(&format!("/api/posts/search{query}")).await?;
        assert_eq!(answer.problem().0, 400, "{query}");
    }
    assert_eq!(search(&client, "not%20OR").await?, ["It"]);
    Ok(())
}

async fn names_with_marks_in_them_are_found_as_they_are_typed(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let names = [
        "Node.js",
        "example.com",
        "https://example.org/a/b?c=d",
        "someone@example.net",
        "v1.25",
        "e-mail",
        "/etc/hosts.allow",
        "R2-D2",
    ];
    for name in names {
        write(&client, name, "nothing else", true).await?;
    }
    for name in names {
        let typed: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for query in [typed.clone(), format!("{typed}%20nothing")] {
            let found = search(&client, &query).await?;
            assert!(found.contains(&name.to_owned()), "{name}: {found:?}");
        }
    }
    Ok(())
}

async fn pages_of_a_search_join_without_a_gap(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    for number in 0..7 {
        write(
            &client,
            &format!("word {}", "x ".repeat(number % 3)),
            &format!("n{number}"),
            true,
        )
        .await?;
    }
    let (mut seen, mut ranks) = (Vec::new(), Vec::new());
    let mut path = "/api/posts/search?q=word&limit=3".to_owned();
    loop {
        let page = client.get(&path).await?.json;
        for item in page["items"].as_array().into_iter().flatten() {
            seen.push(item["id"].as_str().unwrap_or_default().to_owned());
            ranks.push(item["rank"].as_f64().unwrap_or_default());
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/posts/search?q=word&limit=3&cursor={cursor}");
    }
    assert!(ranks.is_sorted_by(|a, b| a >= b), "{ranks:?}");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    Ok(())
}
