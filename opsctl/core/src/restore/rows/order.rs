//! The order in which rows are written: what is referred to comes first.

use std::collections::BTreeSet;

use super::found::{Found, pick};
use crate::ports::{Batch, Row, Shape, TableShape};

/// The rows as batches, parents before children.
pub fn in_order(shape: &Shape, found: &Found) -> Vec<Batch> {
    let mut batches = Vec::new();
    for table in tables(shape) {
        let rows: Vec<Row> = found.of(&table.name).map(|(_, c)| c.row.clone()).collect();
        if rows.is_empty() {
            continue;
        }
        batches.push(Batch {
            table: table.name.clone(),
            columns: table.columns.clone(),
            key: table.key.clone(),
            rows: within(shape, table, rows),
        });
    }
    batches
}

/// Tables, each after those that it refers to. In a circle of tables the order is the alphabet's, and the
/// engine must defer its check.
fn tables(shape: &Shape) -> Vec<&TableShape> {
    let mut ordered: Vec<&TableShape> = Vec::new();
    let mut left: Vec<&TableShape> = shape.tables.iter().collect();
    while !left.is_empty() {
        let waits = |table: &TableShape| {
            shape.foreign_keys.iter().any(|key| {
                key.child == table.name
                    && key.parent != table.name
                    && left.iter().any(|other| other.name == key.parent)
            })
        };
        let free: BTreeSet<String> = left
            .iter()
            .filter(|table| !waits(table))
            .map(|table| table.name.clone())
            .collect();
        if free.is_empty() {
            ordered.append(&mut left);
            break;
        }
        let (now, later) = left
            .into_iter()
            .partition(|table| free.contains(&table.name));
        ordered.extend::<Vec<&TableShape>>(now);
        left = later;
    }
    ordered
}

/// Rows of a table that refers to itself, each after the one that it refers to.
fn within(shape: &Shape, table: &TableShape, rows: Vec<Row>) -> Vec<Row> {
    let own: Vec<_> = shape
        .foreign_keys
        .iter()
        .filter(|key| key.child == table.name && key.parent == table.name)
        .collect();
    if own.is_empty() {
        return rows;
    }
    let mut ordered = Vec::with_capacity(rows.len());
    let mut left = rows;
    while !left.is_empty() {
        let (later, now): (Vec<Row>, Vec<Row>) = left.iter().cloned().partition(|row| {
            own.iter().any(|key| {
                let wanted = pick(&table.columns, row, &key.child_columns);
                left.iter()
                    .filter(|other| *other != row)
                    .any(|other| pick(&table.columns, other, &key.parent_columns) == wanted)
            })
        });
        if now.is_empty() {
            ordered.extend(later);
            break;
        }
        ordered.extend(now);
        left = later;
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{ForeignKey, OnDelete};
    use crate::restore::rows::found::Why;

    fn shape(references: &[(&str, &str)]) -> Shape {
        let names = ["a", "b", "c"];
        let table = |name: &&str| TableShape {
            name: (*name).into(),
            columns: vec!["id".into(), "parent".into()],
            key: vec!["id".into()],
            unique: Vec::new(),
        };
        let key = |(child, parent): &(&str, &str)| ForeignKey {
            child: (*child).into(),
            child_columns: vec!["parent".into()],
            parent: (*parent).into(),
            parent_columns: vec!["id".into()],
            on_delete: OnDelete::Cascade,
        };
        Shape {
            tables: names.iter().map(table).collect(),
            foreign_keys: references.iter().map(key).collect(),
        }
    }

    fn row(id: &str, parent: Option<&str>) -> Row {
        Row(vec![Some(id.into()), parent.map(Into::into)])
    }

    fn written(references: &[(&str, &str)], rows: Vec<Row>) -> Vec<String> {
        let shape = shape(references);
        let mut found = Found::default();
        for table in &shape.tables {
            found.add(table, rows.clone(), Why::Wanted);
        }
        in_order(&shape, &found)
            .into_iter()
            .map(|batch| batch.table)
            .collect()
    }

    #[test]
    fn a_table_comes_after_those_that_it_refers_to() {
        let rows = vec![row("1", None)];
        assert_eq!(
            written(&[("a", "b"), ("b", "c")], rows.clone()),
            ["c", "b", "a"]
        );
        assert_eq!(written(&[], rows), ["a", "b", "c"]);
    }

    #[test]
    fn a_circle_of_tables_still_ends() {
        let rows = vec![row("1", None)];
        assert_eq!(written(&[("a", "b"), ("b", "a")], rows), ["c", "a", "b"]);
    }

    #[test]
    fn in_a_table_that_refers_to_itself_the_parent_comes_first() {
        let shape = shape(&[("a", "a")]);
        let mut found = Found::default();
        let rows = vec![row("1", Some("3")), row("2", None), row("3", Some("2"))];
        found.add(&shape.tables[0], rows, Why::Wanted);
        let batch = in_order(&shape, &found).remove(0);
        let ids: Vec<_> = batch
            .rows
            .iter()
            .map(|row| row.0[0].clone().unwrap())
            .collect();
        assert_eq!(ids, ["2", "3", "1"]);
    }
}
