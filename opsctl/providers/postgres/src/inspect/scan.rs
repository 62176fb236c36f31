//! Reading a table: the server hashes, only digests travel.

use std::collections::BTreeMap;
use std::time::Instant;

use futures::TryStreamExt;
use opsctl_core::ports::{Buckets, Digest, RowDigest, Table};
use opsctl_core::{Failure, Result};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::catalogue::columns;
use super::hash::{Column, HIGH, LOW, bucket, chain, key_text};
use super::session::ready;
use super::text::{quoted, table as table_text};
use super::{pace::Pace, versions::full};
use crate::connect::trouble;

/// Pages that the live database reads in one go: 64 MiB.
const STRETCH: i64 = 8192;

/// Reading one table.
pub(super) struct Scan<'a> {
    /// Where.
    pub(super) session: &'a mut PgConnection,
    /// How fast.
    pub(super) pace: Pace,
    /// What.
    pub(super) table: &'a Table,
}

/// What a row is made of, as expressions.
struct Parts {
    bucket: String,
    high: String,
    low: String,
    key: String,
}

impl Scan<'_> {
    async fn parts(&mut self, count: u32) -> Result<Parts> {
        let all = columns(self.session, self.table).await?;
        let named = |name: &String| all.iter().find(|column| column.name == *name).cloned();
        let key: Vec<Column> = self.table.key.iter().filter_map(named).collect();
        Ok(Parts {
            bucket: bucket(&key, &all, count),
            high: chain(&all, HIGH),
            low: chain(&all, LOW),
            key: key_text(&key),
        })
    }

    /// The digest of each bucket.
    pub(super) async fn digests(mut self, buckets: Buckets) -> Result<Vec<(u32, Digest)>> {
        let Parts {
            bucket, high, low, ..
        } = self.parts(buckets.count).await?;
        let share = match buckets.is_whole() {
            true => String::new(),
            false => format!(
                " WHERE ((b - {}) & {}) < {}",
                buckets.first,
                buckets.count - 1,
                buckets.read
            ),
        };
        let from = table_text(&self.table.name);
        let mut found = BTreeMap::<u32, Digest>::new();
        for stretch in self.stretches().await? {
            let sql = format!(
                "SELECT b, count(*), coalesce(sum(x), 0)::text, coalesce(sum(y), 0)::text FROM \
                 (SELECT {bucket} AS b, {high} AS x, {low} AS y FROM ONLY {from} t{stretch}) q{share} \
                 GROUP BY b"
            );
            self.each(sql, None, |row| {
                let place = found.entry(number(row.get::<i32, _>(0))?).or_default();
                let rows = number(row.get::<i64, _>(1))?;
                place.add(Digest {
                    rows,
                    high: sum(row, 2)?,
                    low: sum(row, 3)?,
                });
                Ok(())
            })
            .await?;
        }
        Ok(found.into_iter().collect())
    }

    /// The rows of some buckets.
    pub(super) async fn rows(
        mut self,
        count: u32,
        wanted: &[u32],
        change: Option<&str>,
    ) -> Result<Vec<RowDigest>> {
        let Parts {
            bucket,
            high,
            low,
            key,
        } = self.parts(count).await?;
        let wanted: Vec<i32> = wanted
            .iter()
            .filter_map(|one| i32::try_from(*one).ok())
            .collect();
        let change = change.map_or("NULL::int8".into(), |name| {
            format!("t.{}::int8", quoted(name))
        });
        let from = table_text(&self.table.name);
        let next = self.next().await?;
        let mut found = Vec::new();
        for stretch in self.stretches().await? {
            let sql = format!(
                "SELECT b, k, coalesce(x, 0), coalesce(y, 0), v, c FROM (SELECT {bucket} AS b, {key} AS k, \
                 {high} AS x, {low} AS y, t.xmin::text::int8 AS v, {change} AS c \
                 FROM ONLY {from} t{stretch}) q WHERE b = ANY ($1)"
            );
            self.each(sql, Some(&wanted), |row| {
                let (high, low) = (row.get::<i64, _>(2), row.get::<i64, _>(3));
                let raw: u64 = number(row.get::<i64, _>(4))?;
                found.push(RowDigest {
                    bucket: number(row.get::<i32, _>(0))?,
                    key: row.get::<Option<String>, _>(1).unwrap_or_default(),
                    digest: Digest {
                        rows: 1,
                        high: high.cast_unsigned(),
                        low: low.cast_unsigned(),
                    },
                    version: full(raw, next),
                    change: row.get(5),
                });
                Ok(())
            })
            .await?;
        }
        Ok(found)
    }

    /// Runs one statement of a scan; rests after it.
    async fn each(
        &mut self,
        sql: String,
        wanted: Option<&[i32]>,
        mut take: impl FnMut(&PgRow) -> Result<()> + Send,
    ) -> Result<()> {
        let what = format!("read {}", self.table.name);
        ready(self.session, &self.pace).await?;
        let begun = Instant::now();
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let Some(wanted) = wanted {
            query = query.bind(wanted.to_vec());
        }
        let mut rows = query.fetch(&mut *self.session);
        while let Some(row) = rows.try_next().await.map_err(trouble(&what))? {
            take(&row)?;
        }
        drop(rows);
        self.pace.rest(begun.elapsed()).await;
        Ok(())
    }

    /// The conditions that cut the table into stretches; a copy is read in one.
    async fn stretches(&mut self) -> Result<Vec<String>> {
        if !self.pace.is_live() {
            return Ok(vec![String::new()]);
        }
        // The snapshot is older than this look: no row of it lies in a page added since.
        let pages: i64 = sqlx::query_scalar(
            "SELECT CASE WHEN a.amname = 'heap' THEN \
             pg_relation_size(c.oid) / current_setting('block_size')::int8 ELSE 0 END \
             FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam WHERE c.oid = to_regclass($1)",
        )
        .bind(table_text(&self.table.name))
        .fetch_optional(&mut *self.session)
        .await
        .map_err(trouble("read the size of a table"))?
        .unwrap_or(0);
        if pages <= STRETCH {
            return Ok(vec![String::new()]);
        }
        let cut = |from: i64| {
            format!(
                " WHERE t.ctid >= '({from},0)'::tid AND t.ctid < '({},0)'::tid",
                (from + STRETCH).min(i64::from(u32::MAX) - 1)
            )
        };
        Ok((0..pages).step_by(8192).map(cut).collect())
    }

    async fn next(&mut self) -> Result<u64> {
        let next: String =
            sqlx::query_scalar("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
                .fetch_one(&mut *self.session)
                .await
                .map_err(trouble("read the next transaction id"))?;
        next.parse()
            .map_err(|_| Failure::failed(format!("'{next}' is no transaction id")))
    }
}

fn number<T, U: TryFrom<T>>(from: T) -> Result<U> {
    U::try_from(from).map_err(|_| Failure::failed("a count is out of its range"))
}

/// Sums are exact; a digest keeps them modulo 2^64.
fn sum(row: &PgRow, place: usize) -> Result<u64> {
    let text: String = row.get(place);
    let exact: i128 = text
        .parse()
        .map_err(|_| Failure::failed(format!("'{text}' is no sum")))?;
    #[expect(clippy::cast_possible_truncation, reason = "the modulus")]
    Ok(exact.cast_unsigned() as u64)
}
