//! Two roles in two places: `auth` says who somebody is and what they may, `api` asks it. It is believed when it answers, and
//! nobody is let in when it does not.

use std::time::{Duration, Instant};

use anyhow::Result;
use app::config::Role;
use serde_json::json;
use testkit::certificates::Authority;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::support::{Client, Engine, Place, Service, Spawned, eventually, on_both_engines};

on_both_engines!(
    the_api_lets_in_whom_the_auth_service_knows,
    a_log_out_at_the_auth_service_holds_at_the_api_when_the_seconds_are_over,
    without_an_answer_nobody_is_let_in_and_everybody_is_again_when_it_is_back,
);

/// Judges and gives tokens.
async fn auth(place: &Place) -> Result<Service> {
    Ok(Service::start(Role::Auth, &[("DATABASE_URL", &place.url)]).await??)
}

/// Asks it, and remembers for so many seconds.
async fn api(place: &Place, auth: &str, seconds: &str) -> Result<Service> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("AUTH_SERVICE_URL", auth),
        ("AUTH_CACHE_SECONDS", seconds),
    ];
    Ok(Service::start(Role::Api, &pairs).await??)
}

fn url(auth: &Service) -> String {
    format!("http://{}", auth.address())
}

/// Somebody who signed up at one and logged in at the other.
async fn somebody(api: &Client, auth: &Client, email: &str) -> Result<(Client, String)> {
    let body = json!({"email": email, "password": "correct horse battery"});
    let id = api.post("/api/users", &body).await?.text("id");
    let session = auth.post("/auth/login", &body).await?;
    Ok((api.with_token(session.text("access_token")), id))
}

async fn the_api_lets_in_whom_the_auth_service_knows(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let auth = auth(&place).await?;
    let api = api(&place, &url(&auth), "60").await?;
    let (me, id) = somebody(&api.client, &auth.client, "me@example.com").await?;
    let (you, _) = somebody(&api.client, &auth.client, "you@example.com").await?;
    let (admin, admins) = somebody(&api.client, &auth.client, "admin@example.com").await?;
    let grant =
        format!("INSERT INTO user_permissions (user_id, permission) VALUES ('{admins}', 'admin')");
    place.execute(&grant).await?;
    let path = format!("/api/users/{id}");
    for _ in 0..2 {
        assert_eq!(me.get(&path).await?.status, 200);
        assert_eq!(admin.get(&path).await?.status, 200);
        let refused = you.get(&path).await?;
        assert_eq!(refused.problem(), (403, "insufficient_permissions"));
    }
    let nobody = "/api/users/00000000-0000-7000-8000-000000000000";
    assert_eq!(you.get(nobody).await?.problem().0, 403);
    assert_eq!(admin.get(nobody).await?.problem().0, 404);
    for token in [
        "",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.e30.",
        me.token().unwrap_or_default(),
    ] {
        let forged = api.client.with_token(format!("{token}x"));
        assert_eq!(forged.get(&path).await?.problem(), (401, "invalid_token"));
    }
    // There is one door to log-in, and one to everything else.
    let log_in = api.client.post("/auth/login", &json!({})).await?;
    assert_eq!(log_in.problem(), (404, "not_found"));
    assert_eq!(auth.client.get("/api/posts").await?.problem().0, 404);
    let described = api.client.get("/openapi.json").await?.json;
    assert!(described["paths"]["/auth/login"].is_object());
    Ok(())
}

async fn a_log_out_at_the_auth_service_holds_at_the_api_when_the_seconds_are_over(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let auth = auth(&place).await?;
    let api = api(&place, &url(&auth), "1").await?;
    let (me, id) = somebody(&api.client, &auth.client, "me@example.com").await?;
    let path = format!("/api/users/{id}");
    assert_eq!(me.get(&path).await?.status, 200);
    let token = me.token().unwrap_or_default();
    let leaving = auth.client.with_token(token);
    let ended = leaving.post("/auth/logout", &json!({})).await?;
    assert_eq!(ended.status, 204);
    eventually("the token is refused", || async {
        (me.get(&path).await.ok()?.status == 401).then_some(())
    })
    .await
}

async fn without_an_answer_nobody_is_let_in_and_everybody_is_again_when_it_is_back(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("APP_ENV", "development"),
    ];
    let mut process = Spawned::start(&["--role", "auth"], &pairs)?;
    let address = process.address().await?.to_string();
    let api = api(&place, &format!("http://{address}"), "0").await?;
    let (me, id) = somebody(&api.client, &Client::new(&address), "me@example.com").await?;
    let path = format!("/api/users/{id}");
    assert_eq!(me.get(&path).await?.status, 200);

    process.signal("-KILL")?;
    process.end().await?;
    for _ in 0..8 {
        let answer = me.get(&path).await?;
        assert_eq!(answer.problem(), (503, "auth_unavailable"));
        assert_eq!(answer.header("retry-after"), "1");
    }
    // That nobody is recognised is no reason to be taken out of rotation: another process would know no more.
    assert_eq!(api.client.get("/health/ready").await?.status, 200);
    let measured = api.measurements().await?;
    assert!(measured.contains("auth_service_given_up 1"), "{measured}");

    let port = address.rsplit(':').next().unwrap_or_default();
    let pairs = [("DATABASE_URL", place.url.as_str()), ("APP_PORT", port)];
    let mut again = Spawned::start(&["--role", "auth"], &pairs)?;
    again.address().await?;
    eventually("the auth service is asked again", || async {
        (me.get(&path).await.ok()?.status == 200).then_some(())
    })
    .await
}

/// The auth service with a certificate of this authority, and a process that asks it and trusts that one.
async fn over_tls(place: &Place, its: &Authority, trusted: &Authority) -> Result<[Service; 2]> {
    let folder = tempfile::tempdir()?;
    its.issue(&["localhost"])?.write(folder.path())?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("ca.pem"), trusted.pem())?;
    let database = ("DATABASE_URL", place.url.as_str());
    let (certificate, key) = (path("tls.crt"), path("tls.key"));
    let pairs = [
        database,
        ("APP_TLS_CERTIFICATE", certificate.as_str()),
        ("APP_TLS_KEY", key.as_str()),
    ];
    let auth = Service::start(Role::Auth, &pairs).await??;
    let url = format!("https://localhost:{}", auth.address().port());
    let authority = path("ca.pem");
    let pairs = [
        database,
        ("AUTH_SERVICE_URL", url.as_str()),
        ("AUTH_SERVICE_CERTIFICATE", authority.as_str()),
    ];
    let api = Service::start(Role::Api, &pairs).await??;
    Ok([auth, api])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_it_is_believed_when_it_proves_its_name_and_never_otherwise() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let (ours, theirs) = (Authority::new()?, Authority::new()?);
    let alone = Service::on(&place).await?;
    let (me, id) = alone.client.sign_up("me@example.com").await?;
    let token = me.token().unwrap_or_default();
    let path = format!("/api/users/{id}");
    let [_auth, api] = over_tls(&place, &ours, &ours).await?;
    assert_eq!(api.client.with_token(token).get(&path).await?.status, 200);
    let [_impostor, api] = over_tls(&place, &theirs, &ours).await?;
    let refused = api.client.with_token(token).get(&path).await?;
    assert_eq!(refused.problem(), (503, "auth_unavailable"));
    Ok(())
}

#[tokio::test]
async fn what_is_no_question_is_refused_in_the_contracts_words() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let auth = auth(&place).await?;
    for (body, code) in [("", 400), ("{", 400), ("[]", 422), ("{}", 422)] {
        let answer = auth.client.post_bytes("/internal/verify", body.into());
        assert_eq!(answer.await?.problem().0, code, "{body}");
    }
    let question = json!({"token": "a.b.c"});
    let answer = auth.client.post("/internal/verify", &question).await?;
    assert_eq!(answer.problem(), (401, "invalid_token"));
    Ok(())
}

#[tokio::test]
async fn one_that_takes_questions_and_never_answers_is_waited_for_two_seconds_at_most() -> Result<()>
{
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let address = silent.local_addr()?;
    let listening = tokio::spawn(async move {
        while let Ok((mut stream, _)) = silent.accept().await {
            tokio::spawn(async move { while stream.read_u8().await.is_ok() {} });
        }
    });
    let place = Place::primary(Engine::Sqlite).await?;
    let api = api(&place, &format!("http://{address}"), "0").await?;
    let me = api.client_of_anybody()?;
    let began = Instant::now();
    let answer = me
        .get("/api/users/00000000-0000-7000-8000-000000000000")
        .await?;
    assert_eq!(answer.problem(), (503, "auth_unavailable"));
    assert!(began.elapsed() < Duration::from_secs(20));
    listening.abort();
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_no_judgement_opens_no_door() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    // Something else listens there: its 404 is no yes.
    let other = Service::on(&place).await?;
    let api = api(&place, &url(&other), "60").await?;
    let me = api.client_of_anybody()?;
    let answer = me
        .get("/api/users/00000000-0000-7000-8000-000000000000")
        .await?;
    assert_eq!(answer.problem(), (503, "auth_unavailable"));
    Ok(())
}
