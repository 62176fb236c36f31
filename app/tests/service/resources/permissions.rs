//! What a permission opens, and that nothing else is opened by it.

use anyhow::Result;
use serde_json::json;

use crate::support::{Client, Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    an_administrator_may_see_change_and_delete_anybody,
    a_single_permission_opens_nothing_else,
    a_permission_that_was_taken_away_is_gone_within_seconds,
);

async fn an_administrator_may_see_change_and_delete_anybody(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let (_, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    assert_eq!(admin.get(&path).await?.status, 200);
    let renamed = admin.patch(&path, &json!({"first_name": "A"})).await?;
    assert_eq!(renamed.text("first_name"), "A");
    // Whoever may change an account still has no password to it.
    let body = json!({"current_password": "x", "new_password": "another horse"});
    let password = admin.post(&format!("{path}/password"), &body).await?;
    assert_eq!(password.problem(), (403, "insufficient_permissions"));
    assert_eq!(admin.delete(&path).await?.status, 204);
    for answer in [admin.get(&path).await?, admin.delete(&path).await?] {
        assert_eq!(answer.problem(), (404, "user_not_found"));
        assert_eq!(
            answer.text("message"),
            format!("User with id {id} does not exist")
        );
    }
    Ok(())
}

async fn somebody_with(service: &Service, place: &Place, permission: &str) -> Result<Client> {
    let (client, id) = service
        .client
        .sign_up(&format!("{permission}@example.com"))
        .await?;
    let give = format!(
        "INSERT INTO user_permissions (user_id, permission) VALUES ('{id}', '{permission}')"
    );
    place.execute(&give).await?;
    Ok(client)
}

async fn a_single_permission_opens_nothing_else(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let draft = json!({"title": "a", "content": "b", "published": true});
    let post = client.post("/api/posts", &draft).await?.text("id");
    let (user, post) = (format!("/api/users/{id}"), format!("/api/posts/{post}"));
    let change = json!({"first_name": "A"});
    for (permission, expected) in [
        ("view_users", [200, 403, 403]),
        ("manage_users", [403, 200, 403]),
        ("moderate", [403, 403, 204]),
    ] {
        let somebody = somebody_with(&service, &place, permission).await?;
        let found = [
            somebody.get(&user).await?.status.as_u16(),
            somebody.patch(&user, &change).await?.status.as_u16(),
            somebody.delete(&post).await?.status.as_u16(),
        ];
        assert_eq!(found, expected, "{permission}");
    }
    Ok(())
}

async fn a_permission_that_was_taken_away_is_gone_within_seconds(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let (_, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    assert_eq!(admin.get(&path).await?.status, 200);
    place.execute("DELETE FROM user_permissions").await?;
    // Whoever operates the database tells the service nothing: it looks again when what it knows is seconds old.
    let refused = eventually("the permission is gone", || async {
        admin
            .get(&path)
            .await
            .ok()
            .filter(|answer| answer.status != 200)
    });
    assert_eq!(refused.await?.problem(), (403, "insufficient_permissions"));
    Ok(())
}
