//! One migration: its file, read.

use sha2::{Digest, Sha384};

/// Which application versions a migration is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It only adds: the application from before still serves.
    Expand,
    /// It takes away: the application from before no longer serves.
    Contract,
}

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its number.
    pub version: i64,
    /// Its name, as sqlx writes it: the file's, with blanks.
    pub description: String,
    /// What brings it.
    pub up: String,
    /// What takes it back.
    pub down: Option<String>,
    /// For whom it is made.
    pub phase: Phase,
    /// The oldest application schema that still serves afterwards; a contract raises it.
    pub oldest_supported_app_schema: Option<i64>,
    /// False when its statements can't run in a transaction.
    pub in_transaction: bool,
}

impl Migration {
    /// Reads a file named `0001_users`; `None` when the name has no number.
    #[must_use]
    pub fn parse(name: &str, up: &str, down: Option<&str>) -> Option<Self> {
        let (version, description) = name.split_once('_')?;
        let header = |key: &str| {
            let lines = up.lines().take_while(|line| line.starts_with("--"));
            let values =
                lines.filter_map(|line| line.trim_start_matches('-').trim().strip_prefix(key));
            values.map(|value| value.trim().to_owned()).next()
        };
        Some(Self {
            version: version.parse().ok()?,
            description: description.replace('_', " "),
            phase: match header("phase:").as_deref() {
                Some("contract") => Phase::Contract,
                _ => Phase::Expand,
            },
            oldest_supported_app_schema: header("oldest_supported_app_schema:")
                .and_then(|value| value.parse().ok()),
            // sqlx's own rule: the very first bytes.
            in_transaction: !up.starts_with("-- no-transaction"),
            up: up.to_owned(),
            down: down.map(ToOwned::to_owned),
        })
    }

    /// The SHA-384 of the file's bytes, as sqlx computes it.
    #[must_use]
    pub fn checksum(&self) -> String {
        hex::encode(Sha384::digest(self.up.as_bytes()))
    }

    /// `0004 operations`
    #[must_use]
    pub fn title(&self) -> String {
        format!("{:04} {}", self.version, self.description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_a_migration_is_made_for() {
        let up = "-- phase: contract\n-- oldest_supported_app_schema: 7\nALTER TABLE x;";
        let migration = Migration::parse("0008_drop_x", up, None).unwrap();
        assert_eq!(
            (migration.version, migration.title()),
            (8, "0008 drop x".into())
        );
        assert_eq!(migration.phase, Phase::Contract);
        assert_eq!(migration.oldest_supported_app_schema, Some(7));
        assert!(migration.in_transaction);
    }

    #[test]
    fn only_the_first_bytes_take_a_migration_out_of_its_transaction() {
        let out = Migration::parse("1_a", "-- no-transaction\n-- phase: expand\n", None).unwrap();
        let inside = Migration::parse("1_a", "\n-- no-transaction\n", None).unwrap();
        assert_eq!((out.in_transaction, inside.in_transaction), (false, true));
    }
}
