//! The ways to a database in RDS: for its administrator and for the application, encrypted as the environment says.

use std::path::PathBuf;

use opsctl_core::environment::Tls;
use opsctl_core::ports::{Engine, Location};
use opsctl_core::{Failure, Result};

/// Where the application's pods find the authority of RDS's certificates: `k8s/aws/authorities-mounted.yaml` puts it there.
pub const APP_AUTHORITY: &str = "/etc/app/authorities/database.pem";

/// Turns the address of an instance into locations, and back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    /// The database on the instance.
    pub database: String,
    /// The administrator's login.
    pub master: String,
    /// The secret with the administrator's password.
    pub master_secret: String,
    /// The application's login.
    pub login: String,
    /// The secret with the application's password.
    pub login_secret: String,
    /// Whether the way is encrypted.
    pub tls: Tls,
    /// The authority's file on this machine.
    pub authority: Option<PathBuf>,
}

impl Ways {
    /// Where an administrator connects.
    #[must_use]
    pub fn administrator(&self, address: &str) -> Location {
        let authority = self.authority.as_ref().map(|file| file.to_string_lossy());
        self.way(
            &self.master,
            &self.master_secret,
            address,
            authority.as_deref(),
        )
    }

    /// Where the application connects.
    #[must_use]
    pub fn application(&self, address: &str) -> Location {
        self.way(
            &self.login,
            &self.login_secret,
            address,
            Some(APP_AUTHORITY),
        )
    }

    /// Host and port in a location.
    ///
    /// # Errors
    /// When it is of another form.
    pub fn address(location: &Location) -> Result<&str> {
        let rest = location.url.strip_prefix("postgres://");
        let place = rest.and_then(|rest| rest.rsplit_once('@'));
        let address = place.and_then(|(_, place)| place.split_once('/'));
        address.map(|(address, _)| address).ok_or_else(|| {
            Failure::failed(format!("'{}' is no address of an instance", location.url))
                .hint("opsctl doctor")
        })
    }

    fn way(&self, login: &str, secret: &str, address: &str, authority: Option<&str>) -> Location {
        let database = &self.database;
        let tls = match (self.tls, authority) {
            (Tls::Off, _) => "sslmode=disable".to_owned(),
            (Tls::VerifyFull, None) => "sslmode=verify-full".to_owned(),
            (Tls::VerifyFull, Some(file)) => format!("sslmode=verify-full&sslrootcert={file}"),
        };
        Location {
            engine: Engine::Postgres,
            url: format!("postgres://{login}@{address}/{database}?{tls}"),
            password_file: None,
            password_secret: Some(secret.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_names_whom_it_trusts_and_no_password() {
        let ways = Ways {
            database: "app".into(),
            master: "master".into(),
            master_secret: "staging/database-master".into(),
            login: "app_login".into(),
            login_secret: "staging/database".into(),
            tls: Tls::VerifyFull,
            authority: Some("/ours/rds.pem".into()),
        };
        let found = ways.administrator("db.example:5432");
        assert_eq!(
            found.url,
            "postgres://master@db.example:5432/app?sslmode=verify-full&sslrootcert=/ours/rds.pem"
        );
        assert_eq!(
            found.password_secret.as_deref(),
            Some("staging/database-master")
        );
        assert_eq!(Ways::address(&found).unwrap(), "db.example:5432");
        let off = Ways {
            tls: Tls::Off,
            ..ways
        };
        assert!(
            off.application("127.0.0.1:1")
                .url
                .ends_with("?sslmode=disable")
        );
    }
}
