//! A client beside real servers: what they answer, which TLS they speak, and that nobody is not somebody.

use std::sync::Arc;

use anyhow::Result;
use opsctl_core::ports::{Asked, Outside, TlsVersion};
use opsctl_visitor::Website;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A server that answers every connection with these bytes; its address.
async fn answering(bytes: &'static [u8]) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    Ok(address.to_string())
}

/// A server of TLS 1.2 and 1.3, as our service is one; its port.
async fn modern() -> Result<u16> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { drop(acceptor.accept(stream).await) });
        }
    });
    Ok(port)
}

fn asked(path: &str) -> Asked {
    Asked {
        method: "GET".into(),
        path: path.into(),
        headers: [("accept".to_owned(), "application/json".to_owned())].into(),
        body_bytes: 0,
    }
}

#[tokio::test]
async fn an_answer_is_told_as_it_came() -> Result<()> {
    let answer =
        b"HTTP/1.1 401 Unauthorized\r\nX-Frame-Options: DENY\r\ncontent-length: 2\r\n\r\n{}";
    let address = answering(answer).await?;
    let site = Website::at(&format!("http://{address}"), None)?;
    let answered = site.ask(&asked("/api")).await?;
    assert_eq!((answered.status, answered.body.as_str()), (401, "{}"));
    assert_eq!(answered.headers["x-frame-options"], "DENY");
    Ok(())
}

#[tokio::test]
async fn today_s_tls_is_spoken_and_yesterday_s_refused() -> Result<()> {
    let port = modern().await?;
    let site = Website::at(&format!("https://127.0.0.1:{port}"), None)?;
    assert!(site.speaks(TlsVersion::V1_2).await?);
    assert!(!site.speaks(TlsVersion::V1_1).await?);
    assert!(!site.speaks(TlsVersion::V1_0).await?);
    Ok(())
}

#[tokio::test]
async fn a_server_that_takes_up_tls_1_1_is_found_out() -> Result<()> {
    // The head of a ServerHello of 1.1: record, its length, message, its length, version.
    let address = answering(&[22, 3, 2, 0, 60, 2, 0, 0, 56, 3, 2, 0, 0]).await?;
    let site = Website::at(&format!("https://{address}"), None)?;
    assert!(site.speaks(TlsVersion::V1_1).await?);
    assert!(!site.speaks(TlsVersion::V1_0).await?);
    Ok(())
}

#[tokio::test]
async fn nobody_and_nonsense_are_failures_and_no_refusals() -> Result<()> {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        listener.local_addr()?.to_string()
    };
    let site = Website::at(&format!("https://{closed}"), None)?;
    assert!(site.speaks(TlsVersion::V1_2).await.is_err());
    assert!(site.ask(&asked("/")).await.is_err());
    let clear = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
    let site = Website::at(&format!("https://{clear}"), None)?;
    assert!(site.speaks(TlsVersion::V1_2).await.is_err());
    let site = Website::at(&format!("http://{clear}"), None)?;
    assert!(site.speaks(TlsVersion::V1_2).await.is_err());
    Ok(())
}
