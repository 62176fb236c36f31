//! The result document of a restore: what stdout shows.

use serde_json::{Value, json};

use super::crossing::Beyond;
use super::job::Job;
use super::names::{ACCOUNT, PROMOTE, SET_ASIDE, START, VERIFY};
use super::steps::CopyProof;
use crate::costs::Cost;
use crate::engine::{Conclusion, Outputs};
use crate::failure::Result;
use crate::lineage::SetAside;
use crate::names::EnvironmentName;
use crate::ports::{Copy, Engine, Location};

use super::crossing::Promoted;

/// The document.
pub fn conclude(
    environment: &EnvironmentName,
    job: &Job,
    cost: Option<&Cost>,
    outputs: &Outputs,
) -> Result<Conclusion> {
    let copy: Copy = outputs.get(START)?;
    let proof: CopyProof = outputs.get(VERIFY)?;
    let mut document = json!({
        "operation": job.operation,
        "environment": environment,
        "backup": job.inputs.target.backup(),
        "recovered_to": copy.recovered_to,
        "schema_version": proof.schema_version,
        "newest_heartbeat": proof.newest_heartbeat,
        "size_bytes": proof.size_bytes,
        "lineage_id": copy.lineage_id,
        "levels": proof.levels,
    });
    let more = match outputs.find::<SetAside>(SET_ASIDE)? {
        None => scratch(environment, job, &copy),
        Some(aside) => cut_over(environment, &aside, outputs)?,
    };
    if let Some(cost) = cost {
        document["cost"] = json!({
            "of": cost, "usd_per_day": cost.a_day(), "told": cost.while_kept(),
        });
    }
    if let (Value::Object(document), Value::Object(more)) = (&mut document, more) {
        document.extend(more);
    }
    Ok(Conclusion::kept(document))
}

fn scratch(environment: &EnvironmentName, job: &Job, copy: &Copy) -> Value {
    let name = &copy.name;
    json!({
        "copy": name,
        "location": copy.location,
        "connect": connect(&copy.location),
        "expires_at": job.inputs.expires_at,
        "discard": format!("opsctl --env {environment} restore discard {name}"),
    })
}

fn cut_over(environment: &EnvironmentName, aside: &SetAside, outputs: &Outputs) -> Result<Value> {
    let beyond: Beyond = outputs.get(ACCOUNT)?;
    let new: Promoted = outputs.get(PROMOTE)?;
    Ok(json!({
        "serves": new.location,
        "sessions_valid_after": new.sessions_valid_after,
        "effects": "held",
        "release_effects": format!("opsctl --env {environment} restore effects replay|discard"),
        "set_aside": aside,
        "beyond_recovery_point": beyond,
        "undo": format!("opsctl --env {environment} restore undo"),
    }))
}

/// The command that looks into a copy.
pub fn connect(location: &Location) -> String {
    match location.engine {
        Engine::Sqlite => {
            let path = location.url.trim_start_matches("sqlite:");
            format!("sqlite3 'file:{path}?mode=ro'")
        }
        Engine::Postgres => match &location.password_file {
            Some(file) => format!(
                "PGPASSWORD=\"$(cat '{}')\" psql '{}'",
                file.display(),
                location.url
            ),
            None => format!("psql '{}'", location.url),
        },
    }
}
