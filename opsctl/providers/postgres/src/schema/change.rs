//! One change of a schema: which migration, which way, how much of it.

use opsctl_core::migrate::{Migration, Statement};

#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Up(&'a Migration),
    Down(&'a Migration),
    /// One statement of a migration without a transaction.
    Statement(&'a Migration, &'a Statement),
    /// The note that such a migration is whole.
    Note(&'a Migration),
}

impl<'a> Change<'a> {
    pub const fn migration(self) -> &'a Migration {
        match self {
            Self::Up(migration)
            | Self::Down(migration)
            | Self::Statement(migration, _)
            | Self::Note(migration) => migration,
        }
    }

    /// The command that asks for it again.
    pub fn command(self) -> String {
        match self {
            Self::Down(migration) => format!("opsctl migrate down --to {}", migration.version - 1),
            _ => "opsctl migrate up".to_owned(),
        }
    }

    pub fn sql(self) -> String {
        match self {
            Self::Up(migration) => migration.up.clone(),
            Self::Down(migration) => migration.down.clone().unwrap_or_default(),
            Self::Statement(_, statement) => statement.sql.clone(),
            Self::Note(_) => String::new(),
        }
    }
}
