//! Where the application's database is and how it is to be treated, as the secret of its login says it beside the login.

use opsctl_core::ports::Descriptor;
use opsctl_core::{Failure, Result};

/// What a descriptor says that the application has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Host, port, database and how it is connected to: all of the address behind the login.
    pub at: String,
    /// Which line of history that must be.
    pub lineage: String,
    /// How requests are treated.
    pub mode: String,
}

impl Place {
    /// That of a descriptor.
    pub fn of(descriptor: &Descriptor) -> Result<Self> {
        let url = &descriptor.location.url;
        let rest = url.strip_prefix("postgres://").ok_or_else(|| {
            Failure::failed(format!("'{url}' is no address of a PostgreSQL")).hint("opsctl doctor")
        })?;
        Ok(Self {
            at: without_login(rest).to_owned(),
            lineage: descriptor.lineage_id.to_string(),
            mode: descriptor.mode.as_str().to_owned(),
        })
    }

    /// Whether it is the same database by the same way.
    pub fn same_database(&self, other: &Self) -> bool {
        self.at == other.at && self.lineage == other.lineage
    }
}

/// What stands behind the login; a password holds no `@` where it is spelled as an address wants it.
pub fn without_login(rest: &str) -> &str {
    rest.split_once('@').map_or(rest, |(_, place)| place)
}
