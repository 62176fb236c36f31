//! The payment provider's messages.

use anyhow::Result;
use app::config::{Role, Secret};
use app::payments::sign;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_payment_marks_its_account_once_however_often_it_is_told,
    the_key_before_a_rotation_still_holds_and_no_other,
    what_is_not_understood_has_no_effect,
    without_a_key_nothing_is_believed,
);

const PATH: &str = "/api/payments/webhook";
const KEY: &str = "the key of the tests";

fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

async fn tell(client: &Client, key: &str, body: &Value) -> Result<Answer> {
    let signature = sign(&Secret::new(key), now(), body.to_string().as_bytes());
    let headers = [("payment-signature", signature.as_str())];
    client
        .send_with(Method::POST, PATH, &headers, Some(body))
        .await
}

fn paid(event: &str, user: &str, subscription: &str) -> Value {
    json!({"id": event, "type": "subscription.paid", "created": now(),
        "data": {"user_id": user, "subscription_id": subscription}})
}

async fn service(place: &Place) -> Result<Service> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("API_KEY", KEY),
        ("API_KEY_PREVIOUS", "the key before"),
    ];
    Ok(Service::start(Role::All, &pairs).await??)
}

async fn a_payment_marks_its_account_once_however_often_it_is_told(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = service(&place).await?;
    let (_, user) = service.client.sign_up("me@example.com").await?;
    let event = paid("evt_1", &user, "sub_1");
    let first = tell(&service.client, KEY, &event).await?;
    assert_eq!(
        (first.status.as_u16(), first.text("status").as_str()),
        (200, "applied")
    );
    let mut storm = tokio::task::JoinSet::new();
    for number in 0..16 {
        let client = service.client.clone();
        let event = paid(&format!("evt_{}", 1 + number % 2), &user, "sub_1");
        storm.spawn(async move { tell(&client, KEY, &event).await });
    }
    while let Some(answer) = storm.join_next().await {
        let answer = answer??;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let rows = "SELECT user_id AS x FROM subscriptions WHERE provider_id = 'sub_1'";
    assert_eq!(place.texts(rows).await?, [user]);
    let events = "SELECT event_id || ' ' || outcome AS x FROM payment_events ORDER BY event_id";
    assert_eq!(
        place.texts(events).await?,
        ["evt_1 applied", "evt_2 applied"]
    );
    Ok(())
}

async fn the_key_before_a_rotation_still_holds_and_no_other(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = service(&place).await?;
    let (_, user) = service.client.sign_up("me@example.com").await?;
    let believed = tell(&service.client, "the key before", &paid("e", &user, "s")).await?;
    assert_eq!(believed.text("status"), "applied");
    let event = paid("f", &user, "t");
    let other = tell(&service.client, "another key", &event).await?;
    assert_eq!(other.problem(), (400, "invalid_signature"));
    let body = event.to_string();
    let stale = sign(&Secret::new(KEY), now() - 301, body.as_bytes());
    let of_another = sign(&Secret::new(KEY), now(), b"{}");
    for header in [stale.as_str(), &of_another, "", "t=1,v1=00"] {
        let headers = [("payment-signature", header)];
        let answer = service
            .client
            .send_with(Method::POST, PATH, &headers, Some(&event))
            .await?;
        assert_eq!(answer.problem(), (400, "invalid_signature"), "{header}");
    }
    let events = "SELECT count(*) AS x FROM payment_events";
    assert_eq!(place.text(events).await?, "1");
    Ok(())
}

async fn what_is_not_understood_has_no_effect(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = service(&place).await?;
    let tell = async |body: &Value| tell(&service.client, KEY, body).await;
    let nobody = uuid::Uuid::new_v4().to_string();
    let gone = tell(&paid("e1", &nobody, "s1")).await?;
    assert_eq!(gone.text("status"), "no_such_user");
    let other = json!({"id": "e2", "type": "invoice.created", "created": now()});
    assert_eq!(tell(&other).await?.text("status"), "ignored");
    for body in [
        paid("", &nobody, "s"),
        paid("e3", "me", "s"),
        paid("e3", &nobody, ""),
        paid("e3", &nobody, &"s".repeat(256)),
        json!({"id": "e3", "type": "x", "created": i64::MAX}),
        json!({"id": "e3", "type": "x"}),
        json!([]),
    ] {
        let answer = tell(&body).await?;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{body}");
    }
    let rows = "SELECT count(*) AS x FROM subscriptions";
    assert_eq!(place.text(rows).await?, "0");
    Ok(())
}

async fn without_a_key_nothing_is_believed(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    for key in ["", KEY] {
        let answer = tell(&service.client, key, &paid("e", "u", "s")).await?;
        assert_eq!(answer.problem(), (400, "invalid_signature"));
    }
    Ok(())
}
