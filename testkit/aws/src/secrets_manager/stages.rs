//! Stages, moved by compare-and-swap.

use serde_json::{Value, json};

use super::{
    front::{Held, named, seconds},
    secret::CURRENT,
    values::{invalid, not_found},
};
use crate::endpoint::{Asked, Refusal};

pub(super) fn update(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let said = &asked.parameters;
    let stage = said.text("VersionStage").unwrap_or_default();
    if stage.is_empty() {
        return Err(invalid(
            "You must provide a value for the VersionStage parameter.",
        ));
    }
    let (from, to) = (
        said.text("RemoveFromVersionId"),
        said.text("MoveToVersionId"),
    );
    let secret = held.primary(asked)?;
    for version in [from, to].into_iter().flatten() {
        if !secret.versions.contains_key(version) {
            return Err(not_found(&format!("VersionId: {version}")));
        }
    }
    let on = secret.staged(stage).map(str::to_owned);
    if let Some(from) = from.filter(|from| on.as_deref() != Some(*from)) {
        let message = format!(
            "The parameter RemoveFromVersionId is invalid: staging label {stage} isn't currently attached to version {from}."
        );
        return Err(invalid(&message));
    }
    match (on, to) {
        (Some(on), Some(to)) if on != to && from.is_none() => {
            let message = format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to version {on}, so \
                 you must explicitly reference that version in RemoveFromVersionId."
            );
            return Err(invalid(&message));
        }
        (_, Some(to)) => secret.stage(stage, to),
        (Some(_), None) if from.is_some() && stage != CURRENT => secret.unstage(stage),
        (Some(_), None) if from.is_some() => {
            let message = "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.";
            return Err(invalid(message));
        }
        (_, None) => {
            return Err(invalid(
                "MoveToVersionId or RemoveFromVersionId must be given.",
            ));
        }
    }
    secret.changed_at = asked.at;
    Ok(named(secret, asked))
}

pub(super) fn list(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let deprecated = asked
        .parameters
        .flag("IncludeDeprecated")?
        .unwrap_or_default();
    let secret = held.secret(asked)?;
    let versions: Vec<Value> = secret
        .versions
        .iter()
        .filter(|(_, version)| deprecated || !version.stages.is_empty())
        .map(|(id, version)| {
            json!({
                "VersionId": id,
                "VersionStages": version.stages,
                "CreatedDate": seconds(version.created_at),
            })
        })
        .collect();
    let mut answer = named(secret, asked);
    answer["Versions"] = json!(versions);
    Ok(answer)
}
