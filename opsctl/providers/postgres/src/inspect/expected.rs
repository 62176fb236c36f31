//! What the migrations make of an empty database.
//!
//! They are applied inside the copy, in a transaction that is rolled back, to an empty schema that takes the
//! place of `public`: another server or database would need to be made, and cleared away after a death.

use opsctl_core::Result;
use opsctl_core::migrate::Migration;
use opsctl_core::ports::Structure;
use sqlx::{AssertSqlSafe, PgConnection};

use super::structure;
use crate::connect::trouble;

/// The new schema belongs to whom the old one belonged to, who also runs the migrations.
const SET_ASIDE: &str = "
BEGIN READ WRITE;
DO $$
DECLARE
    owner text := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public');
BEGIN
    ALTER SCHEMA public RENAME TO opsctl_set_aside;
    EXECUTE format('CREATE SCHEMA public AUTHORIZATION %I', owner);
    EXECUTE format('SET LOCAL ROLE %I', owner);
END
$$;
SET LOCAL search_path = public;
";

/// Applies the migrations, reads what they made, and rolls back.
pub(super) async fn read(
    session: &mut PgConnection,
    migrations: &[Migration],
) -> Result<Structure> {
    let made = within(session, migrations).await;
    let over = run(session, "ROLLBACK".into()).await;
    let made = made?;
    over.map(|()| made)
}

async fn within(session: &mut PgConnection, migrations: &[Migration]) -> Result<Structure> {
    run(session, SET_ASIDE.into()).await?;
    for migration in migrations {
        run(session, at_once(&migration.up)).await?;
    }
    run(
        session,
        "RESET ROLE; SET LOCAL search_path = pg_catalog".into(),
    )
    .await?;
    let mut made = structure::read_public(session).await?;
    made.remove("schema public");
    Ok(made)
}

async fn run(session: &mut PgConnection, sql: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(session)
        .await
        .map_err(trouble(
            "the migrations can't be applied to an empty schema",
        ))?;
    Ok(())
}

/// An index that is built beside the writers can't be built in a transaction; here nobody writes.
fn at_once(sql: &str) -> String {
    let words = sql.split_inclusive(char::is_whitespace);
    words
        .filter(|word| !word.trim().eq_ignore_ascii_case("concurrently"))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_index_is_built_at_once() {
        let sql =
            "CREATE INDEX CONCURRENTLY a ON t (x);\nCREATE UNIQUE INDEX\nconcurrently b ON t (y)";
        assert_eq!(
            super::at_once(sql),
            "CREATE INDEX a ON t (x);\nCREATE UNIQUE INDEX\nb ON t (y)"
        );
    }
}
