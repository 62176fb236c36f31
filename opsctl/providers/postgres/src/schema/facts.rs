//! What a live database tells about the tables that a migration touches.

use opsctl_core::ports::{LiveFacts, OldTransaction, TableFacts};
use sqlx::PgPool;

/// Sizes and counts are sums over partitions; the rows are the planner's estimate, so that asking costs nothing.
const TABLE: &str = "
    WITH parts AS (SELECT to_regclass($1)::oid AS oid
                   UNION SELECT relid FROM pg_partition_tree(to_regclass($1)))
    SELECT max(greatest(c.reltuples, s.n_live_tup)) >= 0,
           sum(greatest(c.reltuples, s.n_live_tup, 0))::bigint,
           coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint,
           (sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del)
             / greatest(1, extract(epoch FROM now() - (
               SELECT coalesce(stats_reset, pg_postmaster_start_time())
               FROM pg_stat_database WHERE datname = current_database()))))::float8,
           (SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN parts p ON p.oid = l.relation
             WHERE l.granted AND l.pid <> pg_backend_pid()
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    FROM pg_class c JOIN parts USING (oid) LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
    HAVING count(*) > 0";

const OLDEST: &str = "
    SELECT pid, coalesce(usename, '?'), extract(epoch FROM clock_timestamp() - xact_start)::bigint
    FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    ORDER BY xact_start LIMIT 1";

pub(super) async fn read(pool: &PgPool, tables: &[String]) -> Result<LiveFacts, sqlx::Error> {
    let mut facts = LiveFacts::default();
    for table in tables {
        let found: Option<(bool, i64, i64, Option<f64>, i64)> = sqlx::query_as(TABLE)
            .bind(quoted(table))
            .fetch_optional(pool)
            .await?;
        facts
            .tables
            .extend(found.map(|(counted, rows, bytes, rate, users)| TableFacts {
                table: table.clone(),
                rows: counted.then(|| rows.unsigned_abs()),
                bytes: bytes.unsigned_abs(),
                writes_per_second: rate,
                users_now: users.unsigned_abs(),
            }));
    }
    let oldest: Option<(i32, String, i64)> = sqlx::query_as(OLDEST).fetch_optional(pool).await?;
    facts.oldest = oldest.map(|(pid, login, seconds)| OldTransaction {
        pid,
        login,
        seconds: seconds.unsigned_abs(),
    });
    Ok(facts)
}

/// The name as the catalogue spells it, each part in quotes.
fn quoted(table: &str) -> String {
    let parts = table
        .split('.')
        .map(|part| format!("\"{}\"", part.replace('"', "\"\"")));
    parts.collect::<Vec<_>>().join(".")
}
