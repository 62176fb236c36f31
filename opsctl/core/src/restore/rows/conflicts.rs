//! What stands in the way of rows that would come back.

use super::found::{Found, pick, references};
use super::selection::Sides;
use crate::failure::Result;
use crate::ports::{Row, Shape, TableShape, Unique};

/// A row that can't come back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Conflict {
    /// The table.
    pub table: String,
    /// The row's key.
    pub key: String,
    /// Why it can't.
    pub reason: Reason,
}

/// Why a row can't come back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A row with that key is there, with other content. It is left as it is.
    Exists,
    /// Another row has what must be unique.
    Taken {
        /// The constraint or index.
        unique: String,
        /// The key of the row that has it.
        by: String,
    },
    /// It refers to a row that is gone and can't come back itself.
    Orphan {
        /// The table of that row.
        parent: String,
    },
}

/// A key for people: literals without their quotes.
pub fn shown(key: &Row) -> String {
    let part = |value: &Option<String>| match value {
        None => "NULL".to_owned(),
        Some(text) => text.trim_matches('\'').to_owned(),
    };
    key.0.iter().map(part).collect::<Vec<_>>().join(",")
}

/// Takes the rows out that the live database has already; those with other content are conflicts.
/// Returns how many were there as they are.
pub async fn take_out_existing(
    sides: &Sides<'_>,
    table: &TableShape,
    found: &mut Found,
    conflicts: &mut Vec<Conflict>,
) -> Result<u64> {
    let keys: Vec<Row> = found.of(&table.name).map(|(key, _)| key.clone()).collect();
    let by = (table.key.as_slice(), keys.as_slice());
    let mut same = 0;
    for there in sides
        .matching(sides.live, table, &table.columns, by)
        .await?
    {
        let key = pick(&table.columns, &there, &table.key);
        match found.remove(&table.name, &key) {
            Some(coming) if coming.row == there => same += 1,
            Some(_) => conflicts.push(Conflict {
                table: table.name.clone(),
                key: shown(&key),
                reason: Reason::Exists,
            }),
            None => {}
        }
    }
    Ok(same)
}

/// Takes the rows out whose unique values belong to other rows by now.
pub async fn take_out_taken(
    sides: &Sides<'_>,
    table: &TableShape,
    found: &mut Found,
    conflicts: &mut Vec<Conflict>,
) -> Result<()> {
    for unique in &table.unique {
        for (key, by) in taken(sides, table, unique, found).await? {
            if found.remove(&table.name, &key).is_some() {
                conflicts.push(Conflict {
                    table: table.name.clone(),
                    key: shown(&key),
                    reason: Reason::Taken {
                        unique: unique.name.clone(),
                        by: shown(&by),
                    },
                });
            }
        }
    }
    Ok(())
}

/// Pairs of a row that would come back and the live row that has its unique values. The values are computed
/// by the engine, because a unique index may be over an expression.
async fn taken(
    sides: &Sides<'_>,
    table: &TableShape,
    unique: &Unique,
    found: &Found,
) -> Result<Vec<(Row, Row)>> {
    let keys: Vec<Row> = found.of(&table.name).map(|(key, _)| key.clone()).collect();
    let read: Vec<String> = unique.terms.iter().chain(&table.key).cloned().collect();
    let by = (table.key.as_slice(), keys.as_slice());
    let coming = sides.matching(sides.copy, table, &read, by).await?;
    let values = references(&read, &coming, &unique.terms);
    let by = (unique.terms.as_slice(), values.as_slice());
    let mut pairs = Vec::new();
    let live = sides.matching(sides.live, table, &read, by).await?;
    let own = |row: &Row| pick(&read, row, &table.key);
    for there in &live {
        let value = pick(&read, there, &unique.terms);
        // The engine found it equal; spelling may differ where the index folds it.
        let rivals = coming
            .iter()
            .filter(|row| same_value(&pick(&read, row, &unique.terms), &value));
        pairs.extend(rivals.map(|row| (own(row), own(there))));
    }
    Ok(pairs)
}

/// Equal, but for what a case-insensitive index folds.
fn same_value(one: &Row, other: &Row) -> bool {
    let fold = |row: &Row| -> Vec<Option<String>> {
        let folded = row
            .0
            .iter()
            .map(|value| value.as_ref().map(|text| text.to_lowercase()));
        folded.collect()
    };
    fold(one) == fold(other)
}

/// Takes the rows out that refer to what is gone and does not come back; and again, until none is left.
pub async fn take_out_orphans(
    sides: &Sides<'_>,
    shape: &Shape,
    found: &mut Found,
    conflicts: &mut Vec<Conflict>,
) -> Result<()> {
    loop {
        let mut orphans = Vec::new();
        for reference in &shape.foreign_keys {
            let (Some(child), Some(parent)) = (
                shape.table(&reference.child),
                shape.table(&reference.parent),
            ) else {
                continue;
            };
            let rows: Vec<Row> = found
                .of(&child.name)
                .map(|(_, coming)| coming.row.clone())
                .collect();
            let mut missing = references(&child.columns, &rows, &reference.child_columns);
            missing.retain(|values| !found.holds(parent, &reference.parent_columns, values));
            let by = (reference.parent_columns.as_slice(), missing.as_slice());
            let there = sides
                .matching(sides.live, parent, &reference.parent_columns, by)
                .await?;
            missing.retain(|values| !there.contains(values));
            for row in rows {
                let refers = pick(&child.columns, &row, &reference.child_columns);
                if missing.contains(&refers) {
                    let key = pick(&child.columns, &row, &child.key);
                    orphans.push((child.name.clone(), key, parent.name.clone()));
                }
            }
        }
        if orphans.is_empty() {
            return Ok(());
        }
        for (table, key, parent) in orphans {
            if found.remove(&table, &key).is_some() {
                conflicts.push(Conflict {
                    table,
                    key: shown(&key),
                    reason: Reason::Orphan { parent },
                });
            }
        }
    }
}
