//! A certificate is renewed while the service runs.

use std::path::Path;

use anyhow::{Context, Result};
use testkit::certificates::{Authority, Issued};
use testkit::documents::commands;

use super::serving::served;
use crate::support::{Engine, Place, Protocol, Spawned, TlsClient, eventually};

/// With the commands of the runbook, as they stand there.
fn renew_by_runbook(issued: &Issued, folder: &Path) -> Result<()> {
    std::fs::write(folder.join("new.crt"), &issued.certificate)?;
    std::fs::write(folder.join("new.key"), &issued.key)?;
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runbooks/certificate.md");
    let commands = commands(&std::fs::read_to_string(runbook)?, "install");
    assert_eq!(commands.len(), 2);
    for command in commands {
        let mut shell = std::process::Command::new("/bin/sh");
        let status = shell.args(["-c", &command]).current_dir(folder).status()?;
        anyhow::ensure!(status.success(), "{command}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_used_and_no_connection_is_dropped() -> Result<()> {
    let (place, authority) = (Place::primary(Engine::Sqlite).await?, Authority::new()?);
    let folder = tempfile::tempdir()?;
    let (service, client) = served(&place, &authority, folder.path()).await?;
    let mut open = [
        client.connect(Protocol::Http1).await?,
        client.connect(Protocol::Http2).await?,
    ];
    let before = open[0].certificate.clone();
    renew_by_runbook(&authority.issue(&["localhost"])?, folder.path())?;
    eventually("new connections see the new certificate", || async {
        // One that is not accepted in the meantime would be an error here, and never an answer.
        let mut connection = client.connect(Protocol::Http2).await.ok()?;
        let answered = connection.get("/health/ready").await.ok()? == 200;
        (answered && connection.certificate != before).then_some(())
    })
    .await?;
    for connection in &mut open {
        assert_eq!(connection.get("/health/ready").await?, 200);
    }
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_renewal_keeps_the_certificate_and_says_so_once() -> Result<()> {
    let (place, authority) = (Place::primary(Engine::Sqlite).await?, Authority::new()?);
    let folder = tempfile::tempdir()?;
    authority.issue(&["localhost"])?.write(folder.path())?;
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("APP_TLS_CERTIFICATE", &certificate.display().to_string()),
        ("APP_TLS_KEY", &key.display().to_string()),
        ("SECRETS_INTERVAL", "1"),
        ("LOG_LEVEL", "WARNING"),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    let client = TlsClient::new(process.address().await?, &authority.pem())?;
    let before = client.connect(Protocol::Http1).await?.certificate;

    // Another certificate's key: the pair was torn.
    let torn = authority.issue(&["localhost"])?;
    std::fs::write(&certificate, &torn.certificate)?;
    let said = loop {
        let line = process.line().await?.context("it ended")?;
        if line["level"] == "ERROR" {
            break line;
        }
    };
    let text = said.to_string();
    assert!(text.contains("certificate cannot be used"), "{said}");
    assert!(text.contains("runbooks/certificate.md"), "{said}");
    let mut connection = client.connect(Protocol::Http1).await?;
    assert_eq!(connection.certificate, before);
    assert_eq!(connection.get("/health/live").await?, 200);

    torn.write(folder.path())?;
    eventually("the pair is whole and used", || async {
        let connection = client.connect(Protocol::Http1).await.ok()?;
        (connection.certificate != before).then_some(())
    })
    .await?;
    process.signal("-TERM")?;
    let (_, log) = process.end().await?;
    let again = log.iter().filter(|line| line["level"] == "ERROR").count();
    assert_eq!(again, 0, "{log:?}");
    Ok(())
}
