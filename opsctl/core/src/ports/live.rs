//! What a live database tells about the tables that a migration touches. Shown and judged, never hashed.

/// One table, as it is now.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TableFacts {
    /// Its name, as the migration writes it.
    pub table: String,
    /// About how many rows; `None` when nobody has counted yet.
    pub rows: Option<u64>,
    /// With its indexes and everything that lies beside it.
    pub bytes: u64,
    /// Writes a second since the statistics began; `None` where the engine keeps none.
    pub writes_per_second: Option<f64>,
    /// Transactions that hold a lock on it now.
    pub users_now: u64,
}

/// A transaction that has been open for a while.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OldTransaction {
    /// The server's process.
    pub pid: i32,
    /// Who.
    pub login: String,
    /// For how long, in seconds.
    pub seconds: u64,
}

/// What is known about a live database.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct LiveFacts {
    /// Those of the asked tables that exist.
    pub tables: Vec<TableFacts>,
    /// The oldest open transaction of somebody else.
    pub oldest: Option<OldTransaction>,
}

impl LiveFacts {
    /// What is known about a table; `None` when it does not exist.
    #[must_use]
    pub fn of(&self, table: &str) -> Option<&TableFacts> {
        self.tables.iter().find(|facts| facts.table == table)
    }
}
