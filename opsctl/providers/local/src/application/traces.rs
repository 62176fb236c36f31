//! What a probe leaves on disk while it runs: its number, so that a later run can end it, and its secrets.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use opsctl_core::names::OperationId;
use opsctl_core::ports::Location;
use opsctl_core::{Failure, Result};

use super::process::end;

/// What a probe leaves on disk while it runs, so that a later run can end it.
pub struct Traces {
    pid: PathBuf,
    secrets: PathBuf,
}

impl Traces {
    /// Ends what a dead run of the operation left running, and clears its files away.
    pub fn clear(folder: &Path, operation: &OperationId, binary: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        let traces = Self {
            pid: folder.join(format!("{operation}.pid")),
            secrets: folder.join(format!("{operation}.secrets")),
        };
        if let Some(pid) = fs::read_to_string(&traces.pid)
            .ok()
            .and_then(|text| text.trim().parse().ok())
        {
            end(pid, binary);
        }
        traces.remove();
        Ok(traces)
    }

    /// The file that the probe reads its secrets from.
    pub fn secrets(&self) -> &Path {
        &self.secrets
    }

    /// Writes what nobody else may read: the way into the copy and the key of the tokens.
    pub fn write_secrets(&self, location: &Location, jwt_secret: &str) -> Result<()> {
        let url = url_with_password(location)?;
        let document = serde_json::json!({ "DATABASE_URL": url, "JWT_SECRET": jwt_secret });
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.secrets)
            .and_then(|mut file| file.write_all(document.to_string().as_bytes()))
            .map_err(|error| Failure::failed("can't write the probe's secrets").because(error))
    }

    /// Keeps the number of the process.
    pub fn note(&self, pid: u32) -> std::io::Result<()> {
        fs::write(&self.pid, format!("{pid}\n"))
    }

    /// Removes both files.
    pub fn remove(&self) {
        // What stays is cleared by the next probe of the same operation.
        drop(fs::remove_file(&self.secrets));
        drop(fs::remove_file(&self.pid));
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The connection string with the password in it: for the 0600 file that the probe alone reads.
fn url_with_password(location: &Location) -> Result<String> {
    let Some(file) = &location.password_file else {
        return Ok(location.url.clone());
    };
    let password = fs::read_to_string(file).map_err(|error| {
        Failure::new(
            opsctl_core::FailureKind::Authentication,
            format!("can't read the password file '{}'", file.display()),
        )
        .because(error)
    })?;
    let Some((user, rest)) = location.url.split_once('@') else {
        return Ok(location.url.clone());
    };
    Ok(format!("{user}:{}@{rest}", percent(password.trim_end())))
}

/// Escapes all but the characters that a URL takes as they are.
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |mut out, byte| {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_escaped_for_its_place_in_the_url() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        fs::write(&file, "p@ss/word\n").unwrap();
        let location = Location {
            engine: opsctl_core::ports::Engine::Postgres,
            url: "postgres://app_login@127.0.0.1:5433/app".into(),
            password_file: Some(file),
            password_secret: None,
        };
        assert_eq!(
            url_with_password(&location).unwrap(),
            "postgres://app_login:p%40ss%2Fword@127.0.0.1:5433/app"
        );
    }
}
