//! Whether the schema and this app fit together. Never changes the schema: an app that finds it too old says which command
//! helps and stops, and one that finds it newer serves, because an old process must survive an expand.

use super::DatabaseError;
use super::engine::EngineAccess;

/// The migration that this app was built for, and needs. A newer schema serves as well, until a contract raises
/// `oldest_supported_app_schema` above it.
pub const APP_SCHEMA: i64 = 11;

/// What stands in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    schema: i64,
    oldest_supported_app: i64,
}

const NEWEST: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success";
const FLOOR: &str = "SELECT coalesce(max(oldest_supported_app_schema), 1) FROM schema_support";
const TABLES_SQLITE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('_sqlx_migrations', 'schema_support')";
const TABLES_POSTGRES: &str = "SELECT count(*) FROM (VALUES (to_regclass('_sqlx_migrations')), (to_regclass('schema_support'))) AS t (found) WHERE found IS NOT NULL";

/// Refuses a database that this app cannot serve from.
pub(super) async fn check(engine: EngineAccess<'_>) -> Result<(), DatabaseError> {
    let found = find(engine).await.map_err(DatabaseError::Inspect)?;
    judge(found)
}

fn judge(found: Found) -> Result<(), DatabaseError> {
    if found.schema < APP_SCHEMA {
        return Err(DatabaseError::SchemaTooOld {
            found: found.schema,
            needed: APP_SCHEMA,
        });
    }
    if found.oldest_supported_app > APP_SCHEMA {
        let oldest = found.oldest_supported_app;
        return Err(DatabaseError::AppTooOld {
            oldest,
            own: APP_SCHEMA,
        });
    }
    Ok(())
}

async fn find(engine: EngineAccess<'_>) -> Result<Found, sqlx::Error> {
    let tables = number(engine, TABLES_SQLITE, TABLES_POSTGRES).await?;
    if tables < 2 {
        return Ok(Found {
            schema: 0,
            oldest_supported_app: 1,
        });
    }
    Ok(Found {
        schema: number(engine, NEWEST, NEWEST).await?,
        oldest_supported_app: number(engine, FLOOR, FLOOR).await?,
    })
}

async fn number(
    engine: EngineAccess<'_>,
    sqlite: &'static str,
    postgres: &'static str,
) -> Result<i64, sqlx::Error> {
    match engine {
        EngineAccess::Sqlite(pool) => sqlx::query_scalar(sqlite).fetch_one(pool).await,
        EngineAccess::Postgres(pool) => sqlx::query_scalar(postgres).fetch_one(pool).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_schema_is_served_until_it_drops_support() {
        let judge = |schema, oldest_supported_app| {
            judge(Found {
                schema,
                oldest_supported_app,
            })
        };
        assert!(judge(APP_SCHEMA, 1).is_ok());
        assert!(judge(APP_SCHEMA + 9, APP_SCHEMA).is_ok());
        let old = judge(APP_SCHEMA - 1, 1).unwrap_err();
        assert_eq!(old.hint(), "opsctl migrate up");
        let floor = judge(APP_SCHEMA + 9, APP_SCHEMA + 1).unwrap_err();
        assert!(floor.hint().contains("deploy"));
    }

    #[test]
    fn the_schema_this_app_needs_is_in_migrations() {
        for engine in ["postgres", "sqlite"] {
            let folder = format!("{}/../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
            let newest = std::fs::read_dir(folder)
                .unwrap()
                .filter_map(|entry| {
                    entry
                        .unwrap()
                        .file_name()
                        .to_str()?
                        .get(..4)?
                        .parse::<i64>()
                        .ok()
                })
                .max();
            assert!(newest >= Some(APP_SCHEMA), "{engine}: {newest:?}");
        }
    }
}
