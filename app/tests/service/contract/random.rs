//! Requests that nobody thought of: mutations of good ones, by a seed that is printed when one of them breaks something.

use anyhow::Result;
use hyper::Method;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(nothing_random_is_answered_with_a_failure_of_ours);

const ROUNDS: usize = 300;
const BODIES: [&str; 4] = [
    r#"{"email": "a@example.com", "password": "correct horse", "first_name": "A"}"#,
    r#"{"title": "a", "content": "b", "published": true}"#,
    r#"{"content": "é \u00e9 🌍"}"#,
    r#"{"email": null, "password": [1, {"a": "\u0000"}], "title": 1e999, "content": ""}"#,
];
const PATHS: [&str; 7] = [
    "/api/users",
    "/auth/login",
    "/api/posts",
    "/api/posts/550e8400-e29b-41d4-a716-446655440000/comments",
    "/api/users/550e8400-e29b-41d4-a716-446655440000",
    "/api/posts?limit=5&cursor=0006000000000000550e8400e29b41d4a716446655440000",
    "/health/ready",
];
const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::OPTIONS,
];

/// A small generator: the tests need surprise, not secrecy.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }

    fn mutate(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..self.roll(4) {
            let place = self.roll(bytes.len());
            match self.roll(4) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place, u8::try_from(self.roll(256)).unwrap_or(0)),
                2 => bytes.extend_from_within(place..),
                _ => {
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = u8::try_from(self.roll(256)).unwrap_or(0);
                    }
                }
            }
        }
        bytes
    }

    /// Any bytes, in the form in which a path may hold them.
    fn path(&mut self, text: &str) -> String {
        let bytes = self.mutate(&text[1..]);
        let escaped: String = bytes
            .iter()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'?' | b'=' | b'&' | b'-' => {
                    char::from(*byte).to_string()
                }
                other => format!("%{other:02x}"),
            })
            .collect();
        format!("/{escaped}")
    }
}

async fn nothing_random_is_answered_with_a_failure_of_ours(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let seed = uuid::Uuid::new_v4().as_u64_pair().0 | 1;
    let mut dice = Dice(seed);
    for round in 0..ROUNDS {
        let path = PATHS[dice.roll(PATHS.len())];
        let path = if dice.roll(2) == 0 {
            dice.path(path)
        } else {
            path.to_owned()
        };
        let method = METHODS[dice.roll(METHODS.len())].clone();
        let body = BODIES[dice.roll(BODIES.len())];
        let body = dice.mutate(body);
        let told = format!(
            "seed {seed}, round {round}: {method} {path} {}",
            body.escape_ascii()
        );
        let request = client
            .request(method, &path)
            .header("content-type", "application/json");
        let answer = client
            .send(request, body.into())
            .await
            .map_err(|e| e.context(told.clone()))?;
        assert!(answer.status.as_u16() < 500, "{told}: {answer:?}");
        if answer.status.as_u16() >= 400 {
            answer.problem();
        }
    }
    Ok(())
}
