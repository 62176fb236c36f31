//! How much room the data takes: the database, and the documents that it knows of, wherever they lie. What is left on a disk is
//! told by whoever owns the disk.

use metrics::gauge;

use crate::database::{EngineAccess, Reader, each_engine};

const DATABASE_SQLITE: &str =
    "SELECT c.page_count * s.page_size FROM pragma_page_count() AS c, pragma_page_size() AS s";
const DATABASE_POSTGRES: &str = "SELECT pg_database_size(current_database())";
const STORAGE: &str = "SELECT CAST(coalesce(sum(bytes), 0) AS bigint) FROM reports";

/// Sets the gauges, in bytes.
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
pub(super) async fn measure(reader: &Reader) -> Result<(), sqlx::Error> {
    let database: i64 = match reader.engine() {
        EngineAccess::Sqlite(pool) => sqlx::query_scalar(DATABASE_SQLITE).fetch_one(pool).await?,
        EngineAccess::Postgres(pool) => {
            sqlx::query_scalar(DATABASE_POSTGRES)
                .fetch_one(pool)
                .await?
        }
    };
    let storage: i64 =
        each_engine!(reader, pool => sqlx::query_scalar(STORAGE).fetch_one(pool).await)?;
    gauge!("database_size_bytes").set(database as f64);
    gauge!("storage_size_bytes").set(storage as f64);
    Ok(())
}
