//! Proof that the copy is whole, and that the application can live on it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value;

use super::super::DrillInputs;
use super::{Located, names};
use crate::clock::Timestamp;
use crate::drill::measured::Measured;
use crate::engine::{Step, StepContext, StepState};
use crate::evidence::{Check, Level, Reconciliation};
use crate::failure::Result;
use crate::guard::Permit;
use crate::integrity::{LevelName, Options, examine};
use crate::names::StepName;
use crate::ports::{Copy, ProbeAnswer, ProbeRequest, ProbeRow, World};
use crate::state::{Key, decode};

/// What the examination found.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Examined {
    /// The newest heartbeat that survived.
    pub newest_heartbeat: Option<Timestamp>,
    /// Level by level.
    pub levels: Vec<Level>,
    /// Table by table.
    pub reconciliation: Reconciliation,
    /// Differences that nobody intended.
    pub fidelity: Check,
    /// What each table came to; the next drill of this backup must find the same.
    pub fingerprints: BTreeMap<String, String>,
}

/// Proves the copy whole.
pub struct Verify {
    pub world: World,
    pub inputs: DrillInputs,
}

#[async_trait]
impl Step for Verify {
    type Output = Measured<Examined>;

    fn name(&self) -> StepName {
        StepName::fixed(names::VERIFY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Measured<Examined>>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Measured<Examined>> {
        if context
            .outputs
            .get::<Measured<()>>(names::START)?
            .worked()
            .is_none()
        {
            return Ok(Measured::skipped());
        }
        let restored = context.outputs.get::<Measured<Copy>>(names::RESTORE)?;
        let located = context.outputs.get::<Located>(names::LOCATE)?;
        match (restored.worked(), located.worked()) {
            (Some(copy), Some(record)) => {
                let heartbeat = record.recovery_point.newest_heartbeat;
                Measured::of(self.examine(copy, heartbeat)).await
            }
            _ => Ok(Measured::skipped()),
        }
    }
}

impl Verify {
    async fn examine(&self, copy: &Copy, recorded: Option<Timestamp>) -> Result<Examined> {
        let mut options = Options::of(&self.world.environment);
        options.recorded_heartbeat = recorded;
        options.known_fingerprints = self.known().await?;
        let source = self.inputs.source.as_ref();
        let report = examine(self.world.inspector.as_ref(), source, copy, &options).await?;
        let newest_heartbeat = match self.world.databases.open(&copy.location).await {
            Ok(database) => {
                let beat = database.heartbeat().await;
                database.close().await;
                beat?
            }
            // The levels say already that it does not open.
            Err(_) => None,
        };
        Ok(Examined {
            newest_heartbeat,
            levels: report.integrity.levels,
            reconciliation: report.reconciliation,
            fidelity: report.fidelity,
            fingerprints: report.fingerprints,
        })
    }

    /// What an earlier drill of the same backup found.
    async fn known(&self) -> Result<Option<BTreeMap<String, String>>> {
        let key = Key::fingerprints(self.inputs.backup.id());
        let bytes = self.world.store.read(&key).await?;
        bytes.map(|bytes| decode(&key, &bytes)).transpose()
    }
}

/// What the application answered on the copy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ready {
    /// The level `application`.
    pub level: Level,
}

/// Starts the application on the copy and reads a row through it.
pub struct ReadyStep {
    pub world: World,
}

#[async_trait]
impl Step for ReadyStep {
    type Output = Measured<Ready>;

    fn name(&self) -> StepName {
        StepName::fixed(names::READY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Measured<Ready>>> {
        Ok(StepState::Absent)
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<Measured<Ready>> {
        if context
            .outputs
            .get::<Measured<()>>(names::START)?
            .worked()
            .is_none()
        {
            return Ok(Measured::skipped());
        }
        let restored = context.outputs.get::<Measured<Copy>>(names::RESTORE)?;
        match restored.worked() {
            Some(copy) => Measured::of(self.read_through(copy, permit)).await,
            None => Ok(Measured::skipped()),
        }
    }
}

impl ReadyStep {
    async fn read_through(&self, copy: &Copy, permit: &Permit<'_>) -> Result<Ready> {
        let row = match self.choose(copy).await {
            Ok(Some(row)) => row,
            Ok(None) => {
                return Ok(ready(
                    LevelName::Application.not_run("there is no user to read"),
                ));
            }
            Err(failure) => return Ok(ready(LevelName::Application.failed(failure.to_string()))),
        };
        let request = ProbeRequest {
            location: copy.location.clone(),
            user_id: row.user_id,
        };
        let level = match self.world.application.probe(permit, &request).await {
            Ok(answer) => compare(&row, &answer),
            Err(failure) => LevelName::Application.failed(failure.to_string()),
        };
        Ok(ready(level))
    }

    async fn choose(&self, copy: &Copy) -> Result<Option<ProbeRow>> {
        let database = self.world.databases.open(&copy.location).await?;
        let row = database.probe_row().await;
        database.close().await;
        row
    }
}

const fn ready(level: Level) -> Ready {
    Ready { level }
}

/// What the application says, held against what SQL says.
fn compare(row: &ProbeRow, answer: &ProbeAnswer) -> Level {
    let id = row.user_id;
    if answer.status != 200 {
        let status = answer.status;
        return LevelName::Application.failed(format!("GET /api/users/{id} answered {status}"));
    }
    let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::String);
    let expected = [
        ("id", Value::String(id.to_string())),
        ("email", Value::String(row.email.clone())),
        ("first_name", text(&row.first_name)),
        ("last_name", text(&row.last_name)),
    ];
    let wrong = expected
        .iter()
        .find(|(name, value)| answer.body.get(*name) != Some(value));
    match wrong {
        Some((name, _)) => LevelName::Application.failed(format!(
            "GET /api/users/{id} answers another '{name}' than the table holds"
        )),
        None => LevelName::Application.passed(format!(
            "GET /api/users/{id} answers what the table holds, {:.2} s after the start",
            answer.ready_seconds
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row() -> ProbeRow {
        ProbeRow {
            user_id: uuid::Uuid::nil(),
            email: "ada@example.com".into(),
            first_name: Some("Ada".into()),
            last_name: None,
        }
    }

    fn outcome(status: u16, body: Value) -> String {
        compare(
            &row(),
            &ProbeAnswer {
                status,
                body,
                ready_seconds: 0.1,
            },
        )
        .outcome
    }

    #[test]
    fn the_answer_must_be_the_row() {
        let id = uuid::Uuid::nil().to_string();
        let good =
            json!({ "id": id, "email": "ada@example.com", "first_name": "Ada", "last_name": null });
        assert_eq!(outcome(200, good.clone()), "passed");
        assert_eq!(outcome(503, good.clone()), "failed");
        for field in ["id", "email", "first_name", "last_name"] {
            let mut bad = good.clone();
            bad[field] = json!("Eve");
            assert_eq!(outcome(200, bad), "failed", "{field}");
        }
    }

    #[test]
    fn a_missing_name_is_not_the_same_as_null() {
        let id = uuid::Uuid::nil().to_string();
        let body = json!({ "id": id, "email": "ada@example.com", "first_name": "Ada" });
        assert_eq!(outcome(200, body), "failed");
    }
}
