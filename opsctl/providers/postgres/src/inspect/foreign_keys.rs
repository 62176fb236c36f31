//! Every foreign key against the rows themselves: a constraint that was valid once says nothing of rows
//! that were damaged since.

use opsctl_core::Result;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::catalogue::rows;
use super::text::quoted;
use crate::connect::trouble;

/// One foreign key with its columns, theirs, and the operators that compare them.
struct ForeignKey {
    name: String,
    from: String,
    to: String,
    shown: (String, String),
    pairs: Vec<(String, String, String)>,
}

/// Looks for rows that refer to nothing.
pub(super) async fn check(session: &mut PgConnection) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for key in all(session).await? {
        let (from, to) = &key.shown;
        match orphans(session, &key).await {
            Ok(0) => {}
            Ok(rows) => faults.push(format!(
                "foreign key {} of {from} is broken: {rows} rows refer to no row of {to}",
                key.name
            )),
            Err(sqlx::Error::Database(error)) => faults.push(format!(
                "foreign key {} of {from} can't be checked: {}",
                key.name,
                error.message()
            )),
            Err(error) => return Err(trouble("check the foreign keys")(error)),
        }
    }
    Ok(faults)
}

async fn orphans(
    session: &mut PgConnection,
    key: &ForeignKey,
) -> std::result::Result<i64, sqlx::Error> {
    let given: Vec<String> = key
        .pairs
        .iter()
        .map(|(ours, ..)| format!("c.{} IS NOT NULL", quoted(ours)))
        .collect();
    let meets: Vec<String> = key
        .pairs
        .iter()
        .map(|(ours, theirs, operator)| {
            format!("p.{} {operator} c.{}", quoted(theirs), quoted(ours))
        })
        .collect();
    let sql = format!(
        "SELECT count(*) FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p WHERE {})",
        key.from,
        given.join(" AND "),
        key.to,
        meets.join(" AND ")
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(session)
        .await
}

async fn all(session: &mut PgConnection) -> Result<Vec<ForeignKey>> {
    // Keys over periods (PostgreSQL 18) compare otherwise.
    let sql = "SELECT o.conname::text, format('%I.%I', cn.nspname, c.relname), \
               format('%I.%I', pn.nspname, p.relname), c.relname::text, p.relname::text, \
               array(SELECT a.attname::text FROM unnest(o.conkey) WITH ORDINALITY k (n, i) \
                   JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.n ORDER BY k.i), \
               array(SELECT a.attname::text FROM unnest(o.confkey) WITH ORDINALITY k (n, i) \
                   JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.n ORDER BY k.i), \
               array(SELECT format('OPERATOR(%I.%s)', n.nspname, r.oprname) \
                   FROM unnest(o.conpfeqop) WITH ORDINALITY k (n, i) \
                   JOIN pg_operator r ON r.oid = k.n JOIN pg_namespace n ON n.oid = r.oprnamespace \
                   ORDER BY k.i) \
               FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid \
               JOIN pg_namespace cn ON cn.oid = c.relnamespace JOIN pg_class p ON p.oid = o.confrelid \
               JOIN pg_namespace pn ON pn.oid = p.relnamespace \
               WHERE o.contype = 'f' AND o.conparentid = 0 AND o.convalidated \
               AND coalesce((to_jsonb(o) ->> 'conperiod')::bool, false) = false ORDER BY o.oid";
    let found = rows(session, sql.into(), "list the foreign keys").await?;
    let key = |row: sqlx::postgres::PgRow| {
        let (ours, theirs, operators): (Vec<String>, Vec<String>, Vec<String>) =
            (row.get(5), row.get(6), row.get(7));
        let pairs = ours.into_iter().zip(theirs).zip(operators);
        ForeignKey {
            name: row.get(0),
            from: row.get(1),
            to: row.get(2),
            shown: (row.get(3), row.get(4)),
            pairs: pairs
                .map(|((ours, theirs), operator)| (ours, theirs, operator))
                .collect(),
        }
    };
    Ok(found.into_iter().map(key).collect())
}
