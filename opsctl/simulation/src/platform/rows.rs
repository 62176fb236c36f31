//! Rows of the simulated databases.

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{
    Batch, Filter, ForeignKey, Location, OnDelete, Row, RowTransfer, Selection, Shape,
    TableDifference, TableShape, Unique,
};
use opsctl_core::{Failure, Result};

use super::{Platform, SimulatedDatabase};

const COLUMNS: [(&str, [&str; 2]); 3] = [
    ("comments", ["id", "post_id"]),
    ("posts", ["id", "user_id"]),
    ("users", ["id", "email"]),
];

impl Platform {
    fn at(&self, location: &Location) -> Result<SimulatedDatabase> {
        self.database(&location.url)
            .filter(|database| database.answers)
            .ok_or_else(|| Failure::failed(format!("nobody answers at {}", location.url)))
    }
}

fn column(table: &str, term: &str) -> Result<usize> {
    let columns = COLUMNS.iter().find(|(name, _)| *name == table);
    columns
        .and_then(|(_, columns)| columns.iter().position(|column| *column == term))
        .ok_or_else(|| Failure::usage(format!("'{table}' has no column '{term}'")))
}

fn project(table: &str, terms: &[String], row: &Row) -> Result<Row> {
    let value = |term: &String| {
        let at = column(table, term)?;
        Ok(row.0.get(at).cloned().flatten())
    };
    terms.iter().map(value).collect::<Result<Vec<_>>>().map(Row)
}

/// Understands `column = 'value'`, which is all that tests ask.
fn condition(text: &str) -> Result<(String, String)> {
    let (term, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::usage(format!("'{text}' is not a condition")))?;
    let value = value.trim().trim_matches('\'');
    Ok((term.trim().to_owned(), value.to_owned()))
}

#[async_trait]
impl RowTransfer for Platform {
    async fn shape(&self, at: &Location) -> Result<Shape> {
        self.at(at)?;
        let table = |(name, columns): &(&str, [&str; 2])| TableShape {
            name: (*name).into(),
            columns: columns.iter().map(|column| (*column).into()).collect(),
            key: vec!["id".into()],
            unique: match *name {
                "users" => vec![Unique {
                    name: "users_email_key".into(),
                    terms: vec!["email".into()],
                }],
                _ => Vec::new(),
            },
        };
        let reference = |child: &str, column: &str, parent: &str| ForeignKey {
            child: child.into(),
            child_columns: vec![column.into()],
            parent: parent.into(),
            parent_columns: vec!["id".into()],
            on_delete: OnDelete::Cascade,
        };
        Ok(Shape {
            tables: COLUMNS.iter().map(table).collect(),
            foreign_keys: vec![
                reference("posts", "user_id", "users"),
                reference("comments", "post_id", "posts"),
            ],
        })
    }

    async fn select(&self, at: &Location, selection: &Selection<'_>) -> Result<Vec<Row>> {
        let database = self.at(at)?;
        let table = selection.table;
        let rows = database.tables.get(table);
        let rows = rows.ok_or_else(|| Failure::usage(format!("there is no table '{table}'")))?;
        let mut found = Vec::new();
        for row in rows.values() {
            let fits = match &selection.filter {
                Filter::Where(text) => {
                    let (term, value) = condition(text)?;
                    project(table, &[term], row)? == Row(vec![Some(value)])
                }
                Filter::Matching { terms, values } => values.contains(&project(table, terms, row)?),
            };
            if fits && (found.len() as u64) < selection.limit {
                found.push(project(table, selection.terms, row)?);
            }
        }
        Ok(found)
    }

    async fn insert(&self, permit: &Permit<'_>, at: &Location, batches: &[Batch]) -> Result<u64> {
        permit.check()?;
        if let Some(done) = self.inserted(at, permit.operation()).await? {
            return Ok(done);
        }
        let mut count = 0;
        self.change(&at.url, |database| {
            for batch in batches {
                let rows = database.tables.entry(batch.table.clone()).or_default();
                for row in &batch.rows {
                    let key = row.0.first().cloned().flatten().unwrap_or_default();
                    rows.insert(key, row.clone());
                    count += 1;
                }
            }
            database.traces.insert(permit.operation().clone(), count);
        });
        Ok(count)
    }

    async fn inserted(&self, at: &Location, operation: &OperationId) -> Result<Option<u64>> {
        Ok(self.at(at)?.traces.get(operation).copied())
    }

    async fn differences(
        &self,
        first: &Location,
        second: &Location,
        keys: u32,
    ) -> Result<Vec<TableDifference>> {
        let (first, second) = (self.at(first)?, self.at(second)?);
        let mut differences = Vec::new();
        for (table, rows) in &first.tables {
            let others = second.tables.get(table).cloned().unwrap_or_default();
            let mut difference = TableDifference {
                table: table.clone(),
                ..TableDifference::default()
            };
            for (key, row) in rows {
                match others.get(key) {
                    Some(other) if other == row => continue,
                    Some(_) => difference.changed += 1,
                    None => difference.only_first += 1,
                }
                if difference.keys.len() < keys as usize {
                    difference.keys.push(key.clone());
                }
            }
            let only_there = |key: &&String| !rows.contains_key(*key);
            difference.only_second = others.keys().filter(only_there).count() as u64;
            differences.push(difference);
        }
        Ok(differences)
    }
}
