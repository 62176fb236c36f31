//! Reports in a bucket of a real S3 server: how they get there, and who gets at them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use app::database::{Day, Timestamp};
use app::http::{AppState, router};
use app::reports::{Made, make};
use app::storage;
use aws_sdk_s3::Client as Owner;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::{Method, Request, StatusCode};
use testkit::S3;
use tower::ServiceExt;

use crate::support::{Client, Engine, Place, Service, Spawned, on_both_engines};

on_both_engines!(
    a_report_lies_in_the_bucket_and_is_made_later_where_that_is_away,
    a_link_authorises_and_leads_to_an_address_that_opens_the_document,
);

fn owner(server: &S3) -> Owner {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(server.url())
        .force_path_style(true)
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .credentials_provider(Credentials::new(
            S3::ACCESS_KEY,
            S3::SECRET_KEY,
            None,
            None,
            "tests",
        ));
    Owner::from_conf(config.build())
}

fn yesterday() -> Day {
    Day::today().plus(-1)
}

/// Follows an address to where it leads, as somebody who has nothing but it.
async fn fetched(url: &str) -> Result<(u16, Vec<u8>)> {
    let rest = url.strip_prefix("http://").context("an address")?;
    let (host, path) = rest.split_once('/').context("with a path")?;
    let (status, bytes) = Client::new(host).get_bytes(&format!("/{path}")).await?;
    Ok((status, bytes.to_vec()))
}

/// What a request to these routes with this storage is answered: the status, `Location` and `Retry-After`, and the code of an error.
async fn asked(state: &AppState, path: &str, who: &Client) -> Result<(StatusCode, String, String)> {
    let token = who.token().context("somebody is logged in")?;
    let request = Request::builder()
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())?;
    let response = router(state.clone()).oneshot(request).await?;
    let (parts, body) = response.into_parts();
    let header = parts
        .headers
        .get("location")
        .or(parts.headers.get("retry-after"));
    let header = header
        .map_or("", |value| value.to_str().unwrap_or_default())
        .to_owned();
    let body = body.collect().await?.to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let code = body["error"].as_str().unwrap_or_default().to_owned();
    Ok((parts.status, header, code))
}

async fn a_report_lies_in_the_bucket_and_is_made_later_where_that_is_away(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let mut server = S3::start()?;
    let mut parts = app::http::Parts::clone(service.state());
    parts.storage = Some(Arc::new(storage::S3::through(owner(&server), S3::BUCKET)));
    let state = app::http::AppState::from(parts);

    server.stop()?;
    let now = Timestamp::now();
    let refused = make(&state, yesterday(), now).await;
    assert!(refused.is_err(), "{refused:?}");
    let complete = "SELECT count(*) AS x FROM reports WHERE completed_at IS NOT NULL";
    assert_eq!(place.text(complete).await?, "0");
    server.start_again()?;
    assert_eq!(make(&state, yesterday(), now).await?, Made::Now);

    let report = admin.get("/api/reports").await?.json["items"][0].clone();
    let path = format!("/api/reports/{}", report["id"].as_str().context("an id")?);
    let (status, url, _) = asked(&state, &path, &admin).await?;
    assert_eq!(status, 303);
    let (status, document) = fetched(&url).await?;
    assert_eq!(status, 200);
    assert!(document.starts_with(b"%PDF-") && report["bytes"] == document.len());

    let away = (
        StatusCode::SERVICE_UNAVAILABLE,
        "30".to_owned(),
        "storage_unavailable".to_owned(),
    );
    server.hang(true)?;
    let began = Instant::now();
    assert_eq!(asked(&state, &path, &admin).await?, away);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    server.hang(false)?;
    server.stop()?;
    assert_eq!(asked(&state, &path, &admin).await?, away);
    server.start_again()?;
    assert_eq!(
        asked(&state, &path, &admin).await?.0,
        303,
        "nothing is lost"
    );
    Ok(())
}

async fn a_link_authorises_and_leads_to_an_address_that_opens_the_document(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let server = S3::start()?;
    let (day, now) = (yesterday(), Timestamp::now().with_milliseconds());
    let key = format!("reports/{day}.pdf");
    let document = b"%PDF- of the test".to_vec();
    let put = owner(&server).put_object().bucket(S3::BUCKET).key(&key);
    put.body(ByteStream::from(document.clone())).send().await?;
    let row = format!(
        "INSERT INTO reports (day, claimed_at, completed_at, storage_key, bytes) \
         VALUES ('{day}', '{now}', '{now}', '{key}', {})",
        document.len()
    );
    place.execute(&row).await?;
    let url = server.url();
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("STORAGE_BUCKET", S3::BUCKET),
        ("AWS_ENDPOINT_URL_S3", url.as_str()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", S3::ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", S3::SECRET_KEY),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    let nobody = process.client().await?;
    let (admin, id) = nobody.sign_up("admin@example.com").await?;
    let (stranger, _) = nobody.sign_up("me@example.com").await?;
    let permit =
        format!("INSERT INTO user_permissions (user_id, permission) VALUES ('{id}', 'admin')");
    place.execute(&permit).await?;
    let admin = crate::support::eventually("the administrator is known", || async {
        let answer = admin.get("/api/reports").await.ok()?;
        (answer.status == 200).then_some((admin.clone(), answer.json["items"][0]["id"].clone()))
    })
    .await?;
    let path = format!("/api/reports/{}", admin.1.as_str().context("an id")?);
    assert_eq!(nobody.get(&path).await?.problem(), (401, "invalid_token"));
    assert_eq!(
        stranger.get(&path).await?.problem(),
        (403, "insufficient_permissions")
    );

    let answer = admin.0.send_with(Method::GET, &path, &[], None).await?;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("cache-control"), "no-store");
    let address = answer.header("location");
    assert_eq!(fetched(address).await?, (200, document));
    // Nothing but the signature opens it, and it opens nothing else.
    let (bare, _) = address.split_once('?').context("it is signed")?;
    assert_eq!(fetched(bare).await?.0, 403);
    let other = address.replace(&day.to_string(), &day.plus(-1).to_string());
    assert_eq!(fetched(&other).await?.0, 403);
    process.signal("-TERM")?;
    let (_, log) = process.end().await?;
    assert!(!format!("{log:?}").contains(S3::SECRET_KEY));
    Ok(())
}
