//! Where a started application listens: it says so in its log.

use opsctl_core::{Failure, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc;

use super::probe::READY_WITHIN;

/// The address that the probe says it listens on; its last words when it ends instead.
pub async fn wait(child: &mut Child) -> Result<String> {
    let (send, mut lines) = mpsc::channel::<String>(64);
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(forward(stdout, send.clone()));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(forward(stderr, send));
    }
    let listen = async {
        let mut last = String::from("it said nothing");
        while let Some(line) = lines.recv().await {
            if let Some(address) = address_in(&line) {
                // Whoever drains the pipe from now on keeps the probe from blocking on it.
                tokio::spawn(async move { while lines.recv().await.is_some() {} });
                return Ok(address);
            }
            last = line;
        }
        Err(Failure::failed("the application ended before it served the copy").cause(last))
    };
    tokio::time::timeout(READY_WITHIN, listen)
        .await
        .unwrap_or_else(|_| {
            Err(Failure::failed(format!(
                "the application did not listen within {} seconds",
                READY_WITHIN.as_secs()
            )))
        })
}

async fn forward(pipe: impl tokio::io::AsyncRead + Unpin, into: mpsc::Sender<String>) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if into.send(line).await.is_err() {
            return;
        }
    }
}

/// The field `address` of a log line.
fn address_in(line: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(line).ok()?;
    let address = document.get("address")?.as_str()?;
    address.parse::<std::net::SocketAddr>().ok()?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_log_line_that_states_it() {
        let line = r#"{"level":"INFO","message":"listening","address":"127.0.0.1:4711"}"#;
        assert_eq!(address_in(line).as_deref(), Some("127.0.0.1:4711"));
        assert_eq!(address_in(r#"{"message":"starting"}"#), None);
        assert_eq!(address_in("not json"), None);
    }
}
