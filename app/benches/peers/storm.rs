//! Log-ins without a pause, by more visitors at once than the service hashes for.

use std::time::{Duration, Instant};

use anyhow::Result;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::client::Client;
use super::visit::who_logs_in;

const AT_ONCE: usize = 16;

/// How many were answered, and with what.
pub async fn log_in(url: &str, email: &str, seconds: u64) -> Result<Value> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let visitors: Vec<_> = (0..AT_ONCE)
        .map(|_| tokio::spawn(visit(format!("{url}/auth/login"), email.to_owned(), until)))
        .collect();
    let (mut let_in, mut put_off) = (0, 0);
    for visitor in visitors {
        let (one_let_in, one_put_off) = visitor.await??;
        let_in += one_let_in;
        put_off += one_put_off;
    }
    Ok(json!({ "let_in": let_in, "put_off": put_off }))
}

async fn visit(url: String, email: String, until: Instant) -> Result<(u32, u32)> {
    let (client, body) = (Client::new(None), who_logs_in(&email));
    let (mut let_in, mut put_off) = (0, 0);
    while Instant::now() < until {
        match client.ask(Method::POST, &url, Some(&body)).await?.0 {
            StatusCode::OK => let_in += 1,
            _ => put_off += 1,
        }
    }
    Ok((let_in, put_off))
}
