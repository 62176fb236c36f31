//! Sees to it that the tests have a PostgreSQL: what testkit finds, else Debian's package. Never starts a server.

use anyhow::Result;
use testkit::postgres::PostgresBinaries;

use super::{packages, settings};
use crate::terminal::say;

/// Finds a PostgreSQL, installs one where that is possible, or fails with the line that says what to install.
pub fn require() -> Result<PostgresBinaries> {
    testkit::postgres::find().or_else(|missing| {
        if !can_install() {
            return Err(missing);
        }
        say(&format!("{missing:#}; installing it"));
        packages::install("postgresql")?;
        testkit::postgres::find()
    })
}

/// Never in place of a folder that was named and is wrong.
fn can_install() -> bool {
    settings::postgres_folder().is_none() && packages::can_install()
}
