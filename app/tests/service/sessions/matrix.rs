//! Every route × everybody who may come. The routes are read from the service's own description: one that is new and stands
//! in neither list below fails here.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use app::config::Role;
use hyper::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{Client, Engine, JWT_SECRET, Place, Service, on_both_engines};

on_both_engines!(
    without_a_token_that_holds_nobody_comes_in,
    with_one_everybody_gets_what_is_theirs,
);

/// Open to everybody, on purpose.
const OPEN: &[&str] = &[
    "GET /.well-known/jwks.json",
    "POST /api/users",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /api/payments/webhook",
    "GET /api/reports/{id}/mailed",
];

/// What a stranger, the owner and an administrator get.
const ROUTES: &[(&str, [u16; 3])] = &[
    ("GET /api/users/{id}", [403, 200, 200]),
    ("PATCH /api/users/{id}", [403, 200, 200]),
    ("DELETE /api/users/{id}", [403, 204, 204]),
    ("POST /api/users/{id}/password", [403, 204, 403]),
    ("GET /api/users/{id}/posts", [200, 200, 200]),
    ("GET /api/users/{id}/comments", [200, 200, 200]),
    ("GET /api/posts", [200, 200, 200]),
    ("POST /api/posts", [201, 201, 201]),
    ("GET /api/posts/search", [200, 200, 200]),
    ("GET /api/posts/{id}", [200, 200, 200]),
    ("PATCH /api/posts/{id}", [403, 200, 403]),
    ("DELETE /api/posts/{id}", [403, 204, 204]),
    ("POST /api/posts/{id}/publish", [403, 200, 403]),
    ("GET /api/posts/{id}/comments", [200, 200, 200]),
    ("POST /api/posts/{id}/comments", [201, 201, 201]),
    ("DELETE /api/comments/{id}", [403, 204, 204]),
    ("POST /auth/logout", [204, 204, 204]),
    ("GET /api/v2/users/{id}", [403, 200, 200]),
    ("GET /api/v2/posts", [200, 200, 200]),
    ("GET /api/v2/posts/{id}", [200, 200, 200]),
    ("GET /api/reports", [403, 403, 200]),
    ("GET /api/reports/{id}", [403, 403, 404]),
    ("PUT /api/reports/subscription", [403, 403, 204]),
    ("DELETE /api/reports/subscription", [403, 403, 204]),
    ("GET /api/admin/audit", [403, 403, 200]),
    ("GET /api/admin/dead-letters", [403, 403, 200]),
    ("POST /api/admin/dead-letters", [403, 403, 200]),
    ("POST /api/admin/dead-letters/{id}", [403, 403, 200]),
    ("GET /api/admin/jobs", [403, 403, 200]),
    ("POST /api/admin/jobs/{id}", [403, 403, 200]),
    ("GET /api/admin/flags", [403, 403, 200]),
    ("GET /api/admin/flags/{name}", [403, 403, 200]),
    ("PUT /api/admin/flags/{name}", [403, 403, 200]),
];

/// `GET /api/posts` and the like, as the description has them.
async fn described(client: &Client) -> Result<BTreeSet<String>> {
    let document = client.get("/openapi.json").await?.json;
    let paths = document["paths"].as_object().context("it has paths")?;
    let mut routes = BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().context("an item is an object")? {
            let route = format!("{} {path}", method.to_uppercase());
            let guarded = operation["security"].is_array();
            assert_ne!(guarded, OPEN.contains(&route.as_str()), "{route}");
            routes.insert(route);
        }
    }
    Ok(routes)
}

/// With everything open that a flag can close.
async fn service(place: &Place) -> Result<Service> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("FEATURE_BETA_API_V2", "true"),
    ];
    Ok(Service::start(Role::All, &pairs).await??)
}

struct Things {
    owner: Client,
    user: String,
    post: String,
    comment: String,
}

async fn things(service: &Service, name: &str) -> Result<Things> {
    let (owner, user) = service
        .client
        .sign_up(&format!("{name}@example.com"))
        .await?;
    let body = json!({"title": "a", "content": "b", "published": true});
    let post = owner.post("/api/posts", &body).await?.text("id");
    let path = format!("/api/posts/{post}/comments");
    let comment = owner
        .post(&path, &json!({"content": "c"}))
        .await?
        .text("id");
    Ok(Things {
        owner,
        user,
        post,
        comment,
    })
}

async fn ask(client: &Client, route: &str, things: &Things) -> Result<crate::support::Answer> {
    let (method, path) = route.split_once(' ').context("a method and a path")?;
    let resource = path.trim_start_matches("/api/").trim_start_matches("v2/");
    let id = match resource.split('/').next() {
        Some("users") => &things.user,
        Some("posts") => &things.post,
        _ => &things.comment,
    };
    let path = path
        .replace("{id}", id)
        .replace("{name}", "FEATURE_OF_THE_TEST")
        .replace("search", "search?q=a");
    let body = match route.rsplit('/').next() {
        Some("password") => {
            json!({"current_password": "correct horse battery", "new_password": "another horse"})
        }
        _ => json!({"title": "t", "content": "c", "enabled": true}),
    };
    let method = Method::from_bytes(method.as_bytes())?;
    let body = (method != Method::GET).then_some(&body);
    client.send_with(method, &path, &[], body).await
}

async fn without_a_token_that_holds_nobody_comes_in(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = service(&place).await?;
    let things = things(&service, "owner").await?;
    let mut clients = vec![("nobody", service.client.clone())];
    for (name, token) in bad_tokens(&things.user)? {
        clients.push((name, service.client.with_token(token)));
    }
    let revoked = service.client.sign_up("revoked@example.com").await?.0;
    revoked.post("/auth/logout", &json!({})).await?;
    clients.push(("revoked", revoked));
    for route in described(&service.client).await? {
        if OPEN.contains(&route.as_str()) {
            continue;
        }
        for (name, client) in &clients {
            let answer = ask(client, &route, &things).await?;
            assert_eq!(answer.problem(), (401, "invalid_token"), "{name} {route}");
            assert_eq!(
                answer.header("www-authenticate"),
                "Bearer",
                "{name} {route}"
            );
        }
    }
    assert_eq!(place.text("SELECT count(*) AS x FROM comments").await?, "1");
    Ok(())
}

fn bad_tokens(user: &str) -> Result<Vec<(&'static str, String)>> {
    let good = json!({"sub": user, "iat": 1_700_000_000, "exp": 4_000_000_000_u64, "iss": "app", "aud": "app"});
    let with = |claim: &str, value: Value| {
        let mut claims = good.clone();
        claims[claim] = value;
        claims
    };
    let sign = |claims: &Value, algorithm, secret: &str| {
        jsonwebtoken::encode(
            &Header::new(algorithm),
            claims,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
    };
    let unknown = json!("550e8400-e29b-41d4-a716-446655440000");
    let whole = sign(&good, Algorithm::HS256, JWT_SECRET)?;
    let (_, claims) = whole.split_once('.').context("parts")?;
    let claims = claims.split('.').next().context("parts")?;
    // {"alg":"none","typ":"JWT"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    Ok(vec![
        (
            "expired",
            sign(
                &with("exp", json!(1_700_000_001)),
                Algorithm::HS256,
                JWT_SECRET,
            )?,
        ),
        (
            "wrong key",
            sign(
                &good,
                Algorithm::HS256,
                "another secret, 32 characters or more",
            )?,
        ),
        (
            "wrong algorithm",
            sign(&good, Algorithm::HS384, JWT_SECRET)?,
        ),
        (
            "wrong audience",
            sign(&with("aud", json!("other")), Algorithm::HS256, JWT_SECRET)?,
        ),
        (
            "wrong issuer",
            sign(&with("iss", json!("other")), Algorithm::HS256, JWT_SECRET)?,
        ),
        (
            "unknown session",
            sign(&with("sid", unknown), Algorithm::HS256, JWT_SECRET)?,
        ),
        ("no algorithm", none),
        (
            "no signature",
            whole[..whole.rfind('.').context("parts")? + 1].to_owned(),
        ),
    ])
}

async fn with_one_everybody_gets_what_is_theirs(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = service(&place).await?;
    let (admin, id) = service.client.sign_up("admin@example.com").await?;
    let give =
        format!("INSERT INTO user_permissions (user_id, permission) VALUES ('{id}', 'admin')");
    place.execute(&give).await?;
    let listed: BTreeSet<String> = OPEN
        .iter()
        .map(|route| (*route).to_owned())
        .chain(ROUTES.iter().map(|(route, _)| (*route).to_owned()))
        .collect();
    assert_eq!(described(&service.client).await?, listed);
    let mut number = 0;
    for (route, expected) in ROUTES {
        for (who, expected) in ["stranger", "owner", "admin"].into_iter().zip(expected) {
            number += 1;
            let things = things(&service, &format!("{who}{number}")).await?;
            // Log-out ends what it was called with: nobody's own is shared between routes.
            let client = match who {
                "owner" => things.owner.clone(),
                "admin" if *route != "POST /auth/logout" => admin.clone(),
                _ => {
                    service
                        .client
                        .sign_up(&format!("other{number}@example.com"))
                        .await?
                        .0
                }
            };
            let answer = ask(&client, route, &things).await?;
            assert_eq!(
                answer.status.as_u16(),
                *expected,
                "{who} {route} {answer:?}"
            );
            if answer.status == 403 {
                assert_eq!(answer.problem(), (403, "insufficient_permissions"));
            }
        }
    }
    Ok(())
}
