//! What only opsctl's own rooms can be asked to do alone, for `cargo xtask bench` to measure.
//!
//! `measure fingerprint <url>` reads every table of a PostgreSQL; `measure engine <folder>
//! <steps>` runs an operation of empty steps; `measure journal <folder> <records>` writes as many records
//! as that operation does, and nothing else. Each prints one line of JSON.
#![allow(
    clippy::print_stdout,
    reason = "the figures are this program's only output"
)]

mod engine;
mod fingerprint;

use anyhow::{Context, Result, bail};
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
        ["fingerprint", url] => fingerprint::measure(url).await?,
        ["engine", folder, steps] => engine::operation(folder.as_ref(), steps.parse()?).await?,
        ["journal", folder, records] => engine::records(folder.as_ref(), records.parse()?).await?,
        // What a mere `cargo bench` says.
        [] => json!({ "hint": "cargo xtask bench" }),
        _ => bail!("this program is run by cargo xtask bench"),
    };
    println!("{answer}");
    Ok(())
}

/// The most memory this process ever held, in KiB.
fn peak_memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words = line.context("VmHWM")?.split_whitespace().nth(1);
    Ok(words.context("VmHWM")?.parse()?)
}
