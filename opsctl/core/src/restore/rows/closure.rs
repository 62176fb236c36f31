//! Everything that comes back with the rows that were asked for: what went with them, and what they refer
//! to.

use sha2::{Digest, Sha256};

use super::conflicts::{Conflict, take_out_existing, take_out_orphans, take_out_taken};
use super::found::{Found, Why, references};
use super::order::in_order;
use super::selection::{RowsRequest, Sides, common, table};
use crate::failure::Result;
use crate::ports::{Batch, ForeignKey, Location, OnDelete, Row, RowTransfer, Shape, TableShape};

/// What comes back into one table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TableComing {
    /// The table.
    pub table: String,
    /// Rows that were asked for.
    pub wanted: u64,
    /// Rows that went with a row that comes back.
    pub children: u64,
    /// Rows that are referred to, and are gone.
    pub parents: u64,
    /// Rows that are there already, as they were.
    pub there_already: u64,
}

/// What would come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Table by table.
    pub tables: Vec<TableComing>,
    /// What can't come back, and why.
    pub conflicts: Vec<Conflict>,
    /// The rows, in the order in which they are written.
    pub batches: Vec<Batch>,
}

impl Preview {
    /// How many rows come back.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.batches
            .iter()
            .map(|batch| batch.rows.len() as u64)
            .sum()
    }

    /// A SHA-256 over everything that would be written: an approval is for these rows and no others.
    #[must_use]
    pub fn digest(&self) -> String {
        let written = serde_json::json!(self.batches);
        hex::encode(Sha256::digest(written.to_string()))
    }
}

/// Finds out what would come back from `copy` into `live`.
///
/// # Errors
/// When the request names no table, or a database can't be read.
pub async fn preview(
    rows: &dyn RowTransfer,
    copy: &Location,
    live: &Location,
    request: &RowsRequest,
) -> Result<Preview> {
    let sides = Sides { rows, copy, live };
    let shape = common(&rows.shape(copy).await?, &rows.shape(live).await?);
    let asked = table(&shape, &request.table)?;
    let mut found = Found::default();
    let wanted = sides.wanted(asked, &request.condition).await?;
    let wanted = found.add(asked, wanted, Why::Wanted);
    children(&sides, &shape, &mut found, asked, wanted).await?;
    let mut conflicts = Vec::new();
    let mut there = std::collections::BTreeMap::new();
    for table in &shape.tables {
        let same = take_out_existing(&sides, table, &mut found, &mut conflicts).await?;
        there.insert(table.name.clone(), same);
    }
    parents(&sides, &shape, &mut found).await?;
    for table in &shape.tables {
        take_out_taken(&sides, table, &mut found, &mut conflicts).await?;
    }
    take_out_orphans(&sides, &shape, &mut found, &mut conflicts).await?;
    conflicts.sort();
    let count = |table: &TableShape| TableComing {
        table: table.name.clone(),
        wanted: found.count(&table.name, Why::Wanted),
        children: found.count(&table.name, Why::Child),
        parents: found.count(&table.name, Why::Parent),
        there_already: there.get(&table.name).copied().unwrap_or_default(),
    };
    let mut tables: Vec<TableComing> = shape.tables.iter().map(count).collect();
    tables.retain(|t| t.wanted + t.children + t.parents + t.there_already > 0);
    let batches = in_order(&shape, &found);
    Ok(Preview {
        tables,
        conflicts,
        batches,
    })
}

/// Adds what went with these rows, and what went with that.
async fn children(
    sides: &Sides<'_>,
    shape: &Shape,
    found: &mut Found,
    table: &TableShape,
    rows: Vec<Row>,
) -> Result<()> {
    let mut queue = vec![(table, rows)];
    while let Some((parent, rows)) = queue.pop() {
        let cascades =
            |key: &&ForeignKey| key.parent == parent.name && key.on_delete == OnDelete::Cascade;
        for key in shape.foreign_keys.iter().filter(cascades) {
            let Some(child) = shape
                .table(&key.child)
                .filter(|child| !child.key.is_empty())
            else {
                continue;
            };
            let values = references(&parent.columns, &rows, &key.parent_columns);
            let by = (key.child_columns.as_slice(), values.as_slice());
            let went = sides
                .matching(sides.copy, child, &child.columns, by)
                .await?;
            let new = found.add(child, went, Why::Child);
            if !new.is_empty() {
                queue.push((child, new));
            }
        }
    }
    Ok(())
}

/// Adds what the rows refer to and the live database has lost, and what that refers to.
async fn parents(sides: &Sides<'_>, shape: &Shape, found: &mut Found) -> Result<()> {
    loop {
        let mut grew = false;
        for key in &shape.foreign_keys {
            let (Some(child), Some(parent)) = (shape.table(&key.child), shape.table(&key.parent))
            else {
                continue;
            };
            let rows: Vec<Row> = found.of(&child.name).map(|(_, c)| c.row.clone()).collect();
            let mut missing = references(&child.columns, &rows, &key.child_columns);
            missing.retain(|values| !found.holds(parent, &key.parent_columns, values));
            let by = (key.parent_columns.as_slice(), missing.as_slice());
            let there = sides
                .matching(sides.live, parent, &key.parent_columns, by)
                .await?;
            missing.retain(|values| !there.contains(values));
            let by = (key.parent_columns.as_slice(), missing.as_slice());
            let lost = sides
                .matching(sides.copy, parent, &parent.columns, by)
                .await?;
            grew |= !found.add(parent, lost, Why::Parent).is_empty();
        }
        if !grew {
            return Ok(());
        }
    }
}
