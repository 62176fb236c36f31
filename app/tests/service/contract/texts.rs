//! Whatever people write comes back as it was: no character is lost, none is an order to a database or a browser.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::support::{Client, Engine, Place, Service, on_both_engines};

on_both_engines!(whatever_people_write_comes_back_as_it_was);

const TEXTS: &[&str] = &[
    // Orders to a database.
    "Robert'); DROP TABLE users; --",
    "\" OR \"\"=\"",
    "' UNION SELECT password_hash FROM users --",
    "100%_\\ $1 ?1 :name {0} %s",
    "1; SELECT pg_sleep(10)",
    "E'\\x00' \\' \\\\",
    // Orders to a browser, a shell, a template.
    "</script><img src=x onerror=alert(1)>",
    "${jndi:ldap://localhost/a} {{7*7}} `id` $(id)",
    "../../etc/passwd\r\nX-Injected: yes",
    // People of one family, a flag, a skin.
    "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪",
    // From right to left, both ways in one line, and turned round on purpose.
    "שלום עולם",
    "السلام عليكم (2024) hello",
    "\u{202e}gnp.exe\u{202c} \u{2066}x\u{2069}",
    // Letters in parts, too many parts, and whole ones that look the same.
    "Cafe\u{301}s e\u{301} é",
    "Z\u{351}\u{36b}\u{343}\u{36a}\u{302}a\u{30d}l\u{353}g\u{31e}o",
    "ﬁ ſ İ ı ß ẞ Å Å",
    "日本語 한국어 ไทย ქართული",
    "हिन्दी தமிழ்",
    // What one does not see.
    "a\u{200b}b\u{feff}c\u{a0}d\u{ad}e",
    "\u{1}\u{7}\u{1b}[31m\u{7f}\u{85}\u{2028}",
    "\u{fffe}\u{ffff}\u{10ffff}\u{e000}",
    " \t\n ",
];

/// Those of them that people would look for.
const WORDS: &[&str] = &[
    "Robert'); DROP TABLE users; --",
    "שלום עולם",
    "السلام عليكم (2024) hello",
    "Cafe\u{301}s e\u{301} é",
    "日本語 한국어 ไทย ქართული",
];

async fn profile_keeps(service: &Service, number: usize, text: &str) -> Result<Client> {
    let body = json!({
        "email": format!("u{number}@example.com"), "password": format!("correct horse {text}"),
        "first_name": text, "last_name": text,
    });
    let created = service.client.post("/api/users", &body).await?;
    anyhow::ensure!(created.status == 201, "{text:?}: {created:?}");
    let session = service.client.post("/auth/login", &body).await?;
    let me = service.client.with_token(session.text("access_token"));
    let shown = me
        .get(&format!("/api/users/{}", created.text("id")))
        .await?;
    for name in ["first_name", "last_name"] {
        assert_eq!(shown.text(name), text);
    }
    Ok(me)
}

async fn post_keeps(me: &Client, text: &str) -> Result<()> {
    let body = json!({"title": text, "content": text, "published": true});
    let post = me.post("/api/posts", &body).await?;
    anyhow::ensure!(post.status == 201, "{text:?}: {post:?}");
    let path = format!("/api/posts/{}", post.text("id"));
    // The second time from its copy.
    for _ in 0..2 {
        let shown = me.get(&path).await?;
        assert_eq!(
            (shown.text("title"), shown.text("content")),
            (text.into(), text.into())
        );
    }
    let comments = format!("{path}/comments");
    me.post(&comments, &json!({"content": text})).await?;
    let comments = me.get(&comments).await?.json;
    assert_eq!(comments["items"][0]["content"], text);
    let listed = me.get("/api/posts?limit=1").await?.json;
    assert_eq!(listed["items"][0]["title"], text);
    Ok(())
}

/// Looked for by itself, nothing breaks; and where it is made of words, it is found.
async fn search_bears(me: &Client, text: &str) -> Result<()> {
    let query: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let found = me
        .get(&format!("/api/posts/search?limit=100&q={query}"))
        .await?;
    let has_words = text.chars().any(char::is_alphanumeric);
    let status = if has_words { 200 } else { 400 };
    assert_eq!(found.status, status, "{text:?}: {found:?}");
    if !WORDS.contains(&text) {
        return Ok(());
    }
    let items = found.json["items"].as_array().context("items")?;
    let titles: Vec<&Value> = items.iter().map(|item| &item["title"]).collect();
    assert!(titles.contains(&&json!(text)), "{text:?} in {titles:?}");
    Ok(())
}

async fn whatever_people_write_comes_back_as_it_was(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    for (number, text) in TEXTS.iter().enumerate() {
        let me = profile_keeps(&service, number, text).await?;
        post_keeps(&me, text).await?;
        search_bears(&me, text).await?;
    }
    for table in ["users", "posts", "comments"] {
        let count = format!("SELECT count(*) AS x FROM {table}");
        assert_eq!(
            place.text(&count).await?,
            TEXTS.len().to_string(),
            "{table}"
        );
    }
    Ok(())
}
