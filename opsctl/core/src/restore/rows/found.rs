//! The rows that were found so far, each once.

use std::collections::BTreeMap;

use crate::ports::{Row, TableShape};

/// Why a row comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The operator asked for it.
    Wanted,
    /// It went with a row that comes back.
    Child,
    /// A row that comes back refers to it, and it is gone.
    Parent,
}

/// One row, whole.
#[derive(Debug, Clone)]
pub struct Coming {
    /// Its values, in the order of the table's columns.
    pub row: Row,
    /// Why it comes.
    pub why: Why,
}

/// The rows that are to come back, by table and key.
#[derive(Debug, Default)]
pub struct Found {
    tables: BTreeMap<String, BTreeMap<Row, Coming>>,
}

impl Found {
    /// Adds rows; returns those that were not known yet.
    pub fn add(&mut self, table: &TableShape, rows: Vec<Row>, why: Why) -> Vec<Row> {
        let known = self.tables.entry(table.name.clone()).or_default();
        let mut new = Vec::new();
        for row in rows {
            let key = pick(&table.columns, &row, &table.key);
            if let std::collections::btree_map::Entry::Vacant(place) = known.entry(key) {
                place.insert(Coming {
                    row: row.clone(),
                    why,
                });
                new.push(row);
            }
        }
        new
    }

    /// Takes a row out.
    pub fn remove(&mut self, table: &str, key: &Row) -> Option<Coming> {
        self.tables.get_mut(table)?.remove(key)
    }

    /// The rows of a table.
    pub fn of(&self, table: &str) -> impl Iterator<Item = (&Row, &Coming)> {
        self.tables.get(table).into_iter().flatten()
    }

    /// True when a row with these values in these columns comes back.
    pub fn holds(&self, table: &TableShape, columns: &[String], values: &Row) -> bool {
        if columns == table.key {
            return self
                .tables
                .get(&table.name)
                .is_some_and(|rows| rows.contains_key(values));
        }
        self.of(&table.name)
            .any(|(_, coming)| pick(&table.columns, &coming.row, columns) == *values)
    }

    /// How many rows of a table come for that reason.
    pub fn count(&self, table: &str, why: Why) -> u64 {
        self.of(table)
            .filter(|(_, coming)| coming.why == why)
            .count() as u64
    }
}

/// Some columns of a row.
pub fn pick(columns: &[String], row: &Row, wanted: &[String]) -> Row {
    let value = |name: &String| {
        let at = columns.iter().position(|column| column == name)?;
        row.0.get(at).cloned().flatten()
    };
    Row(wanted.iter().map(value).collect())
}

/// Some columns of each row, once each; a reference with a NULL in it refers to nothing.
pub fn references(columns: &[String], rows: &[Row], wanted: &[String]) -> Vec<Row> {
    let mut picked: Vec<Row> = rows
        .iter()
        .map(|row| pick(columns, row, wanted))
        .filter(|values| values.0.iter().all(Option::is_some))
        .collect();
    picked.sort_unstable();
    picked.dedup();
    picked
}
