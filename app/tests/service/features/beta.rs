//! `/api/v2`, which `FEATURE_BETA_API_V2` opens.

use anyhow::Result;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_closed_beta_is_not_there_and_an_open_one_shows_names_and_authors,
    a_beta_for_a_share_of_the_users_is_there_for_the_same_ones_each_time,
);

async fn set(admin: &Client, body: &Value) -> Result<()> {
    let path = "/api/admin/flags/FEATURE_BETA_API_V2";
    let answer = admin.send_with(Method::PUT, path, &[], Some(body)).await?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    Ok(())
}

async fn a_closed_beta_is_not_there_and_an_open_one_shows_names_and_authors(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let (john, id) = service.client.sign_up("john@example.com").await?;
    let (mary, _) = service.client.sign_up("mary@example.com").await?;
    let names = json!({"first_name": "John", "last_name": "Doe"});
    john.patch(&format!("/api/users/{id}"), &names).await?;
    let post = json!({"title": "a", "content": "b", "published": true});
    let post = john.post("/api/posts", &post).await?.text("id");
    let profile = format!("/api/v2/users/{id}");
    let one = format!("/api/v2/posts/{post}");
    for (who, client) in [("nobody", &service.client), ("its own", &john)] {
        for path in [&profile, &one, "/api/v2/posts"] {
            let answer = client.get(path).await?;
            assert_eq!(answer.problem(), (404, "not_found"), "{who} {path}");
        }
    }

    set(&admin, &json!({"enabled": true})).await?;
    let own = john.get(&profile).await?;
    assert_eq!(own.text("display_name"), "John Doe");
    assert_eq!(own.header("cache-control"), "private, max-age=300");
    assert_eq!(
        mary.get(&profile).await?.problem(),
        (403, "insufficient_permissions")
    );
    let shown = mary.get(&one).await?.json;
    assert_eq!(
        shown["author"],
        json!({"id": id, "display_name": "John Doe"})
    );
    let list = mary.get("/api/v2/posts").await?;
    assert_eq!(list.json["items"], json!([shown]));
    assert!(!list.json.to_string().contains("example.com"));
    Ok(())
}

async fn a_beta_for_a_share_of_the_users_is_there_for_the_same_ones_each_time(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let mut clients = Vec::new();
    for _ in 0..40 {
        clients.push(service.client_of_anybody()?);
    }
    let let_in = async || {
        let mut let_in = Vec::new();
        for client in &clients {
            let_in.push(client.get("/api/v2/posts").await?.status == 200);
        }
        Ok::<_, anyhow::Error>(let_in)
    };
    set(&admin, &json!({"enabled": true, "share": 50})).await?;
    let some = let_in().await?;
    assert!(some.contains(&true) && some.contains(&false), "{some:?}");
    assert_eq!(let_in().await?, some);
    set(&admin, &json!({"enabled": true, "share": 80})).await?;
    let more = let_in().await?;
    assert!(some.iter().zip(&more).all(|(some, more)| !some || *more));
    set(&admin, &json!({"enabled": true, "share": 0})).await?;
    assert_eq!(
        service.client.get("/api/v2/posts").await?.problem(),
        (404, "not_found")
    );
    Ok(())
}
