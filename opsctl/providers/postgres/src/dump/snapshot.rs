//! One moment of a database, held open: what is counted in it and what `pg_dump` reads are the same.

use std::collections::BTreeMap;

use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::ports::{DumpFacts, Location};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use time::OffsetDateTime;

use crate::connect::{options, trouble};

const NAME: &str = "opsctl export";

/// Of a replica the last thing that it has heard, or what it began with; of an idle one that is long ago, which is true of its data as
/// well.
const MOMENT: &str = "SELECT CASE WHEN pg_is_in_recovery() \
    THEN coalesce(pg_last_xact_replay_timestamp(), (SELECT checkpoint_time FROM pg_control_checkpoint())) ELSE clock_timestamp() END";

/// A count of everything may take longer than a role lets statements take.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '60s'";

/// Every table that a dump holds, but for the rows of failover drills.
const TABLES: &str = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('information_schema', 'opsctl_prober') \
    AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1";

/// The moment. It ends with the connection.
pub struct Snapshot {
    connection: PgConnection,
    taken_at: Timestamp,
    /// What `pg_dump` knows it by.
    pub name: String,
}

impl Snapshot {
    pub async fn take(from: &Location) -> Result<Self> {
        let wanted = options(from, NAME)?.disable_statement_logging();
        let mut connection = PgConnection::connect_with(&wanted)
            .await
            .map_err(trouble("can't connect to the database that is exported"))?;
        // Read before the snapshot is taken: nothing that was committed by then is missing in it.
        let taken_at: OffsetDateTime = sqlx::query_scalar(MOMENT)
            .fetch_one(&mut connection)
            .await
            .map_err(trouble("can't read the database's clock"))?;
        sqlx::raw_sql(BEGIN)
            .execute(&mut connection)
            .await
            .map_err(trouble("can't begin to read the database"))?;
        let name = sqlx::query_scalar("SELECT pg_export_snapshot()")
            .fetch_one(&mut connection)
            .await
            .map_err(trouble("can't hold a moment of the database"))?;
        Ok(Self {
            connection,
            taken_at: Timestamp(taken_at),
            name,
        })
    }

    /// What is true in it.
    pub async fn facts(&mut self, program: String) -> Result<DumpFacts> {
        let of_its_own = "can't read what is to be exported";
        let ours = &mut self.connection;
        let (server_version, database_bytes): (String, i64) = sqlx::query_as(
            "SELECT current_setting('server_version'), pg_database_size(current_database())",
        )
        .fetch_one(&mut *ours)
        .await
        .map_err(trouble(of_its_own))?;
        let heartbeat: Option<OffsetDateTime> = match has(ours, "heartbeat").await? {
            false => None,
            true => sqlx::query_scalar("SELECT max(beat_at) FROM heartbeat")
                .fetch_one(&mut *ours)
                .await
                .map_err(trouble(of_its_own))?,
        };
        Ok(DumpFacts {
            taken_at: self.taken_at,
            newest_heartbeat: heartbeat.map(Timestamp),
            schema_version: schema_version(ours).await?,
            server_version,
            program,
            database_bytes: database_bytes.unsigned_abs(),
            rows: rows(ours).await?,
        })
    }
}

async fn has(connection: &mut PgConnection, table: &str) -> Result<bool> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(table)
        .fetch_one(connection)
        .await
        .map_err(trouble("can't look for a table"))
}

/// The newest migration.
pub async fn schema_version(connection: &mut PgConnection) -> Result<Option<i64>> {
    if !has(connection, "_sqlx_migrations").await? {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(connection)
        .await
        .map_err(trouble("can't read the applied migrations"))
}

/// The rows of every table.
pub async fn rows(connection: &mut PgConnection) -> Result<BTreeMap<String, u64>> {
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut *connection)
        .await
        .map_err(trouble("can't list the tables"))?;
    let mut counted = BTreeMap::new();
    for table in tables {
        // The server itself has quoted the name.
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let rows: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut *connection)
            .await
            .map_err(trouble("can't count the rows of a table"))?;
        counted.insert(table, rows.unsigned_abs());
    }
    Ok(counted)
}
