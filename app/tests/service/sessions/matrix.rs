//! Every route × everybody who may come. The routes are read from the service's own description: one that is new and stands
//! in neither list below fails here. Whoever judges the token, and whatever signs it, the answers are the same.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use app::config::Role;
use hyper::Method;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::keys::{PAIR, PAIR_DER};
use crate::support::{Client, Engine, JWT_SECRET, Place, Service, on_both_engines};

on_both_engines!(
    without_a_token_that_holds_nobody_comes_in,
    with_one_everybody_gets_what_is_theirs,
);

/// Who judges tokens, and what signs them.
#[derive(Clone, Copy)]
enum Way {
    /// The process itself, by a secret (HS256).
    Alone,
    /// The process itself, by a pair of keys (EdDSA).
    AloneByPair,
    /// The auth service, by a secret.
    Asking,
    /// The auth service, by a pair of keys.
    AskingByPair,
}

impl Way {
    fn secret(self) -> &'static str {
        match self {
            Self::Alone | Self::Asking => JWT_SECRET,
            Self::AloneByPair | Self::AskingByPair => PAIR,
        }
    }

    fn asks(self) -> bool {
        matches!(self, Self::Asking | Self::AskingByPair)
    }

    /// Signs as the service does.
    fn sign(self, claims: &Value) -> Result<String> {
        let (header, key) = match self {
            Self::Alone | Self::Asking => (Header::new(Algorithm::HS256), hmac(JWT_SECRET)),
            Self::AloneByPair | Self::AskingByPair => (
                Header::new(Algorithm::EdDSA),
                EncodingKey::from_ed_der(&PAIR_DER),
            ),
        };
        Ok(jsonwebtoken::encode(&header, claims, &key)?)
    }
}

fn hmac(secret: &str) -> EncodingKey {
    EncodingKey::from_secret(secret.as_bytes())
}

macro_rules! ways {
    ($($module:ident: $way:ident on $engine:ident,)*) => {$(
        mod $module {
            use super::*;

            #[tokio::test]
            async fn without_a_token_that_holds_nobody_comes_in() -> Result<()> {
                super::nobody_comes_in(Engine::$engine, Way::$way).await
            }

            #[tokio::test]
            async fn with_one_everybody_gets_what_is_theirs() -> Result<()> {
                super::everybody_gets_what_is_theirs(Engine::$engine, Way::$way).await
            }
        }
    )*};
}

ways! {
    by_a_pair_of_keys: AloneByPair on Sqlite,
    asked_of_the_auth_service: Asking on Postgres,
    asked_of_the_auth_service_by_a_pair_of_keys: AskingByPair on Sqlite,
}

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

/// What a client sees: one door for log-in, and one for everything else.
struct House {
    service: Service,
    auth: Option<Service>,
}

impl House {
    /// With everything open that a flag can close.
    async fn open(place: &Place, way: Way) -> Result<Self> {
        let mut pairs = vec![
            ("JWT_SECRET", way.secret()),
            ("FEATURE_BETA_API_V2", "true"),
        ];
        if !way.asks() {
            let service = Service::beside(place, Role::All, &pairs).await?;
            return Ok(Self {
                service,
                auth: None,
            });
        }
        let auth = Service::beside(place, Role::Auth, &pairs).await?;
        let url = format!("http://{}", auth.address());
        pairs.push(("AUTH_SERVICE_URL", &url));
        let service = Service::beside(place, Role::Api, &pairs).await?;
        Ok(Self {
            service,
            auth: Some(auth),
        })
    }

    /// Where this route is answered, for whoever has this token.
    fn door(&self, route: &str, client: &Client) -> Client {
        match &self.auth {
            Some(auth) if route.contains(" /auth/") => match client.token() {
                Some(token) => auth.client.with_token(token),
                None => auth.client.clone(),
            },
            _ => client.clone(),
        }
    }

    async fn sign_up(&self, email: &str) -> Result<(Client, String)> {
        let Some(auth) = &self.auth else {
            return self.service.client.sign_up(email).await;
        };
        let body = json!({"email": email, "password": "correct horse battery"});
        let created = self.service.client.post("/api/users", &body).await?;
        let session = auth.client.post("/auth/login", &body).await?;
        let token = session.text("access_token");
        Ok((self.service.client.with_token(token), created.text("id")))
    }
}

struct Things {
    owner: Client,
    user: String,
    post: String,
    comment: String,
}

async fn things(house: &House, name: &str) -> Result<Things> {
    let (owner, user) = house.sign_up(&format!("{name}@example.com")).await?;
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
    nobody_comes_in(engine, Way::Alone).await
}

async fn with_one_everybody_gets_what_is_theirs(engine: Engine) -> Result<()> {
    everybody_gets_what_is_theirs(engine, Way::Alone).await
}

async fn nobody_comes_in(engine: Engine, way: Way) -> Result<()> {
    let place = Place::primary(engine).await?;
    let house = House::open(&place, way).await?;
    let service = &house.service;
    let things = things(&house, "owner").await?;
    let mut clients = vec![("nobody", service.client.clone())];
    for (name, token) in bad_tokens(way, &things.user)? {
        clients.push((name, service.client.with_token(token)));
    }
    let good = way.sign(&good_claims(&things.user))?;
    let good = service.client.with_token(good).get("/api/posts").await?;
    assert_eq!(good.status, 200, "what the bad ones differ from");
    let revoked = house.sign_up("revoked@example.com").await?.0;
    let leaving = house.door("POST /auth/logout", &revoked);
    assert_eq!(leaving.post("/auth/logout", &json!({})).await?.status, 204);
    clients.push(("revoked", revoked));
    for route in described(&service.client).await? {
        if OPEN.contains(&route.as_str()) {
            continue;
        }
        for (name, client) in &clients {
            let client = house.door(&route, client);
            let answer = ask(&client, &route, &things).await?;
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

fn good_claims(user: &str) -> Value {
    json!({"sub": user, "iat": 1_700_000_000, "exp": 4_000_000_000_u64, "iss": "app", "aud": "app"})
}

fn bad_tokens(way: Way, user: &str) -> Result<Vec<(&'static str, String)>> {
    let good = good_claims(user);
    let with = |claim: &str, value: Value| {
        let mut claims = good.clone();
        claims[claim] = value;
        claims
    };
    let sign = |algorithm, secret: &str| {
        jsonwebtoken::encode(&Header::new(algorithm), &good, &hmac(secret))
    };
    let unknown = json!("550e8400-e29b-41d4-a716-446655440000");
    let whole = way.sign(&good)?;
    let (_, claims) = whole.split_once('.').context("parts")?;
    let claims = claims.split('.').next().context("parts")?;
    // {"alg":"none","typ":"JWT"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    Ok(vec![
        ("expired", way.sign(&with("exp", json!(1_700_000_001)))?),
        (
            "wrong key",
            sign(Algorithm::HS256, "another secret, 32 characters or more")?,
        ),
        ("wrong algorithm", sign(Algorithm::HS384, way.secret())?),
        ("wrong audience", way.sign(&with("aud", json!("other")))?),
        ("wrong issuer", way.sign(&with("iss", json!("other")))?),
        ("unknown session", way.sign(&with("sid", unknown))?),
        ("no algorithm", none),
        (
            "no signature",
            whole[..whole.rfind('.').context("parts")? + 1].to_owned(),
        ),
    ])
}

async fn everybody_gets_what_is_theirs(engine: Engine, way: Way) -> Result<()> {
    let place = Place::primary(engine).await?;
    let house = House::open(&place, way).await?;
    let (admin, id) = house.sign_up("admin@example.com").await?;
    let give =
        format!("INSERT INTO user_permissions (user_id, permission) VALUES ('{id}', 'admin')");
    place.execute(&give).await?;
    let listed: BTreeSet<String> = OPEN
        .iter()
        .map(|route| (*route).to_owned())
        .chain(ROUTES.iter().map(|(route, _)| (*route).to_owned()))
        .collect();
    assert_eq!(described(&house.service.client).await?, listed);
    // A stranger can end nothing but a session.
    let strangers = things(&house, "strangers").await?;
    let stranger = house.sign_up("stranger@example.com").await?.0;
    for (number, (route, expected)) in ROUTES.iter().enumerate() {
        // Log-out ends what it was called with: nobody's own is shared between routes.
        let leaves = *route == "POST /auth/logout";
        for (who, expected) in ["stranger", "owner", "admin"].into_iter().zip(expected) {
            let own;
            let things = match who {
                "stranger" => &strangers,
                _ => {
                    own = self::things(&house, &format!("{who}{number}")).await?;
                    &own
                }
            };
            let client = match who {
                "owner" => things.owner.clone(),
                "admin" if !leaves => admin.clone(),
                "stranger" if !leaves => stranger.clone(),
                _ => {
                    house
                        .sign_up(&format!("{who}-{number}@example.com"))
                        .await?
                        .0
                }
            };
            let client = house.door(route, &client);
            let answer = ask(&client, route, things).await?;
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
