//! wrk, the client that asks as fast as it can: found, or Debian's package.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::machine::{child, packages};

/// Connections at once, in one thread.
const CONNECTIONS: &str = "32";
/// Of one run.
const SECONDS: &str = "4";
/// Not the measured server's.
const CORE: &str = "1";

/// What it saw in one run.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// How many answers came.
    pub requests: f64,
    /// How many a second.
    pub a_second: f64,
}

/// Finds it, or installs it.
pub fn require() -> Result<()> {
    packages::require("wrk", "wrk")
}

/// One run against `url`, as whoever the token names.
pub fn run(url: &str, token: &str) -> Result<Seen> {
    let mut wrk = Command::new("taskset");
    wrk.args([
        "-c",
        CORE,
        "wrk",
        "-t",
        "1",
        "-c",
        CONNECTIONS,
        "-d",
        SECONDS,
    ]);
    wrk.arg("-H")
        .arg(format!("Authorization: Bearer {token}"))
        .arg(url);
    read(&String::from_utf8_lossy(&child::output(&mut wrk)?))
}

/// Its report. An answer that was not a success makes the figures worthless.
fn read(report: &str) -> Result<Seen> {
    let failed = report.contains("Non-2xx") || report.contains("Socket errors");
    ensure!(!failed, "requests failed: {report}");
    let number = |line: Option<&str>, at: usize| -> Option<f64> {
        line?.split_whitespace().nth(at)?.parse().ok()
    };
    let line = |mark: &str| report.lines().find(|line| line.contains(mark));
    Ok(Seen {
        requests: number(line("requests in"), 0).context("wrk's report")?,
        a_second: number(line("Requests/sec:"), 1).context("wrk's report")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Running 4s test @ http://127.0.0.1:1/\n  73412 requests in 4.00s, 12MB read\nRequests/sec:  18353.2\n";

    #[test]
    fn the_report_is_read() -> Result<()> {
        let seen = read(REPORT)?;
        assert!((seen.requests - 73412.0).abs() < 0.1 && (seen.a_second - 18353.2).abs() < 0.1);
        Ok(())
    }

    #[test]
    fn a_run_with_failures_counts_for_nothing() {
        assert!(read(&format!("{REPORT}  Non-2xx or 3xx responses: 3\n")).is_err());
    }
}
