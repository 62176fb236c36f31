//! The daily report, from the count to the reader.

use anyhow::{Context, Result};
use app::config::Role;
use app::database::{Day, Timestamp};
use app::reports::{Made, make};
use hyper::Method;
use serde_json::json;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_report_is_made_once_and_read_by_administrators_alone,
    a_report_that_somebody_died_over_is_made_by_the_next,
    without_a_storage_no_report_is_made,
);

async fn service(place: &Place, folder: &tempfile::TempDir) -> Result<Service> {
    let path = folder.path().display().to_string();
    let pairs = [("DATABASE_URL", place.url.as_str()), ("STORAGE_DIR", &path)];
    Ok(Service::start(Role::Api, &pairs).await??)
}

fn yesterday() -> Day {
    Day::today().plus(-1)
}

async fn a_report_is_made_once_and_read_by_administrators_alone(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let folder = tempfile::tempdir()?;
    let service = service(&place, &folder).await?;
    let admin = service.admin(&place).await?;
    let (stranger, _) = service.client.sign_up("me@example.com").await?;
    let mut storm = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let state = service.state().clone();
        storm.spawn(async move { make(&state, yesterday(), Timestamp::now()).await });
    }
    let mut made = 0;
    while let Some(one) = storm.join_next().await {
        made += usize::from(one?? == Made::Now);
    }
    assert_eq!(made, 1);
    assert_eq!(
        make(service.state(), yesterday(), Timestamp::now()).await?,
        Made::Before
    );

    let list = admin.get("/api/reports").await?.json;
    let report = &list["items"][0];
    assert_eq!(report["day"], yesterday().to_string());
    let id = report["id"].as_str().context("an id")?;
    let path = format!("/api/reports/{id}");
    let answer = admin.get_bytes(&path).await?;
    assert_eq!(answer.0, 200);
    assert!(answer.1.starts_with(b"%PDF-"));
    assert_eq!(report["bytes"], answer.1.len());
    let refused = stranger.get(&path).await?;
    assert_eq!(refused.problem(), (403, "insufficient_permissions"));
    let nobody = service.client.get(&path).await?;
    assert_eq!(nobody.problem(), (401, "invalid_token"));
    let other = format!("/api/reports/{}", uuid::Uuid::new_v4());
    assert_eq!(
        admin.get(&other).await?.problem(),
        (404, "report_not_found")
    );
    Ok(())
}

async fn a_report_that_somebody_died_over_is_made_by_the_next(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let folder = tempfile::tempdir()?;
    let service = service(&place, &folder).await?;
    let (day, now) = (yesterday(), Timestamp::now().with_milliseconds());
    let insert = format!("INSERT INTO reports (day, claimed_at) VALUES ('{day}', '{now}')");
    place.execute(&insert).await?;
    let made = make(service.state(), day, Timestamp::now()).await?;
    assert_eq!(made, Made::Now);
    Ok(())
}

async fn without_a_storage_no_report_is_made(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let made = make(service.state(), yesterday(), Timestamp::now()).await?;
    assert_eq!(made, Made::Nowhere);
    assert_eq!(admin.get("/api/reports").await?.json, json!({"items": []}));
    let path = "/api/reports/subscription";
    for method in [Method::PUT, Method::PUT, Method::DELETE, Method::DELETE] {
        let answer = admin.send_with(method, path, &[], None).await?;
        assert_eq!(answer.status, 204);
    }
    let rows = "SELECT count(*) AS x FROM report_subscriptions";
    assert_eq!(place.text(rows).await?, "0");
    Ok(())
}
