//! A visitor who signs up, logs in and writes: what the measured requests need.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::client::Client;

pub const PASSWORD: &str = "a password of the benchmarks";

/// As long as a middling post is.
const CONTENT: usize = 400;

/// Who they are, what lets them in, and what they wrote.
pub async fn visit(url: &str) -> Result<Value> {
    let email = format!("visitor-{}@example.com", uuid::Uuid::now_v7());
    let stranger = Client::new(None);
    let who =
        json!({ "email": email, "password": PASSWORD, "first_name": "John", "last_name": "Doe" });
    let user = stranger.post(&format!("{url}/api/users"), &who).await?;
    let session = stranger
        .post(&format!("{url}/auth/login"), &who_logs_in(&email))
        .await?;
    let token = session["access_token"].as_str().context("access_token")?;
    let draft = json!({ "title": "What a request costs", "content": "x".repeat(CONTENT), "published": true });
    let post = Client::new(Some(token))
        .post(&format!("{url}/api/posts"), &draft)
        .await?;
    Ok(json!({ "user": user["id"], "post": post["id"], "email": email, "token": token }))
}

/// The body of a log-in.
pub fn who_logs_in(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}
