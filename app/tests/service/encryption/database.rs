//! The way to PostgreSQL: encrypted, and to the one that was meant.

use std::path::PathBuf;

use anyhow::{Context, Result};
use testkit::Postgres;
use testkit::certificates::{Authority, Issued};

use crate::support::{
    DescriptorFile, Engine, JWT_SECRET, Place, Protocol, SecretsFile, Spawned, TlsClient, set_up,
};

/// Requests are counted together in staging: where, is no matter here.
const NOBODY: &str = "rediss://127.0.0.1:1";

/// An environment as staging is: a server with a certificate, secrets in a file, a certificate of its own.
struct Staging {
    server: Postgres,
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Staging {
    async fn new(database_names: &[&str]) -> Result<Self> {
        let authority = Authority::new()?;
        let server = Postgres::start_encrypted(&authority.issue(database_names)?, &[])?;
        set_up(&server).await?;
        let folder = tempfile::tempdir()?;
        authority.issue(&["localhost"])?.write(folder.path())?;
        std::fs::write(folder.path().join("ca.pem"), authority.pem())?;
        Ok(Self {
            server,
            authority,
            folder,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, secrets: &SecretsFile) -> Result<Spawned> {
        let path = |name| self.path(name).display().to_string();
        let pairs = [
            ("APP_ENV", "staging"),
            ("APP_HOST", "127.0.0.1"),
            ("JWT_SECRET", ""),
            ("SECRETS_FILE", &secrets.path().display().to_string()),
            ("APP_TLS_CERTIFICATE", &path("tls.crt")),
            ("APP_TLS_KEY", &path("tls.key")),
            ("DATABASE_TIMEOUT", "5"),
        ];
        // A worker would want a mail server as well.
        Spawned::start(&["--role", "api"], &pairs)
    }

    fn secrets(&self, root: &str) -> Result<SecretsFile> {
        let root = self.path(root).display().to_string();
        let url = format!(
            "{}?sslmode=verify-full&sslrootcert={root}",
            self.server.url()
        );
        SecretsFile::of(&[
            ("JWT_SECRET", JWT_SECRET),
            ("DATABASE_URL", &url),
            ("REDIS_URL", NOBODY),
        ])
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_service_runs_as_staging_asks_for() -> Result<()> {
    let staging = Staging::new(&["127.0.0.1"]).await?;
    let secrets = staging.secrets("ca.pem")?;
    let mut process = staging.start(&secrets)?;
    let client = TlsClient::new(process.address().await?, &staging.authority.pem())?;
    let mut connection = client.connect(Protocol::Http2).await?;
    assert_eq!(connection.get("/health/ready").await?, 200);
    let readable = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
        WHERE application_name LIKE 'app/%' AND NOT ssl";
    let encrypted = readable.replace("NOT ssl", "ssl");
    assert_eq!(staging.server.execute("app", readable)?, "0");
    assert_ne!(staging.server.execute("app", &encrypted)?, "0");
    process.signal("-TERM")?;
    assert_eq!(process.end().await?.0.code(), Some(0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_another_authority_vouches_for_is_refused() -> Result<()> {
    let staging = Staging::new(&["127.0.0.1"]).await?;
    std::fs::write(staging.path("other.pem"), Authority::new()?.pem())?;
    assert_not_started(&staging, "other.pem").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_another_name_is_refused() -> Result<()> {
    let staging = Staging::new(&["another.example"]).await?;
    assert_not_started(&staging, "ca.pem").await
}

async fn assert_not_started(staging: &Staging, root: &str) -> Result<()> {
    let secrets = staging.secrets(root)?;
    let (status, log) = staging.start(&secrets)?.end().await?;
    assert_eq!(status.code(), Some(1), "{log:?}");
    let line = log.last().context("it said nothing")?;
    assert!(line.to_string().contains("cannot connect"), "{line}");
    assert!(line.to_string().contains("ertificate"), "{line}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_descriptor_that_leads_to_it_in_the_clear_is_refused() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let secrets = SecretsFile::of(&[("JWT_SECRET", JWT_SECRET), ("REDIS_URL", NOBODY)])?;
    let own: Issued = Authority::new()?.issue(&["localhost"])?;
    let folder = tempfile::tempdir()?;
    own.write(folder.path())?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let pairs = [
        ("APP_ENV", "production"),
        ("APP_HOST", "127.0.0.1"),
        ("JWT_SECRET", ""),
        ("SECRETS_FILE", &secrets.path().display().to_string()),
        (
            "DATABASE_DESCRIPTOR",
            &descriptor.path().display().to_string(),
        ),
        ("APP_TLS_CERTIFICATE", &path("tls.crt")),
        ("APP_TLS_KEY", &path("tls.key")),
    ];
    let (status, log) = Spawned::start(&["--role", "api"], &pairs)?.end().await?;
    assert_eq!(status.code(), Some(1), "{log:?}");
    let line = log.last().context("it said nothing")?.to_string();
    assert!(line.contains("sslmode=verify-full"), "{line}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_in_the_environment_are_refused_each_in_a_line_of_its_own() -> Result<()> {
    let pairs = [
        ("APP_ENV", "production"),
        ("DATABASE_URL", "postgres://app:hunter2@db.example/app"),
    ];
    let (status, log) = Spawned::start(&[], &pairs)?.end().await?;
    assert_eq!(status.code(), Some(2), "{log:?}");
    let text = format!("{log:?}");
    for name in ["JWT_SECRET stands", "DATABASE_URL stands", "in the clear"] {
        assert_eq!(text.matches(name).count(), 1, "{name}: {text}");
    }
    assert!(log.iter().all(|line| line["level"] == "ERROR"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    Ok(())
}
