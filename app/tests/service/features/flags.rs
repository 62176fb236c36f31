//! Feature flags as an administrator handles them.

use anyhow::Result;
use app::config::Role;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_flag_that_was_set_holds_at_once_and_leaves_a_trace,
    the_environment_wins_and_says_so,
    only_who_has_seen_the_flag_changes_it_where_the_client_asks_for_that,
    what_is_no_flag_or_no_share_is_refused,
);

const PATH: &str = "/api/admin/flags/FEATURE_NEW_DASHBOARD";

async fn put(client: &Client, path: &str, body: &Value) -> Result<Answer> {
    client.send_with(Method::PUT, path, &[], Some(body)).await
}

async fn a_flag_that_was_set_holds_at_once_and_leaves_a_trace(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let before = admin.get(PATH).await?.json;
    assert_eq!(
        (&before["open"], &before["source"]),
        (&json!(false), &json!("never set"))
    );
    let set = put(&admin, PATH, &json!({"enabled": true, "share": 30})).await?;
    assert_eq!(set.status, 200, "{set:?}");
    assert_eq!(set.json["in_database"]["share"], 30);
    let shown = admin.get(PATH).await?.json;
    assert_eq!(shown["open"], true);
    assert_eq!(shown["share"], 30);
    put(&admin, PATH, &json!({"enabled": false})).await?;
    let list = admin.get("/api/admin/flags").await?.json;
    let names: Vec<&str> = list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["name"].as_str())
        .collect();
    assert_eq!(names, ["FEATURE_BETA_API_V2", "FEATURE_NEW_DASHBOARD"]);

    let traces = "SELECT detail AS x FROM audit_log WHERE entity = 'feature_flags' \
        AND entity_id = 'FEATURE_NEW_DASHBOARD' AND actor_id IS NOT NULL AND request_id IS NOT NULL \
        ORDER BY occurred_at";
    let traces = place.texts(traces).await?;
    let traces: Vec<Value> = traces
        .iter()
        .map(|text| serde_json::from_str(text))
        .collect::<Result<_, _>>()?;
    let on = json!({"enabled": true, "share": 30});
    let off = json!({"enabled": false, "share": 100});
    assert_eq!(
        traces,
        [
            json!({"old": null, "new": on}),
            json!({"old": on, "new": off})
        ]
    );
    Ok(())
}

async fn the_environment_wins_and_says_so(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("FEATURE_NEW_DASHBOARD", "false"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let admin = service.admin(&place).await?;
    let set = put(&admin, PATH, &json!({"enabled": true})).await?.json;
    assert_eq!(set["open"], false);
    assert_eq!(set["source"], "overridden by the environment");
    assert_eq!(set["in_database"]["enabled"], true);
    let page = service.client.get("/").await?;
    let page = page.json.as_str().unwrap_or_default();
    assert!(page.contains("overridden by the environment"), "{page}");
    Ok(())
}

async fn only_who_has_seen_the_flag_changes_it_where_the_client_asks_for_that(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let tag = admin.get(PATH).await?.header("etag").to_owned();
    let body = json!({"enabled": true});
    let seen = [("if-match", tag.as_str())];
    let first = admin
        .send_with(Method::PUT, PATH, &seen, Some(&body))
        .await?;
    assert_eq!(first.status, 200);
    let second = admin
        .send_with(Method::PUT, PATH, &seen, Some(&body))
        .await?;
    assert_eq!(second.problem(), (412, "precondition_failed"));
    Ok(())
}

async fn what_is_no_flag_or_no_share_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let body = json!({"enabled": true});
    for name in ["NEW_DASHBOARD", "FEATURE_x", "FEATURE_%00", "FEATURE_%FF"] {
        let answer = put(&admin, &format!("/api/admin/flags/{name}"), &body).await?;
        assert_eq!(answer.problem(), (400, "invalid_flag_name"), "{name}");
    }
    for share in [json!(-1), json!(101), json!(1.5), json!("half")] {
        let answer = put(&admin, PATH, &json!({"enabled": true, "share": share})).await?;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{share}");
    }
    let rows = "SELECT count(*) AS x FROM feature_flags";
    assert_eq!(place.text(rows).await?, "0");
    Ok(())
}
