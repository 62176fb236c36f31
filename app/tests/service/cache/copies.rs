//! What is answered from a copy, to whom, and what ends it.

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{Client, DescriptorFile, Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_second_reading_asks_no_database,
    without_a_cache_every_reading_asks,
    every_change_through_the_service_shows_at_once,
    a_draft_that_is_kept_is_its_authors_alone,
    a_deleted_account_takes_its_copies_with_it,
    copies_of_another_database_are_not_shown,
    what_stood_aside_is_read_again,
);

async fn a_post(client: &Client, published: bool) -> Result<String> {
    let body = json!({"title": "first", "content": "b", "published": published});
    let post = client.post("/api/posts", &body).await?;
    Ok(format!("/api/posts/{}", post.text("id")))
}

async fn title(client: &Client, path: &str) -> Result<String> {
    let answer = client.get(path).await?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    Ok(answer.text("title"))
}

const BEHIND_ITS_BACK: &str = "UPDATE posts SET title = 'second'";

async fn a_second_reading_asks_no_database(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let (path, profile) = (a_post(&client, true).await?, format!("/api/users/{id}"));
    let first = client.get(&path).await?;
    let of_user = client.get(&profile).await?;
    place.execute(BEHIND_ITS_BACK).await?;
    place.execute("UPDATE users SET first_name = 'x'").await?;
    let second = client.get(&path).await?;
    assert_eq!(second.json, first.json);
    assert_eq!(client.get(&profile).await?.json, of_user.json);
    // The same answer in everything but its id.
    for name in [
        "content-type",
        "cache-control",
        "vary",
        "etag",
        "content-length",
    ] {
        assert_eq!(second.header(name), first.header(name), "{name}");
    }
    let headers = [("if-none-match", first.header("etag"))];
    let known = client
        .send_with(hyper::Method::GET, &path, &headers, None)
        .await?;
    assert_eq!(known.status, 304);
    Ok(())
}

async fn without_a_cache_every_reading_asks(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let pairs = [("DATABASE_URL", place.url.as_str()), ("CACHE", "none")];
    let service = Service::start(Role::All, &pairs).await??;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let path = a_post(&client, true).await?;
    assert_eq!(title(&client, &path).await?, "first");
    place.execute(BEHIND_ITS_BACK).await?;
    assert_eq!(title(&client, &path).await?, "second");
    Ok(())
}

async fn every_change_through_the_service_shows_at_once(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let (path, profile) = (a_post(&client, false).await?, format!("/api/users/{id}"));
    assert_eq!(client.get(&path).await?.json["published"], false);
    client.post(&format!("{path}/publish"), &json!({})).await?;
    assert_eq!(client.get(&path).await?.json["published"], true);
    client.patch(&path, &json!({"title": "other"})).await?;
    assert_eq!(title(&client, &path).await?, "other");
    client.delete(&path).await?;
    assert_eq!(client.get(&path).await?.status, 404);

    let before = client.get(&profile).await?;
    let changed = client.patch(&profile, &json!({"last_name": "Li"})).await?;
    let after = client.get(&profile).await?;
    assert_eq!(
        (after.text("last_name"), &after.json),
        ("Li".into(), &changed.json)
    );
    assert_ne!(before.header("etag"), after.header("etag"));
    // A new password moves the time of the last change, which a profile shows.
    let body =
        json!({"current_password": "correct horse battery", "new_password": "another horse"});
    client.post(&format!("{profile}/password"), &body).await?;
    let login = json!({"email": "me@example.com", "password": "another horse"});
    let token = service.client.post("/auth/login", &login).await?;
    let client = service.client.with_token(token.text("access_token"));
    let shown = client.get(&profile).await?.text("updated_at");
    let at = place.text("SELECT updated_at AS x FROM users").await?;
    assert!(
        at.replace(' ', "T")
            .starts_with(shown.trim_end_matches('Z')),
        "{at} {shown}"
    );
    Ok(())
}

async fn a_draft_that_is_kept_is_its_authors_alone(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (author, _) = service.client.sign_up("me@example.com").await?;
    let (other, _) = service.client.sign_up("other@example.com").await?;
    let path = a_post(&author, false).await?;
    assert_eq!(other.get(&path).await?.problem(), (404, "post_not_found"));
    assert_eq!(author.get(&path).await?.status, 200);
    assert_eq!(other.get(&path).await?.problem(), (404, "post_not_found"));
    Ok(())
}

async fn a_deleted_account_takes_its_copies_with_it(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let (author, id) = service.client.sign_up("me@example.com").await?;
    let (path, profile) = (a_post(&author, true).await?, format!("/api/users/{id}"));
    assert_eq!(admin.get(&path).await?.status, 200);
    assert_eq!(admin.get(&profile).await?.status, 200);
    assert_eq!(author.delete(&profile).await?.status, 204);
    assert_eq!(admin.get(&path).await?.problem(), (404, "post_not_found"));
    assert_eq!(
        admin.get(&profile).await?.problem(),
        (404, "user_not_found")
    );
    Ok(())
}

async fn copies_of_another_database_are_not_shown(engine: Engine) -> Result<()> {
    let places = [Place::primary(engine).await?, Place::primary(engine).await?];
    let descriptor = DescriptorFile::of(&places[0])?;
    let service = Service::following(&descriptor).await?;
    descriptor.applied(1).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = a_post(&client, true).await?;
    assert_eq!(title(&client, &path).await?, "first");
    // A copy of before, in which the post is not yet.
    descriptor.write(&places[1], 2, "normal")?;
    descriptor.applied(2).await?;
    let anybody = service.client_of(&id)?;
    assert_eq!(anybody.get(&path).await?.problem(), (404, "post_not_found"));
    descriptor.write(&places[0], 3, "normal")?;
    descriptor.applied(3).await?;
    assert_eq!(title(&anybody, &path).await?, "first");
    Ok(())
}

async fn what_stood_aside_is_read_again(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::following(&descriptor).await?;
    descriptor.applied(1).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let path = a_post(&client, true).await?;
    assert_eq!(title(&client, &path).await?, "first");
    descriptor.write(&place, 2, "maintenance")?;
    descriptor.applied(2).await?;
    assert_eq!(client.get(&path).await?.problem(), (503, "maintenance"));
    place.execute(BEHIND_ITS_BACK).await?;
    descriptor.write(&place, 3, "normal")?;
    descriptor.applied(3).await?;
    assert_eq!(title(&client, &path).await?, "second");
    Ok(())
}
