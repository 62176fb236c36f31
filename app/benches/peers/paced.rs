//! Reads at a fixed rate, whether the answers come or not: each is timed from the moment it was due, so that a server that
//! stalls cannot hide the requests which waited for it.

use std::time::Duration;

use anyhow::Result;
use hyper::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::client::Client;

/// The quantiles of the waits, in milliseconds, and how many failed.
pub async fn read(url: &str, token: &str, rate: u32, seconds: u32) -> Result<Value> {
    let client = Client::new(Some(token));
    let (status, _) = client.ask(Method::GET, url, None).await?;
    anyhow::ensure!(status.is_success(), "{url}: {status}");
    let began = Instant::now();
    let every = Duration::from_secs(1) / rate;
    let mut running = Vec::new();
    for number in 0..rate * seconds {
        let due = began + every * number;
        sleep_until(due).await;
        let (client, url) = (client.clone(), url.to_owned());
        running.push(tokio::spawn(async move {
            let answer = client.ask(Method::GET, &url, None).await;
            let good = answer.is_ok_and(|(status, _)| status.is_success());
            (good, due.elapsed())
        }));
    }
    let (mut waits, mut failed) = (Vec::new(), 0_u32);
    for one in running {
        let (good, wait) = one.await?;
        failed += u32::from(!good);
        waits.push(wait);
    }
    waits.sort();
    let at = |share: usize| {
        waits
            .get(waits.len() * share / 100)
            .map_or(0.0, milliseconds)
    };
    Ok(
        json!({ "p50": at(50), "p95": at(95), "p99": at(99), "failed": failed, "requests": waits.len() }),
    )
}

fn milliseconds(wait: &Duration) -> f64 {
    wait.as_secs_f64() * 1000.0
}
