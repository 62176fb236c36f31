//! What is known of single tables before they are read. Pure.

use super::explain::Trace;
use crate::environment::ChangeTrace;
use crate::ports::{Engine, Table};

/// Every restore writes a new lineage into it: it differs on purpose, and nothing else is in it.
const IDENTITY: &str = "database_identity";

/// Names deletions in the platform's own schema.
const DELETION_LOG: &str = "audit_log";

/// True when the rows of a table are those of the backup and stay so.
#[must_use]
pub(super) fn is_compared(table: &Table) -> bool {
    table.volatile.is_none() && !is_identity(table)
}

/// True for the row that opsctl itself rewrites in every copy.
#[must_use]
pub(super) fn is_identity(table: &Table) -> bool {
    table.name.name == IDENTITY && matches!(table.name.schema.as_str(), "public" | "main")
}

/// The column that grows with every change of a table, where one was declared or is known.
#[must_use]
pub(super) fn change_column(
    table: &Table,
    engine: Engine,
    declared: Option<&ChangeTrace>,
) -> Option<String> {
    let own = match (engine, table.name.name.as_str()) {
        // SQLite has one writer, and rows are only ever added to these: the newest has the greatest rowid.
        (Engine::Sqlite, DELETION_LOG | "row_changes") => Some("rowid".to_owned()),
        _ => None,
    };
    declared
        .and_then(|trace| trace.change_column.clone())
        .or(own)
}

/// The table that names the deleted rows of a table.
#[must_use]
pub(super) fn deletion_log(declared: Option<&ChangeTrace>) -> String {
    declared
        .and_then(|trace| trace.deletion_log.clone())
        .unwrap_or_else(|| DELETION_LOG.to_owned())
}

/// What can tell why rows of the table differ, the surest first.
#[must_use]
pub(super) fn trace(
    table: &Table,
    next: Option<u64>,
    newest_change: Option<i64>,
    column: Option<Option<i64>>,
) -> Trace {
    match (next, newest_change, column) {
        (Some(next), ..) => Trace::Versions { next },
        (None, Some(position), _) if table.logged && !table.key.is_empty() => {
            Trace::Log { position }
        }
        (None, _, Some(greatest)) => Trace::Column { greatest },
        (None, _, None) => Trace::None,
    }
}
