//! What each variable may be, and what stands where nothing was said.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use std::collections::BTreeMap;

use super::*;

const SECRET: &str = "a secret of the tests, long enough to be accepted";
const DATABASE: &str = "postgres://app@db.example/app?sslmode=verify-full";

fn wait_for<T>(reading: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(reading)
}

fn read(role: Role, pairs: &[(&str, &str)]) -> Result<Config, Findings> {
    let mut all = BTreeMap::from([
        (registry::JWT_SECRET, SECRET),
        (registry::DATABASE_URL, "sqlite:/nowhere/app.sqlite3"),
    ]);
    all.extend(pairs.iter().copied());
    wait_for(Config::read(role, |name| {
        all.get(name).map(|value| (*value).to_owned())
    }))
}

/// As staging and production are told: secrets in a file.
fn guarded_as(
    role: Role,
    environment: &str,
    database: &str,
    pairs: &[(&str, &str)],
) -> Result<Config, Findings> {
    let secrets = format!(
        r#"{{"JWT_SECRET": "{SECRET}", "DATABASE_URL": "{database}", "SMTP_URL": "smtps://mail.example", "REDIS_URL": "rediss://redis.example"}}"#
    );
    let file = secrets_file(&secrets, 0o600).unwrap();
    let path = file.path().display().to_string();
    let mut all = BTreeMap::from([
        ("APP_ENV", environment),
        ("SECRETS_FILE", path.as_str()),
        ("APP_TLS_CERTIFICATE", "/run/tls/tls.crt"),
        ("APP_TLS_KEY", "/run/tls/tls.key"),
        ("MAIL_FROM", "app@example.com"),
    ]);
    if environment == "staging" {
        all.insert("MAIL_STAGING_TO", "qa@example.com");
    }
    all.extend(pairs.iter().copied());
    wait_for(Config::read(role, |name| {
        all.get(name).map(|value| (*value).to_owned())
    }))
}

fn guarded(environment: &str, database: &str, pairs: &[(&str, &str)]) -> Result<Config, Findings> {
    guarded_as(Role::All, environment, database, pairs)
}

fn secrets_file(content: &str, mode: u32) -> anyhow::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(content.as_bytes())?;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(mode))?;
    Ok(file)
}

#[test]
fn the_defaults_are_the_specifications() -> anyhow::Result<()> {
    let config = read(Role::All, &[])?;
    assert_eq!(config.address.to_string(), "127.0.0.1:8000");
    assert_eq!(config.pool_size, 20);
    assert_eq!(config.database_timeout, Duration::from_secs(30));
    assert_eq!(config.jwt_lifetime, Duration::from_secs(3600));
    assert_eq!(config.heartbeat_interval, Duration::from_secs(5));
    assert_eq!(config.statement_timeout, Duration::from_secs(20));
    assert_eq!(config.slow_query, Duration::from_millis(500));
    assert_eq!(config.log_level, LogLevel::Debug);
    assert!(config.http.debug);
    Ok(())
}

#[test]
fn production_is_quiet_and_listens_everywhere() -> anyhow::Result<()> {
    let config = guarded("production", DATABASE, &[])?;
    assert_eq!(config.log_level, LogLevel::Warning);
    assert_eq!(config.address.to_string(), "0.0.0.0:8000");
    assert!(!config.http.debug);
    assert_eq!(guarded("staging", DATABASE, &[])?.log_level, LogLevel::Info);
    Ok(())
}

#[test]
fn values_that_cannot_be_meant_are_refused_by_name() {
    for (name, value) in [
        ("APP_ENV", "prod"),
        ("APP_PORT", "65536"),
        ("APP_PORT", "http"),
        ("APP_HOST", "localhost"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_TIMEOUT", "-1"),
        ("DATABASE_STATEMENT_TIMEOUT", "0"),
        ("DATABASE_SLOW_QUERY", "0"),
        ("APP_DEBUG", "yes"),
        ("JWT_EXPIRATION", "0"),
        ("JWT_SECRET", "short"),
        ("LOG_LEVEL", "LOUD"),
        ("CACHE", "redis"),
        (
            "JWT_SECRET",
            "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n",
        ),
        ("AUTH_CACHE_SECONDS", "61"),
        ("HEARTBEAT_INTERVAL", "0"),
    ] {
        let error = read(Role::All, &[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(name), "{name}={value}: {error}");
    }
}

#[test]
fn a_secret_is_in_no_message() {
    let error = read(Role::All, &[("JWT_SECRET", "hunter2")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let config = read(Role::All, &[]).unwrap();
    assert!(!format!("{config:?}").contains(SECRET));
}

#[test]
fn the_probe_stays_on_loopback_whatever_the_environment() -> anyhow::Result<()> {
    assert!(read(Role::Probe, &[("APP_HOST", "0.0.0.0")]).is_err());
    let config = guarded_as(Role::Probe, "production", DATABASE, &[])?;
    assert!(config.address.ip().is_loopback());
    Ok(())
}

#[test]
fn the_secrets_file_fills_what_the_environment_leaves_open() -> anyhow::Result<()> {
    let file = secrets_file(&format!(r#"{{"JWT_SECRET": "{SECRET}"}}"#), 0o600)?;
    let path = file.path().display().to_string();
    let config = read(Role::All, &[("JWT_SECRET", ""), ("SECRETS_FILE", &path)])?;
    assert_eq!(config.jwt_keys.current.reveal(), SECRET);
    Ok(())
}

#[test]
fn a_secrets_file_that_others_may_read_is_refused() -> anyhow::Result<()> {
    let file = secrets_file("{}", 0o640)?;
    let path = file.path().display().to_string();
    let error = read(Role::All, &[("SECRETS_FILE", &path)])
        .unwrap_err()
        .to_string();
    assert!(error.contains("0640"), "{error}");
    Ok(())
}

#[test]
fn a_broken_secrets_file_is_not_quoted() -> anyhow::Result<()> {
    let file = secrets_file(r#"{"JWT_SECRET": hunter2}"#, 0o600)?;
    let path = file.path().display().to_string();
    let error = read(Role::All, &[("SECRETS_FILE", &path)]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    Ok(())
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let pairs = [
        ("APP_PORT", "http"),
        ("LOG_LEVEL", "LOUD"),
        ("JWT_SECRET", "short"),
    ];
    let findings = read(Role::All, &pairs).unwrap_err();
    assert_eq!(findings.0.len(), 3, "{findings}");
    assert!(findings.0.iter().all(|finding| !finding.hint().is_empty()));
}

#[test]
fn staging_and_production_take_no_secret_from_the_environment() {
    for environment in ["staging", "production"] {
        for variable in registry::VARIABLES
            .iter()
            .filter(|v| registry::is_secret(v.name))
        {
            let pair = (variable.name, "hunter2 hunter2 hunter2 hunter2 hunter2");
            let findings = guarded(environment, DATABASE, &[pair]).unwrap_err();
            let finding = findings
                .0
                .iter()
                .find(|finding| matches!(finding, ConfigError::SecretInEnvironment { .. }));
            let finding = finding.unwrap_or_else(|| panic!("{}: {findings}", variable.name));
            assert!(finding.to_string().contains(variable.name), "{finding}");
            assert!(finding.hint().contains("SECRETS_DIR"), "{}", finding.hint());
            assert!(!format!("{findings} {findings:?}").contains("hunter2"));
        }
    }
}

#[test]
fn staging_and_production_take_no_database_that_others_can_read_or_answer_for() {
    let plain = "postgres://app@db.example/app";
    for environment in ["staging", "production"] {
        for query in [
            "",
            "?sslmode=disable",
            "?sslmode=require",
            "?sslmode=verify-ca",
            "?sslmode=verify-full&sslmode=disable",
        ] {
            let findings = guarded(environment, &format!("{plain}{query}"), &[]).unwrap_err();
            assert!(findings.to_string().contains("verify-full"), "{findings}");
        }
    }
}

#[test]
fn processes_of_staging_and_production_that_answer_clients_count_them_together()
-> anyhow::Result<()> {
    let secrets = format!(
        r#"{{"JWT_SECRET": "{SECRET}", "DATABASE_URL": "{DATABASE}", "SMTP_URL": "smtps://mail.example"}}"#
    );
    let file = secrets_file(&secrets, 0o600)?;
    let path = file.path().display().to_string();
    let without = [("SECRETS_FILE", path.as_str())];
    for environment in ["staging", "production"] {
        for role in [Role::All, Role::Api] {
            let findings = guarded_as(role, environment, DATABASE, &without).unwrap_err();
            assert!(findings.to_string().contains("REDIS_URL"), "{findings}");
        }
        guarded_as(Role::Worker, environment, DATABASE, &without)?;
    }
    Ok(())
}

#[test]
fn debugging_is_for_development_alone() {
    for environment in ["staging", "production"] {
        let findings = guarded(environment, DATABASE, &[("APP_DEBUG", "true")]).unwrap_err();
        assert!(findings.to_string().contains("APP_DEBUG"), "{findings}");
        assert!(guarded(environment, DATABASE, &[("APP_DEBUG", "false")]).is_ok());
    }
}

#[test]
fn a_folder_holds_one_file_a_secret() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("JWT_SECRET");
    std::fs::write(&file, format!("{SECRET}\n"))?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640))?;
    let path = folder.path().display().to_string();
    let pairs = [("JWT_SECRET", ""), ("SECRETS_DIR", path.as_str())];
    assert_eq!(read(Role::All, &pairs)?.jwt_keys.current.reveal(), SECRET);

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644))?;
    let findings = read(Role::All, &pairs).unwrap_err();
    assert!(findings.to_string().contains("0644"), "{findings}");
    let two = [("SECRETS_DIR", path.as_str()), ("SECRETS_FILE", "/nowhere")];
    assert!(
        read(Role::All, &two)
            .unwrap_err()
            .to_string()
            .contains("both")
    );
    Ok(())
}

#[test]
fn staging_and_production_serve_nothing_in_the_clear() {
    for environment in ["staging", "production"] {
        let without = [("APP_TLS_CERTIFICATE", ""), ("APP_TLS_KEY", "")];
        let findings = guarded(environment, DATABASE, &without).unwrap_err();
        assert!(findings.to_string().contains("in the clear"), "{findings}");
        assert!(guarded_as(Role::Probe, environment, DATABASE, &without).is_ok());
        for half in ["APP_TLS_CERTIFICATE", "APP_TLS_KEY"] {
            let findings = guarded(environment, DATABASE, &[(half, "")]).unwrap_err();
            assert!(findings.to_string().contains(half), "{findings}");
        }
    }
}

#[test]
fn staging_and_production_reach_secrets_manager_by_role_and_encrypted() {
    for (name, value) in [
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_ENDPOINT_URL", "http://aws.example"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://aws.example"),
    ] {
        let findings = guarded("production", DATABASE, &[(name, value)]).unwrap_err();
        assert!(findings.to_string().contains(name), "{findings}");
        assert!(!findings.to_string().contains("hunter2"), "{findings}");
    }
    let encrypted = ("AWS_ENDPOINT_URL", "https://aws.example");
    assert!(guarded("production", DATABASE, &[encrypted]).is_ok());
}
