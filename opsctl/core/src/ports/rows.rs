//! Moving single rows between two databases of one engine, and counting how two databases differ.

use async_trait::async_trait;

use super::Location;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::OperationId;

/// A table, as far as moving its rows needs to know it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TableShape {
    /// Its name.
    pub name: String,
    /// The columns that can be written, in order; generated ones are left out.
    pub columns: Vec<String>,
    /// The primary key; empty when the table has none.
    pub key: Vec<String>,
    /// The other unique constraints and indexes.
    pub unique: Vec<Unique>,
}

/// A unique constraint or index other than the primary key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unique {
    /// Its name.
    pub name: String,
    /// Its columns or expressions, as the engine writes them.
    pub terms: Vec<String>,
}

/// What deleting the parent does to the child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// The child goes too.
    Cascade,
    /// The child stays and forgets its parent.
    Forget,
    /// The parent can't go while the child is there.
    Refuse,
}

/// A reference from one table to another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ForeignKey {
    /// The table that refers.
    pub child: String,
    /// Its columns.
    pub child_columns: Vec<String>,
    /// The table that is referred to.
    pub parent: String,
    /// Its columns, in the order of the child's.
    pub parent_columns: Vec<String>,
    /// What deleting the parent does.
    pub on_delete: OnDelete,
}

/// The tables of a database and how they refer to each other. Bookkeeping of opsctl and of the
/// migrations is left out: nobody restores rows of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Shape {
    /// The tables, by name.
    pub tables: Vec<TableShape>,
    /// The references between them.
    pub foreign_keys: Vec<ForeignKey>,
}

impl Shape {
    /// The table of that name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableShape> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// One value in the engine's own spelling (a literal for SQLite, the text form for PostgreSQL); `None` is
/// NULL. Only ever compared with, or written into, a database of the same engine.
pub type Value = Option<String>;

/// One row: its values in the order of the columns that were asked for.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Row(pub Vec<Value>);

/// Which rows are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter<'a> {
    /// A condition in SQL, as an operator wrote it. Read-only, and limited in time.
    Where(&'a str),
    /// Rows whose columns (or expressions of a unique index) equal one of these.
    Matching {
        /// Columns or expressions, as the engine writes them.
        terms: &'a [String],
        /// The values, each in the order of the terms.
        values: &'a [Row],
    },
}

/// Rows of one table, to be selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'a> {
    /// The table.
    pub table: &'a str,
    /// What is read of each row: columns or expressions.
    pub terms: &'a [String],
    /// Which rows.
    pub filter: Filter<'a>,
    /// At most so many are read; a caller asks for one more than it can bear.
    pub limit: u64,
}

/// Rows of one table, to be written, in order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Batch {
    /// The table.
    pub table: String,
    /// The columns.
    pub columns: Vec<String>,
    /// The key, within the columns; for the trace that each row leaves in the audit log.
    pub key: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// How one table differs between two databases.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct TableDifference {
    /// The table.
    pub table: String,
    /// Rows that only the first one has.
    pub only_first: u64,
    /// Rows that only the second one has.
    pub only_second: u64,
    /// Rows that both have, with other content.
    pub changed: u64,
    /// Keys of rows that only the first has or that it has otherwise, as far as they were listed.
    pub keys: Vec<String>,
}

impl TableDifference {
    /// True when the second holds everything that the first does.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.only_first == 0 && self.only_second == 0 && self.changed == 0
    }
}

/// Moves rows, by the key that a run was given: its operation.
#[async_trait]
pub trait RowTransfer: Send + Sync {
    /// The tables and their references.
    async fn shape(&self, at: &Location) -> Result<Shape>;

    /// Reads rows. Changes nothing, whatever the filter says.
    async fn select(&self, at: &Location, selection: &Selection<'_>) -> Result<Vec<Row>>;

    /// Writes all rows in one transaction, each with a trace `restored` in the audit log that carries the
    /// operation. A transaction that was committed already is not repeated. Returns how many rows.
    async fn insert(&self, permit: &Permit<'_>, at: &Location, batches: &[Batch]) -> Result<u64>;

    /// How many rows this operation's transaction wrote; `None` when there was none.
    async fn inserted(&self, at: &Location, operation: &OperationId) -> Result<Option<u64>>;

    /// Compares two databases table by table; lists at most `keys` keys a table.
    async fn differences(
        &self,
        first: &Location,
        second: &Location,
        keys: u32,
    ) -> Result<Vec<TableDifference>>;
}
