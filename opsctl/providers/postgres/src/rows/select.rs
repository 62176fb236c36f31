//! Reads rows as text.

use std::collections::BTreeMap;

use opsctl_core::ports::{Filter, Row, Selection};
use opsctl_core::{Failure, Result};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Row as _};

use super::shape::types;
use super::spelling::{arrays, name, table, values};
use crate::connect::trouble;

/// Values a statement.
const AT_ONCE: usize = 5_000;

/// Reads.
pub(super) async fn read(
    session: &mut PgConnection,
    selection: &Selection<'_>,
) -> Result<Vec<Row>> {
    let known = types(session, selection.table).await?;
    if known.is_empty() {
        return Err(Failure::usage(format!(
            "there is no table '{}'",
            selection.table
        )));
    }
    match &selection.filter {
        Filter::Where(condition) => {
            as_the_application(session).await?;
            // On lines of its own, so that a comment at its end does not swallow the bracket.
            let statement = statement(&known, selection, &format!("(\n{condition}\n)"));
            some(session, selection, &statement, &[])
                .await
                .map_err(|failure| failure.hint("the condition is SQL, as it stands after WHERE"))
        }
        Filter::Matching { terms, values } => {
            let statement = statement(&known, selection, &any_of(&known, terms));
            let mut rows = Vec::new();
            for part in values.chunks(AT_ONCE) {
                rows.extend(some(session, selection, &statement, part).await?);
            }
            Ok(rows)
        }
    }
}

/// What an operator wrote may read what the application may, and nothing else.
async fn as_the_application(session: &mut PgConnection) -> Result<()> {
    let what = "can't take the application's rights";
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_readwrite')")
            .fetch_one(&mut *session)
            .await
            .map_err(trouble(what))?;
    if exists {
        let become_it = "SET LOCAL ROLE app_readwrite";
        session.execute(become_it).await.map_err(trouble(what))?;
    }
    Ok(())
}

/// A column by its name; anything else is an expression of an index as the server wrote it.
fn term(known: &BTreeMap<String, String>, text: &str) -> String {
    if known.contains_key(text) {
        name(text)
    } else {
        format!("({text})")
    }
}

fn statement(known: &BTreeMap<String, String>, selection: &Selection<'_>, filter: &str) -> String {
    let terms: Vec<String> = selection
        .terms
        .iter()
        .map(|text| format!("{}::text", term(known, text)))
        .collect();
    format!(
        "SELECT {} FROM {} WHERE {filter} LIMIT {}",
        terms.join(", "),
        table(selection.table),
        selection.limit
    )
}

/// Columns are compared as what they are, so that an index helps; expressions as text.
fn any_of(known: &BTreeMap<String, String>, terms: &[String]) -> String {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (place, text) in terms.iter().enumerate() {
        let value = format!("v{}", place + 1);
        match known.get(text) {
            Some(kind) => {
                left.push(name(text));
                right.push(format!("{value}::{kind}"));
            }
            None => {
                left.push(format!("({text})::text"));
                right.push(value);
            }
        }
    }
    format!(
        "({}) IN (SELECT {} FROM unnest({}) AS wanted ({}))",
        left.join(", "),
        right.join(", "),
        arrays(terms.len()),
        values(terms.len())
    )
}

async fn some(
    session: &mut PgConnection,
    selection: &Selection<'_>,
    statement: &str,
    wanted: &[Row],
) -> Result<Vec<Row>> {
    let what = format!("can't read rows of '{}'", selection.table);
    let failed = trouble(&what);
    let mut query = sqlx::query(AssertSqlSafe(statement.to_owned()));
    for place in 0..wanted.first().map_or(0, |row| row.0.len()) {
        let column: Vec<Option<String>> = wanted
            .iter()
            .map(|row| row.0.get(place).cloned().flatten())
            .collect();
        query = query.bind(column);
    }
    let rows = query.fetch_all(session).await.map_err(&failed)?;
    let count = selection.terms.len();
    rows.iter()
        .map(|row| {
            let values = (0..count).map(|at| row.try_get::<Option<String>, _>(at));
            let values: std::result::Result<Vec<_>, _> = values.collect();
            values.map(Row).map_err(&failed)
        })
        .collect()
}
