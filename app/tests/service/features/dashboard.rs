//! `/dashboard`, which `FEATURE_NEW_DASHBOARD` opens.

use anyhow::Result;
use app::config::Role;
use app::database::{Day, Timestamp};
use app::figures::aggregate;
use hyper::Method;
use serde_json::json;

use crate::support::{Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    a_closed_dashboard_is_not_there_and_an_open_one_is_linked,
    the_dashboard_shows_traffic_yesterday_and_what_waits,
    a_dashboard_for_a_share_of_the_users_stays_closed,
);

const FLAG: &str = "/api/admin/flags/FEATURE_NEW_DASHBOARD";

async fn page(service: &Service, path: &str) -> Result<String> {
    let answer = service.client.get(path).await?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    Ok(answer.json.as_str().unwrap_or_default().to_owned())
}

async fn open(place: &Place) -> Result<Service> {
    let folder = std::env::temp_dir().join("no-report-is-made-here");
    let folder = folder.display().to_string();
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("FEATURE_NEW_DASHBOARD", "true"),
        ("STORAGE_DIR", &folder),
    ];
    Ok(Service::start(Role::Api, &pairs).await??)
}

async fn a_closed_dashboard_is_not_there_and_an_open_one_is_linked(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let closed = service.client.get("/dashboard").await?;
    assert_eq!(closed.problem(), (404, "not_found"));
    let status = page(&service, "/").await?;
    assert!(!status.contains("/dashboard"));
    let parts: &[&str] = match engine {
        Engine::Sqlite => &["Database", "In the memory of this process", "Mode"],
        Engine::Postgres => &["Database", "Answers lists and reports", "In Redis", "Mode"],
    };
    for part in parts {
        assert!(status.contains(part), "{part}: {status}");
    }

    let body = json!({"enabled": true});
    let set = admin.send_with(Method::PUT, FLAG, &[], Some(&body)).await?;
    assert_eq!(set.status, 200, "{set:?}");
    assert!(page(&service, "/").await?.contains("href=\"/dashboard\""));
    let answer = service.client.get("/dashboard").await?;
    assert_eq!(answer.header("cache-control"), "no-store");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    // Whatever is slow for a moment is said for a moment.
    let html = eventually("everything works", || async {
        let html = page(&service, "/dashboard").await.ok()?;
        html.contains("Everything works").then_some(html)
    })
    .await?;
    for forbidden in ["<script", "style=", "http://", "https://", "<img"] {
        assert!(!html.contains(forbidden), "{forbidden}: {html}");
    }
    for secret in ["admin@example.com", &place.lineage_id.to_string()] {
        assert!(!html.contains(secret), "{html}");
    }
    Ok(())
}

async fn the_dashboard_shows_traffic_yesterday_and_what_waits(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = open(&place).await?;
    let empty = page(&service, "/dashboard").await?;
    assert!(empty.contains("No figures of yesterday"), "{empty}");
    assert!(empty.contains("no request yet"), "{empty}");
    assert!(empty.contains("None yet: the first is made"), "{empty}");

    // Nobody works on what is told: this process has the role of the API alone.
    let (me, id) = service.client.sign_up("me@example.com").await?;
    for _ in 0..3 {
        me.get(&format!("/api/users/{id}")).await?;
    }
    let yesterday = Day::today().plus(-1);
    aggregate(&service.database().write()?, yesterday, Timestamp::now()).await?;
    let report = format!(
        "INSERT INTO reports (day, claimed_at, completed_at, storage_key, bytes) \
         VALUES ('{yesterday}', '{now}', '{now}', 'reports/x.pdf', 20480)",
        now = Timestamp::now().with_milliseconds()
    );
    place.execute(&report).await?;
    let shown = eventually("the page is made anew", || async {
        let html = page(&service, "/dashboard").await.ok()?;
        html.contains("1 on their way").then_some(html)
    })
    .await?;
    for said in [
        "5 requests",
        "2 of 3",
        "Active users",
        "Thirty days",
        "20 KiB",
        "/api/reports/",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    Ok(())
}

async fn a_dashboard_for_a_share_of_the_users_stays_closed(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let body = json!({"enabled": true, "share": 99});
    admin.send_with(Method::PUT, FLAG, &[], Some(&body)).await?;
    let closed = service.client.get("/dashboard").await?;
    assert_eq!(closed.problem(), (404, "not_found"));
    Ok(())
}
