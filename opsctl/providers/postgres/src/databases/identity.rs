//! Who a database says it is.

use opsctl_core::clock::Timestamp;
use opsctl_core::names::{InstanceId, LineageId};
use opsctl_core::ports::DatabaseIdentity;
use opsctl_core::{Failure, FailureKind, Result};
use serde::de::DeserializeOwned;
use sqlx::PgPool;

use crate::connect::trouble;

type Row = (
    uuid::Uuid,
    uuid::Uuid,
    String,
    String,
    Option<time::OffsetDateTime>,
);

pub(super) async fn read(pool: &PgPool) -> Result<Option<DatabaseIdentity>> {
    if !has_table(pool, "database_identity").await? {
        return Ok(None);
    }
    let row: Option<Row> = sqlx::query_as(
        "SELECT instance_id, lineage_id, role, effects, sessions_valid_after \
         FROM database_identity WHERE id = 1",
    )
    .fetch_optional(pool)
    .await
    .map_err(trouble("can't read who the database is"))?;
    row.map(|(instance, lineage, role, effects, sessions)| {
        Ok(DatabaseIdentity {
            instance_id: InstanceId(instance),
            lineage_id: LineageId(lineage),
            role: word("role", &role)?,
            effects: word("effects", &effects)?,
            sessions_valid_after: sessions.map(Timestamp),
        })
    })
    .transpose()
}

pub(super) async fn write(pool: &PgPool, identity: &DatabaseIdentity) -> Result<()> {
    sqlx::query(
        "INSERT INTO database_identity \
           (id, instance_id, lineage_id, role, effects, sessions_valid_after, changed_at) \
         VALUES (1, $1, $2, $3, $4, $5, clock_timestamp()) \
         ON CONFLICT (id) DO UPDATE SET instance_id = $1, lineage_id = $2, role = $3, \
           effects = $4, sessions_valid_after = $5, changed_at = clock_timestamp()",
    )
    .bind(identity.instance_id.0)
    .bind(identity.lineage_id.0)
    .bind(identity.role.as_str())
    .bind(identity.effects.as_str())
    .bind(identity.sessions_valid_after.map(|moment| moment.0))
    .execute(pool)
    .await
    .map(|_| ())
    .map_err(trouble("can't write who the database is"))
}

pub(super) async fn has_table(pool: &PgPool, name: &str) -> Result<bool> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(format!("public.{name}"))
        .fetch_one(pool)
        .await
        .map_err(trouble("can't look at the database's tables"))
}

fn word<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_value(text.into()).map_err(|_| {
        let said = format!("the database says that its {what} is '{text}'");
        Failure::new(FailureKind::Unknown, said).hint("a newer opsctl may have written this")
    })
}
