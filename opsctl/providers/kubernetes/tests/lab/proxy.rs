//! A proxy that leads callers wherever they ask (HTTP CONNECT).

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Opens one; it stays until the test ends.
pub async fn open() -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(lead(caller));
        }
    });
    Ok(format!("http://{address}"))
}

async fn lead(mut caller: TcpStream) -> Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(caller.read_u8().await?);
    }
    let asked = String::from_utf8(asked)?;
    let words: Vec<&str> = asked.split(' ').collect();
    let to = (words[0] == "CONNECT").then(|| words[1]);
    let mut callee = TcpStream::connect(to.context("no tunnel was asked for")?).await?;
    caller.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut caller, &mut callee).await?;
    Ok(())
}
