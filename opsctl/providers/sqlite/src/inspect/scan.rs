//! Reading a table from end to end, row by row: memory stays flat.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use futures::TryStreamExt;
use opsctl_core::Result;
use opsctl_core::ports::{Buckets, Digest, RowDigest, Table};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::catalogue::listed;
use super::digest::{Speller, bucket, key_text, of};
use super::pace::Pace;
use super::text::{failed, quoted, table as table_text};

/// One row as it comes by.
struct Seen {
    bucket: u32,
    digest: Digest,
}

/// Where the parts of a row are in the result: the key, then all columns, then the change column.
struct Places {
    key: Range<usize>,
    all: Range<usize>,
}

impl Places {
    fn of(table: &Table) -> Self {
        let key = table.key.len();
        Self {
            key: 0..key,
            all: key..key + table.columns.len(),
        }
    }

    fn look(&self, speller: &mut Speller, row: &SqliteRow, count: u32) -> Result<Seen> {
        let digest = of(speller.spell(row, self.all.clone())?);
        let bucket = if self.key.is_empty() {
            u32::try_from(digest.high % u64::from(count)).unwrap_or(0)
        } else {
            bucket(speller.spell(row, self.key.clone())?, count)
        };
        Ok(Seen { bucket, digest })
    }
}

/// Reading one table.
pub(super) struct Scan<'a> {
    /// Where.
    pub(super) session: &'a mut SqliteConnection,
    /// How fast.
    pub(super) pace: &'a mut Pace,
    /// What.
    pub(super) table: &'a Table,
}

impl Scan<'_> {
    /// The digest of each bucket.
    pub(super) async fn digests(self, buckets: Buckets) -> Result<Vec<(u32, Digest)>> {
        let places = Places::of(self.table);
        let what = format!("read {}", self.table.name);
        let sql = statement(self.table, None);
        let (mut speller, mut found) = (Speller::default(), BTreeMap::<u32, Digest>::new());
        self.pace.begin()?;
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(self.session);
        while let Some(row) = rows.try_next().await.map_err(failed(&*what))? {
            let seen = places.look(&mut speller, &row, buckets.count)?;
            if buckets.holds(seen.bucket) {
                found.entry(seen.bucket).or_default().add(seen.digest);
            }
            self.pace.row().await?;
        }
        Ok(found.into_iter().collect())
    }

    /// The rows of some buckets.
    pub(super) async fn rows(
        self,
        count: u32,
        wanted: &[u32],
        change: Option<&str>,
    ) -> Result<Vec<RowDigest>> {
        let places = Places::of(self.table);
        let what = format!("read {}", self.table.name);
        let sql = statement(self.table, change);
        let wanted: BTreeSet<u32> = wanted.iter().copied().collect();
        let (mut speller, mut found) = (Speller::default(), Vec::new());
        self.pace.begin()?;
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(self.session);
        while let Some(row) = rows.try_next().await.map_err(failed(&*what))? {
            let seen = places.look(&mut speller, &row, count)?;
            if wanted.contains(&seen.bucket) {
                let key = match places.key.is_empty() {
                    true => String::new(),
                    false => key_text(&row, places.key.clone())?,
                };
                let change = change.and_then(|_| row.try_get(places.all.end).ok());
                let (bucket, digest) = (seen.bucket, seen.digest);
                found.push(RowDigest {
                    bucket,
                    key,
                    digest,
                    version: None,
                    change,
                });
            }
            self.pace.row().await?;
        }
        Ok(found)
    }
}

fn statement(table: &Table, change: Option<&str>) -> String {
    let columns: Vec<String> = table.key.iter().chain(&table.columns).cloned().collect();
    let mut list = listed(&columns);
    if let Some(change) = change {
        list.push_str(", ");
        list.push_str(&quoted(change));
    }
    // The order of the file: no index, which may be broken, stands between us and the rows.
    format!("SELECT {list} FROM {} NOT INDEXED", table_text(&table.name))
}
