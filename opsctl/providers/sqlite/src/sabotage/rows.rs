//! Damage to rows.

use opsctl_core::Result;
use opsctl_core::integrity::Rng;
use sqlx::{Row, SqliteConnection};

use super::plant::Harm;
use super::target::{number, row, silently, tables};
use crate::inspect::catalogue::{columns, rows};
use crate::inspect::text::{literal, quoted};

/// A row is gone.
pub(super) async fn lose(session: &mut SqliteConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let Some((table, count)) = rng.pick(&all) else {
        return Ok(None);
    };
    let (condition, key) = row(session, table, *count, rng).await?;
    let name = &table.name.name;
    silently(
        session,
        name,
        format!("DELETE FROM {} WHERE {condition}", quoted(name)),
    )
    .await?;
    let detail = format!("row {key} of {name} deleted");
    Ok(Some(Harm {
        object: name.clone(),
        detail,
    }))
}

/// A value of a row is another.
pub(super) async fn change(session: &mut SqliteConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let Some((table, count)) = rng.pick(&all) else {
        return Ok(None);
    };
    let name = &table.name.name;
    let of = columns(session, name).await?;
    let free: Vec<_> = of
        .iter()
        .filter(|column| column.key == 0 && column.hidden == 0)
        .collect();
    let Some(column) = rng.pick(&free) else {
        return Ok(None);
    };
    let (condition, key) = row(session, table, *count, rng).await?;
    let at = quoted(&column.name);
    let from_nothing = if column.declared.to_uppercase().contains("INT") {
        "1"
    } else {
        "'x'"
    };
    let statement = format!(
        "UPDATE {} SET {at} = CASE typeof({at}) WHEN 'text' THEN {at} || 'x' \
         WHEN 'blob' THEN zeroblob(length({at}) + 1) WHEN 'null' THEN {from_nothing} ELSE {at} + 1 END \
         WHERE {condition}",
        quoted(name)
    );
    silently(session, name, statement).await?;
    let detail = format!("{} of row {key} of {name} changed", column.name);
    Ok(Some(Harm {
        object: name.clone(),
        detail,
    }))
}

/// A row refers to nothing.
pub(super) async fn orphan(session: &mut SqliteConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let mut keys = Vec::new();
    for (table, count) in &all {
        let sql = format!(
            "SELECT \"from\" FROM pragma_foreign_key_list({})",
            literal(&table.name.name)
        );
        let found = rows(session, sql).await?;
        keys.extend(
            found
                .into_iter()
                .map(|row| (table, *count, row.get::<String, _>(0))),
        );
    }
    let Some((table, count, column)) = rng.pick(&keys) else {
        return Ok(None);
    };
    let (condition, key) = row(session, table, *count, rng).await?;
    let name = &table.name.name;
    let nobody = format!("ffffffff-ffff-4fff-8fff-{:012x}", rng.below(1 << 48));
    let statement = format!(
        "UPDATE {} SET {column} = CASE typeof({column}) WHEN 'integer' THEN -{count} - 1 \
         ELSE {} END WHERE {condition}",
        quoted(name),
        literal(&nobody),
        column = quoted(column)
    );
    silently(session, name, statement).await?;
    let detail = format!("{column} of row {key} of {name} refers to nothing");
    Ok(Some(Harm {
        object: format!("foreign key of {name}"),
        detail,
    }))
}

/// A table is empty.
pub(super) async fn truncate(
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let Some((table, count)) = rng.pick(&all) else {
        return Ok(None);
    };
    let name = &table.name.name;
    silently(session, name, format!("DELETE FROM {}", quoted(name))).await?;
    let detail = format!("all {count} rows of {name} deleted");
    Ok(Some(Harm {
        object: name.clone(),
        detail,
    }))
}

/// The data is two days older than the backup's record says.
pub(super) async fn age(session: &mut SqliteConnection) -> Result<Option<Harm>> {
    let found = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'heartbeat'";
    if number(session, found.into()).await? == 0
        || number(session, "SELECT count(*) FROM heartbeat".into()).await? == 0
    {
        return Ok(None);
    }
    let statement =
        "UPDATE heartbeat SET beat_at = strftime('%Y-%m-%dT%H:%M:%fZ', beat_at, '-2 days')";
    silently(session, "heartbeat", statement.into()).await?;
    let detail = "the newest heartbeat set back by two days".into();
    Ok(Some(Harm {
        object: "stale".into(),
        detail,
    }))
}

/// A counter would hand out what is already there.
pub(super) async fn set_back(
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND upper(sql) LIKE '%AUTOINCREMENT%'";
    let mut counters = Vec::new();
    for row in rows(session, sql.into()).await? {
        let name: String = row.get(0);
        let newest = number(session, format!("SELECT max(rowid) FROM {}", quoted(&name))).await?;
        if let Ok(newest @ 1..) = u64::try_from(newest) {
            counters.push((name, newest));
        }
    }
    let Some((name, newest)) = rng.pick(&counters) else {
        return Ok(None);
    };
    let to = rng.below(*newest);
    let statement = format!(
        "UPDATE sqlite_sequence SET seq = {to} WHERE name = {}",
        literal(name)
    );
    silently(session, name, statement).await?;
    let detail = format!("the sequence of {name} set from {newest} to {to}");
    Ok(Some(Harm {
        object: format!("sequence of {name}"),
        detail,
    }))
}
