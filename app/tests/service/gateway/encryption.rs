//! The gateway as it is delivered: TLS for everybody, and the way there for those who came in the clear.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use hyper::StatusCode;
use testkit::certificates::Authority;
use testkit::{Nginx, ports::free_port};

use super::front::{CONFIGURATION, upstreams};
use crate::support::{Client, Engine, Place, Protocol, Service, TlsClient};

#[tokio::test]
async fn it_speaks_tls_1_2_and_1_3_and_sends_on_who_comes_in_the_clear() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let authority = Authority::new()?;
    let issued = authority.issue(&["localhost"])?;
    let (clear, encrypted) = (free_port()?, free_port()?);
    let listen = std::fs::read_to_string(Path::new(CONFIGURATION).join("listen.conf"))?
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{clear}"))
        .replace("127.0.0.1:8443", &format!("127.0.0.1:{encrypted}"));
    let files = [
        ("upstreams.conf", upstreams(&[service.client.address()])),
        ("listen.conf", listen),
        ("certificate.pem", issued.certificate),
        ("key.pem", issued.key),
    ];
    let _gateway = Nginx::start(Path::new(CONFIGURATION), &files, encrypted)?;

    let client = TlsClient::new(
        SocketAddr::from(([127, 0, 0, 1], encrypted)),
        &authority.pem(),
    )?;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let mut connection = client.connect_with(protocol, version).await?;
            assert_eq!(connection.get("/health/live").await?, StatusCode::OK);
            assert_eq!(connection.get("/metrics").await?, StatusCode::NOT_FOUND);
        }
    }
    let plain = Client::new(format!("127.0.0.1:{clear}"));
    let answer = plain.get("/api/posts?limit=2").await?;
    assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT);
    assert!(
        answer.header("location").starts_with("https://"),
        "{answer:?}"
    );
    assert!(answer.header("location").ends_with("/api/posts?limit=2"));
    Ok(())
}
