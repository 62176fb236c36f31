//! What `cargo xtask bench api` needs beside the service: the least that could answer instead of it, and clients.
//!
//! `peers bare <database url>` serves handlers that do nothing else, and says where; `peers visit <url>` signs up, logs in and
//! writes a post; `peers paced <url> <token> <rate> <seconds>` reads at a fixed rate; `peers storm <url> <email> <seconds>`
//! logs in without a pause; `peers ready <url>` returns when the service is ready. Each prints one line of JSON.
#![allow(
    clippy::print_stdout,
    reason = "the figures are this program's only output"
)]

mod bare;
mod client;
mod paced;
mod storm;
mod visit;

use anyhow::{Result, bail};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // Cargo adds an argument of its own.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let answer = match words.as_slice() {
        ["bare", database] => bare::serve(database).await?,
        ["visit", url] => visit::visit(url).await?,
        ["paced", url, token, rate, seconds] => {
            paced::read(url, token, rate.parse()?, seconds.parse()?).await?
        }
        ["storm", url, email, seconds] => storm::log_in(url, email, seconds.parse()?).await?,
        ["ready", url] => client::ready(url).await?,
        // What a mere `cargo bench` says.
        [] => json!({ "hint": "cargo xtask bench api" }),
        _ => bail!("this program is run by cargo xtask bench api"),
    };
    println!("{answer}");
    Ok(())
}
