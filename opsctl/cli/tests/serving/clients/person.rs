//! Somebody who has an account, and what they read.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::connection::{Question, Way};

const PASSWORD: &str = "a password of the tests";

/// Whoever is logged in.
#[derive(Debug, Clone)]
pub struct Person {
    number: usize,
    token: String,
    user: String,
    post: String,
}

impl Person {
    /// Signs up, logs in and writes a post.
    pub async fn sign_up(number: usize, api: &Way, auth: &Way) -> Result<Self> {
        let email = format!("person-{number}@example.com");
        let who =
            json!({"email": email, "password": PASSWORD, "first_name": "A", "last_name": "Person"});
        let user = post(api, number, "/api/users", None, &who).await?;
        let log_in = json!({"email": email, "password": PASSWORD});
        let session = post(auth, number, "/auth/login", None, &log_in).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let token = text(&session["access_token"]);
        let draft = json!({"title": "A post", "content": "x".repeat(400), "published": true});
        let written = post(api, number, "/api/posts", Some(&token), &draft).await?;
        Ok(Self {
            number,
            token,
            user: text(&user["id"]),
            post: text(&written["id"]),
        })
    }

    /// Their next question: in turn as themselves and as a stranger, each time from another address.
    pub fn question(&self, turn: usize) -> Question {
        let path = match turn % 4 {
            0 => format!("/api/users/{}", self.user),
            1 => "/".to_owned(),
            2 => format!("/api/posts/{}", self.post),
            _ => "/health/live".to_owned(),
        };
        Question {
            path,
            address: address(self.number, turn),
            token: (turn.is_multiple_of(2)).then(|| self.token.clone()),
            body: None,
        }
    }
}

/// Sixty-four addresses a person.
fn address(person: usize, turn: usize) -> String {
    format!("203.0.{}.{}", 1 + person % 250, 1 + turn % 64)
}

async fn post(
    way: &Way,
    number: usize,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> Result<Value> {
    let question = Question {
        path: path.to_owned(),
        address: address(number, 0),
        token: token.map(str::to_owned),
        body: Some(body.to_string()),
    };
    let answer = way.open().await?.ask(&question).await?;
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(
        answer.status.is_success(),
        "{path}: {}: {text}",
        answer.status
    );
    Ok(serde_json::from_str(&text)?)
}
