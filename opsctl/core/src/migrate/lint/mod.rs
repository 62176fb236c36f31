//! What is wrong with a migration's file, without a database: for CI.
//!
//! Owns the rules and their weight. What a statement would do to live tables is [`super::risk`]'s.

mod finding;
mod header;
mod sqlite;
mod squawk;

use super::Migration;
use crate::ports::Engine;

pub use finding::{Finding, Weight};

/// Everything that is wrong, by migration and line.
#[must_use]
pub fn lint(engine: Engine, migrations: &[Migration]) -> Vec<Finding> {
    let mut found = Vec::new();
    for migration in migrations {
        found.extend(header::lint(migration));
        found.extend(match engine {
            Engine::Postgres => squawk::lint(migration),
            Engine::Sqlite => sqlite::lint(migration),
        });
    }
    found.sort_by_key(|finding| (finding.version, finding.line));
    found
}
