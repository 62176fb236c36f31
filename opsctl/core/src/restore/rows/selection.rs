//! Which rows an operator asks for, and reading rows from either database.

use crate::failure::{Failure, Result};
use crate::ports::{Filter, Location, Row, RowTransfer, Selection, Shape, TableShape};

/// So many rows may come back at once; more is not a slip of one person any more.
pub const MOST_ROWS: u64 = 100_000;

/// Which rows are to come back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsRequest {
    /// The table.
    pub table: String,
    /// The condition, in the engine's SQL, as it stands after `WHERE`.
    pub condition: String,
}

/// Both databases: where the rows are, and where they are to go.
pub struct Sides<'a> {
    /// Reads and writes rows.
    pub rows: &'a dyn RowTransfer,
    /// The restored copy.
    pub copy: &'a Location,
    /// The live database.
    pub live: &'a Location,
}

impl Sides<'_> {
    /// Reads rows that match, or none when nothing is asked for.
    pub async fn matching(
        &self,
        at: &Location,
        table: &TableShape,
        read: &[String],
        by: (&[String], &[Row]),
    ) -> Result<Vec<Row>> {
        let (terms, values) = by;
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let selection = Selection {
            table: &table.name,
            terms: read,
            filter: Filter::Matching { terms, values },
            limit: MOST_ROWS + 1,
        };
        enough(&table.name, self.rows.select(at, &selection).await?)
    }

    /// The rows that the operator asks for, whole.
    pub async fn wanted(&self, table: &TableShape, condition: &str) -> Result<Vec<Row>> {
        let selection = Selection {
            table: &table.name,
            terms: &table.columns,
            filter: Filter::Where(condition),
            limit: MOST_ROWS + 1,
        };
        let rows = self.rows.select(self.copy, &selection).await?;
        enough(&table.name, rows)
    }
}

fn enough(table: &str, rows: Vec<Row>) -> Result<Vec<Row>> {
    if rows.len() as u64 <= MOST_ROWS {
        return Ok(rows);
    }
    Err(Failure::refused(format!(
        "more than {MOST_ROWS} rows of '{table}' would come back"
    ))
    .left("the live database was not touched")
    .hint("narrow the condition, or replace the database: opsctl restore --cut-over"))
}

/// The tables as both databases have them: columns that one of them lacks are left out.
pub fn common(copy: &Shape, live: &Shape) -> Shape {
    let tables = live.tables.iter().filter_map(|table| {
        let other = copy.table(&table.name)?;
        let mut common = table.clone();
        common
            .columns
            .retain(|column| other.columns.contains(column));
        Some(common)
    });
    Shape {
        tables: tables.collect(),
        foreign_keys: live.foreign_keys.clone(),
    }
}

/// The table of that name, which rows can be brought back into.
pub fn table<'a>(shape: &'a Shape, name: &str) -> Result<&'a TableShape> {
    let Some(table) = shape.table(name) else {
        let names: Vec<&str> = shape
            .tables
            .iter()
            .map(|table| table.name.as_str())
            .collect();
        return Err(
            Failure::usage(format!("there is no table '{name}' in both databases"))
                .cause(format!("tables: {}", names.join(", ")))
                .left("the live database was not touched"),
        );
    };
    if table.key.is_empty() {
        return Err(Failure::refused(format!("'{name}' has no primary key"))
            .cause("without one it can't be told which of its rows are there already")
            .left("the live database was not touched"));
    }
    Ok(table)
}
