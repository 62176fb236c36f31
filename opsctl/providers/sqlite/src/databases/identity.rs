//! Who a database says it is.

use opsctl_core::names::{InstanceId, LineageId};
use opsctl_core::ports::DatabaseIdentity;
use opsctl_core::{Failure, FailureKind, Result};
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use super::schema::{has_table, moment, text};
use crate::connect::trouble;

type Row = (String, String, String, String, Option<String>);

pub(crate) async fn read(session: &mut SqliteConnection) -> Result<Option<DatabaseIdentity>> {
    if !has_table(session, "database_identity").await? {
        return Ok(None);
    }
    let row: Option<Row> = sqlx::query_as(
        "SELECT instance_id, lineage_id, role, effects, sessions_valid_after \
         FROM database_identity WHERE id = 1",
    )
    .fetch_optional(session)
    .await
    .map_err(|error| trouble("can't read who the database is", error))?;
    row.map(|(instance, lineage, role, effects, sessions)| {
        Ok(DatabaseIdentity {
            instance_id: InstanceId(word("instance", &instance)?),
            lineage_id: LineageId(word("lineage", &lineage)?),
            role: word("role", &role)?,
            effects: word("effects", &effects)?,
            sessions_valid_after: sessions
                .map(|text| moment("session limit", &text))
                .transpose()?,
        })
    })
    .transpose()
}

pub(crate) async fn write(
    session: &mut SqliteConnection,
    identity: &DatabaseIdentity,
) -> Result<()> {
    let sessions = identity.sessions_valid_after.map(text).transpose()?;
    sqlx::query(
        "INSERT INTO database_identity \
           (id, instance_id, lineage_id, role, effects, sessions_valid_after, changed_at) \
         VALUES (1, ?1, ?2, ?3, ?4, ?5, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) \
         ON CONFLICT (id) DO UPDATE SET instance_id = ?1, lineage_id = ?2, role = ?3, \
           effects = ?4, sessions_valid_after = ?5, changed_at = excluded.changed_at",
    )
    .bind(identity.instance_id.to_string())
    .bind(identity.lineage_id.to_string())
    .bind(identity.role.as_str())
    .bind(identity.effects.as_str())
    .bind(sessions)
    .execute(session)
    .await
    .map(|_| ())
    .map_err(|error| trouble("can't write who the database is", error))
}

fn word<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    serde_json::from_value(text.into()).map_err(|_| {
        let said = format!("the database says that its {what} is '{text}'");
        Failure::new(FailureKind::Unknown, said).hint("a newer opsctl may have written this")
    })
}
