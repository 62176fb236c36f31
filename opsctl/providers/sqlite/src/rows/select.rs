//! Reads rows as literals.

use std::time::Duration;

use opsctl_core::ports::{Filter, Row, Selection, TableShape};
use opsctl_core::{Failure, Result};
use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use super::spelling::{name, term};
use crate::connect::trouble;

/// SQLite allows expressions a thousand levels deep; a chain of ORs is as deep as it is long.
const AT_ONCE: usize = 200;
/// One statement, whatever an operator wrote, is given up after this.
const WITHIN: Duration = Duration::from_secs(120);

/// Reads.
pub(super) async fn read(
    session: &mut SqliteConnection,
    table: &TableShape,
    selection: &Selection<'_>,
) -> Result<Vec<Row>> {
    match &selection.filter {
        Filter::Where(condition) => {
            // On lines of its own, so that a comment at its end does not swallow the bracket.
            let filter = format!("(\n{condition}\n)");
            some(session, table, selection, &filter)
                .await
                .map_err(|failure| failure.hint("the condition is SQL, as it stands after WHERE"))
        }
        Filter::Matching { terms, values } => {
            let terms: Vec<String> = terms.iter().map(|text| term(table, text)).collect();
            let mut rows = Vec::new();
            for part in values.chunks(AT_ONCE) {
                let filter = any_of(&terms, part);
                rows.extend(some(session, table, selection, &filter).await?);
            }
            Ok(rows)
        }
    }
}

fn any_of(terms: &[String], values: &[Row]) -> String {
    if let [term] = terms {
        let all: Vec<&str> = values
            .iter()
            .filter_map(|row| row.0.first()?.as_deref())
            .collect();
        return format!("{term} IN ({})", all.join(", "));
    }
    let equal = |row: &Row| {
        let pairs = terms.iter().zip(&row.0);
        let all =
            pairs.map(|(term, value)| format!("{term} = {}", value.as_deref().unwrap_or("NULL")));
        format!("({})", all.collect::<Vec<_>>().join(" AND "))
    };
    values.iter().map(equal).collect::<Vec<_>>().join(" OR ")
}

async fn some(
    session: &mut SqliteConnection,
    table: &TableShape,
    selection: &Selection<'_>,
    filter: &str,
) -> Result<Vec<Row>> {
    let read = |text: &String| {
        let term = term(table, text);
        // quote() spells NULL as a word, which a text may be as well.
        format!("CASE WHEN {term} IS NULL THEN NULL ELSE quote({term}) END")
    };
    let terms: Vec<String> = selection.terms.iter().map(read).collect();
    let statement = format!(
        "SELECT {} FROM {} WHERE {filter} LIMIT {}",
        terms.join(", "),
        name(&table.name),
        selection.limit
    );
    let failed = |error| trouble(&format!("can't read rows of '{}'", table.name), error);
    let reading = sqlx::query(AssertSqlSafe(statement)).fetch_all(session);
    let rows = tokio::time::timeout(WITHIN, reading)
        .await
        .map_err(|_| too_slow(&table.name))?
        .map_err(failed)?;
    let count = selection.terms.len();
    rows.iter()
        .map(|row| {
            let values = (0..count).map(|at| row.try_get::<Option<String>, _>(at));
            Ok(Row(values
                .collect::<std::result::Result<_, _>>()
                .map_err(failed)?))
        })
        .collect()
}

fn too_slow(table: &str) -> Failure {
    Failure::failed(format!(
        "reading rows of '{table}' took longer than {} seconds",
        WITHIN.as_secs()
    ))
    .hint("narrow the condition to an indexed column")
}
