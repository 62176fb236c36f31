//! PostgreSQL's own checks: every page, every row against every B-tree index, every foreign key.
//!
//! The extension `amcheck` is made in a transaction that is rolled back, so that the copy's catalogue stays
//! as it was restored.

use opsctl_core::Result;
use opsctl_core::ports::EngineCheck;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::catalogue::rows;
use super::foreign_keys;
use super::text::{literal, quoted};
use crate::connect::trouble;

/// Faults of one table that are told.
const TOLD: usize = 5;

/// Runs all of them; what a check can't read is a fault, not an error.
pub(super) async fn check(session: &mut PgConnection) -> Result<EngineCheck> {
    run(session, "BEGIN READ WRITE").await?;
    let within = within(session).await;
    let over = run(session, "ROLLBACK").await;
    let mut found = within?;
    over?;
    found.faults.extend(foreign_keys::check(session).await?);
    Ok(found)
}

async fn run(session: &mut PgConnection, sql: &'static str) -> Result<()> {
    sqlx::raw_sql(sql)
        .execute(session)
        .await
        .map_err(trouble("check the engine"))
        .map(drop)
}

async fn within(session: &mut PgConnection) -> Result<EngineCheck> {
    let Some(schema) = amcheck(session).await? else {
        let missing = "the extension amcheck is not installed on this machine: install PostgreSQL's \
                       contrib package";
        return Ok(EngineCheck {
            checked: String::new(),
            faults: vec![missing.into()],
        });
    };
    let (tables, indexes) = (
        relations(session, TABLES).await?,
        relations(session, INDEXES).await?,
    );
    let mut faults = Vec::new();
    // Toasted values are followed.
    let heap =
        |id: &str| format!("{schema}.verify_heapam({id}::oid::regclass, check_toast => true)");
    let all = format!(
        "SELECT v.msg FROM unnest($1) a (id), {} v LIMIT 1",
        heap("a.id")
    );
    if !all_sound(session, all, &tables).await? {
        for (name, id) in &tables {
            let one = heap(&id.to_string());
            let sql = format!(
                "SELECT concat('block ', blkno, ', row ', offnum, ': ', msg) FROM {one} LIMIT {TOLD}"
            );
            let told = guarded(session, sql).await?;
            faults.extend(
                told.into_iter()
                    .map(|fault| format!("table {name}: {fault}")),
            );
        }
    }
    let index = |id: &str| format!("{schema}.bt_index_check({id}::oid::regclass, true)::text");
    let all = format!("SELECT {} FROM unnest($1) a (id)", index("a.id"));
    if !all_sound(session, all, &indexes).await? {
        for (name, id) in &indexes {
            let told = guarded(session, format!("SELECT {}", index(&id.to_string()))).await?;
            let told = told.into_iter().filter(|text| !text.is_empty());
            faults.extend(told.map(|fault| format!("index {name}: {fault}")));
        }
    }
    let checked = format!(
        "{} tables and {} B-tree indexes are sound, every row is where its indexes say, and every \
         foreign key leads to a row",
        tables.len(),
        indexes.len()
    );
    Ok(EngineCheck { checked, faults })
}

/// One statement over all of them, because nearly always nothing is wrong. It ends at the first fault; where
/// that was, and what else there is, is then asked one by one.
async fn all_sound(
    session: &mut PgConnection,
    sql: String,
    relations: &[(String, i64)],
) -> Result<bool> {
    let ids: Vec<i64> = relations.iter().map(|(_, id)| *id).collect();
    run(session, "SAVEPOINT one").await?;
    let said: std::result::Result<Vec<Option<String>>, _> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(ids)
        .fetch_all(&mut *session)
        .await;
    match said {
        Ok(said) => Ok(said.into_iter().flatten().all(|text| text.is_empty())),
        Err(sqlx::Error::Database(_)) => {
            run(session, "ROLLBACK TO one").await?;
            Ok(false)
        }
        Err(error) => Err(trouble("check the engine")(error)),
    }
}

/// The schema of the extension, quoted; it is made where it is missing. `None` where it can't be.
async fn amcheck(session: &mut PgConnection) -> Result<Option<String>> {
    const FIND: &str = "SELECT n.nspname::text FROM pg_extension e \
                        JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'";
    if let Some(row) = rows(session, FIND.into(), "look for amcheck")
        .await?
        .first()
    {
        return Ok(Some(quoted(&row.get::<String, _>(0))));
    }
    let there = "SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'";
    if rows(session, there.into(), "look for amcheck")
        .await?
        .is_empty()
    {
        return Ok(None);
    }
    run(
        session,
        "CREATE SCHEMA opsctl_amcheck; CREATE EXTENSION amcheck SCHEMA opsctl_amcheck",
    )
    .await?;
    Ok(Some("opsctl_amcheck".into()))
}

/// Tables of every schema, PostgreSQL's own and the stores of large values included.
const TABLES: &str = "c.relkind IN ('r', 'm', 't') AND c.relispopulated";
/// B-tree indexes that are in use.
const INDEXES: &str = "c.relkind = 'i' AND EXISTS (SELECT FROM pg_index i JOIN pg_am a ON a.oid = c.relam \
                       WHERE i.indexrelid = c.oid AND i.indisvalid AND i.indisready AND a.amname = 'btree')";

async fn relations(session: &mut PgConnection, which: &str) -> Result<Vec<(String, i64)>> {
    let sql = format!(
        "SELECT CASE WHEN n.nspname IN ('public', 'pg_catalog') THEN c.relname::text \
         ELSE n.nspname || '.' || c.relname END, c.oid::int8 \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {which} AND c.relpersistence <> 't' AND n.nspname <> {} ORDER BY c.oid",
        literal("opsctl_amcheck")
    );
    let found = rows(session, sql, "list what is to be checked").await?;
    Ok(found
        .into_iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect())
}

/// Runs a check that may fail; its error is a finding, and the transaction goes on.
async fn guarded(session: &mut PgConnection, sql: String) -> Result<Vec<String>> {
    run(session, "SAVEPOINT one").await?;
    let said: std::result::Result<Vec<Option<String>>, _> = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_all(&mut *session)
        .await;
    match said {
        Ok(said) => {
            run(session, "RELEASE one").await?;
            Ok(said.into_iter().flatten().collect())
        }
        Err(sqlx::Error::Database(error)) => {
            run(session, "ROLLBACK TO one; RELEASE one").await?;
            Ok(vec![error.message().to_owned()])
        }
        Err(error) => Err(trouble("check the engine")(error)),
    }
}
