//! The service speaks TLS itself.

use anyhow::Result;
use app::config::Role;
use rustls::ProtocolVersion;
use testkit::certificates::Authority;
use tokio::net::TcpStream;

use crate::support::{Client, Engine, Place, Protocol, Service, TlsClient};

/// A service with a certificate, and one who trusts it.
pub async fn served(
    place: &Place,
    authority: &Authority,
    folder: &std::path::Path,
) -> Result<(Service, TlsClient)> {
    authority.issue(&["localhost"])?.write(folder)?;
    let (certificate, key) = (folder.join("tls.crt"), folder.join("tls.key"));
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("APP_TLS_CERTIFICATE", &certificate.display().to_string()),
        ("APP_TLS_KEY", &key.display().to_string()),
        ("SECRETS_INTERVAL", "1"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let client = TlsClient::new(service.address(), &authority.pem())?;
    Ok((service, client))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_protocols_and_both_versions_are_spoken_and_nothing_in_the_clear() -> Result<()> {
    let (place, authority) = (Place::primary(Engine::Sqlite).await?, Authority::new()?);
    let folder = tempfile::tempdir()?;
    let (service, client) = served(&place, &authority, folder.path()).await?;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for (version, agreed) in [
            (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
            (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
        ] {
            let mut connection = client.connect_with(protocol, version).await?;
            assert_eq!(connection.version, agreed);
            for path in ["/health/live", "/health/ready"] {
                assert_eq!(connection.get(path).await?, 200, "{protocol:?} {path}");
            }
            assert_eq!(connection.get("/api/posts").await?, 401);
        }
    }
    assert!(
        Client::new(service.address())
            .get("/health/live")
            .await
            .is_err()
    );
    let stranger = TlsClient::new(service.address(), &Authority::new()?.pem())?;
    assert!(stranger.connect(Protocol::Http1).await.is_err());
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_never_shake_hands_keep_nobody_waiting() -> Result<()> {
    let (place, authority) = (Place::primary(Engine::Sqlite).await?, Authority::new()?);
    let folder = tempfile::tempdir()?;
    let (service, client) = served(&place, &authority, folder.path()).await?;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(service.address()).await?);
    }
    let mut connection = client.connect(Protocol::Http2).await?;
    assert_eq!(connection.get("/health/live").await?, 200);
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_cannot_be_used_is_refused_at_start() -> Result<()> {
    let (place, authority) = (Place::primary(Engine::Sqlite).await?, Authority::new()?);
    let folder = tempfile::tempdir()?;
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let (names, others) = (
        authority.issue(&["localhost"])?,
        authority.issue(&["other"])?,
    );
    for (certificate_text, key_text) in [
        (names.certificate.as_str(), others.key.as_str()),
        (names.certificate.as_str(), "no key"),
        ("no certificate", names.key.as_str()),
    ] {
        names.write(folder.path())?;
        std::fs::write(&certificate, certificate_text)?;
        std::fs::write(&key, key_text)?;
        let pairs = [
            ("DATABASE_URL", place.url.as_str()),
            ("APP_TLS_CERTIFICATE", &certificate.display().to_string()),
            ("APP_TLS_KEY", &key.display().to_string()),
        ];
        let refused = Service::start(Role::All, &pairs).await?.err();
        let error = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("cannot be used"), "{error}");
        assert!(!error.contains("PRIVATE"), "{error}");
    }
    Ok(())
}
