//! What keeps the service standing, and its clients safe, whatever is sent to it.

mod browsers;
mod overload;
mod patience;

use anyhow::Result;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than the service waits for anybody.
const PATIENCE: Duration = Duration::from_secs(90);

/// Sends these bytes and nothing more; everything that comes back until the service closes the connection.
async fn exchange(address: std::net::SocketAddr, sent: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(sent.as_bytes()).await?;
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await??;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
