//! What each variable may be, and what stands where nothing was said.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use super::*;

const SECRET: &str = "a secret of the tests, long enough to be accepted";

fn read(role: Role, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut all = BTreeMap::from([
        (registry::JWT_SECRET, SECRET),
        (registry::DATABASE_URL, "sqlite:/nowhere/app.sqlite3"),
    ]);
    all.extend(pairs.iter().copied());
    Config::read(role, |name| all.get(name).map(|value| (*value).to_owned()))
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
    assert_eq!(config.log_level, LogLevel::Debug);
    Ok(())
}

#[test]
fn production_is_quiet_and_listens_everywhere() -> anyhow::Result<()> {
    let config = read(Role::All, &[("APP_ENV", "production")])?;
    assert_eq!(config.log_level, LogLevel::Warning);
    assert_eq!(config.address.to_string(), "0.0.0.0:8000");
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
        ("JWT_EXPIRATION", "0"),
        ("JWT_SECRET", "short"),
        ("LOG_LEVEL", "LOUD"),
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
    let config = read(Role::Probe, &[("APP_ENV", "production")])?;
    assert!(config.address.ip().is_loopback());
    Ok(())
}

#[test]
fn the_secrets_file_fills_what_the_environment_leaves_open() -> anyhow::Result<()> {
    let file = secrets_file(&format!(r#"{{"JWT_SECRET": "{SECRET}"}}"#), 0o600)?;
    let path = file.path().display().to_string();
    let config = read(Role::All, &[("JWT_SECRET", ""), ("SECRETS_FILE", &path)])?;
    assert_eq!(config.jwt_secret.reveal(), SECRET);
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
