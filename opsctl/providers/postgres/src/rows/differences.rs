//! How two databases differ, table by table: both are read in the order of their keys, row by row, so that
//! memory stays flat.

use std::cmp::Ordering;

use futures::TryStreamExt;
use futures::stream::BoxStream;
use opsctl_core::Result;
use opsctl_core::ports::{TableDifference, TableShape};
use sqlx::{AssertSqlSafe, PgConnection};

use super::spelling::{name, names, table};
use crate::connect::trouble;

type Keyed = (String, String);
type Read<'a> = BoxStream<'a, std::result::Result<Keyed, sqlx::Error>>;

/// Compares one table.
pub(super) async fn one(
    first: &mut PgConnection,
    second: &mut PgConnection,
    shape: &TableShape,
    keys: u32,
) -> Result<TableDifference> {
    let what = format!("can't compare '{}'", shape.name);
    merge(first, second, shape, keys)
        .await
        .map_err(trouble(&what))
}

/// Keys as text in byte order, which is the same on every server and in this program.
fn statement(shape: &TableShape) -> String {
    // A table without a key is compared by its whole rows: a changed one is one lost and one more.
    let row = format!("md5(ROW({})::text)", names(&shape.columns));
    let key = match shape.key.as_slice() {
        [] => row.clone(),
        key => {
            let parts: Vec<String> = key
                .iter()
                .map(|column| format!("{}::text", name(column)))
                .collect();
            parts.join(" || ',' || ")
        }
    };
    let from = table(&shape.name);
    format!(
        "SELECT k, row FROM (SELECT {key} AS k, {row} AS row FROM {from}) AS keyed ORDER BY k COLLATE \"C\""
    )
}

fn read<'a>(session: &'a mut PgConnection, shape: &TableShape) -> Read<'a> {
    sqlx::query_as::<_, Keyed>(AssertSqlSafe(statement(shape))).fetch(session)
}

async fn merge(
    first: &mut PgConnection,
    second: &mut PgConnection,
    shape: &TableShape,
    keys: u32,
) -> std::result::Result<TableDifference, sqlx::Error> {
    let (mut ours, mut theirs) = (read(first, shape), read(second, shape));
    let mut found = TableDifference {
        table: shape.name.clone(),
        ..TableDifference::default()
    };
    let (mut our, mut their) = (ours.try_next().await?, theirs.try_next().await?);
    loop {
        let order = match (&our, &their) {
            (None, None) => return Ok(found),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((one, _)), Some((other, _))) => one.cmp(other),
        };
        let differs = order == Ordering::Less
            || (order == Ordering::Equal
                && our.as_ref().map(|o| &o.1) != their.as_ref().map(|t| &t.1));
        match order {
            Ordering::Less => found.only_first += 1,
            Ordering::Greater => found.only_second += 1,
            Ordering::Equal => found.changed += u64::from(differs),
        }
        if let Some((key, _)) = our
            .as_ref()
            .filter(|_| differs && found.keys.len() < keys as usize)
        {
            found.keys.push(key.clone());
        }
        if order != Ordering::Greater {
            our = ours.try_next().await?;
        }
        if order != Ordering::Less {
            their = theirs.try_next().await?;
        }
    }
}
