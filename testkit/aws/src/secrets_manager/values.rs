//! Values: written once under a token, read by version or stage.

use serde_json::{Value, json};

use super::{
    front::{Held, named, seconds},
    secret::{CURRENT, Content},
};
use crate::endpoint::{Asked, Parameters, Refusal};

/// The most bytes of a value.
const LONGEST: usize = 65_536;

pub(super) fn put(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let said = &asked.parameters;
    let token = token(said)?;
    let content = content(said)?
        .ok_or_else(|| invalid("You must provide either SecretString or SecretBinary."))?;
    let given = said.json()["VersionStages"].as_array();
    let stages: Vec<String> = match given {
        Some(stages) => stages
            .iter()
            .filter_map(|stage| stage.as_str().map(str::to_owned))
            .collect(),
        // Who names no stage moves the current one.
        None => vec![CURRENT.to_owned()],
    };
    if stages.is_empty() || stages.len() > 20 {
        return Err(invalid("VersionStages must hold between 1 and 20 labels."));
    }
    let secret = held.primary(asked)?;
    secret.put(&token, content, &stages, asked.at)?;
    let mut answer = named(secret, asked);
    answer["VersionId"] = json!(token);
    answer["VersionStages"] = json!(secret.versions.get(&token).map(|it| &it.stages));
    Ok(answer)
}

pub(super) fn get(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let said = &asked.parameters;
    let secret = held.alive(asked)?;
    let stage = said.text("VersionStage");
    let id = match said.text("VersionId") {
        Some(id) => id.to_owned(),
        None => {
            let stage = stage.unwrap_or(CURRENT);
            let staged = secret.staged(stage).map(str::to_owned);
            staged.ok_or_else(|| not_found(&format!("staging label: {stage}")))?
        }
    };
    let version = secret.versions.get(&id);
    let version = version.ok_or_else(|| not_found(&format!("VersionId: {id}")))?;
    if version.content == Content::Nothing {
        return Err(not_found(&format!("VersionId: {id}")));
    }
    if let Some(stage) = stage.filter(|stage| !version.stages.contains(*stage)) {
        let message = format!(
            "You provided a VersionStage that is not associated to the provided VersionId: {stage}"
        );
        return Err(Refusal::new("InvalidRequestException", message));
    }
    let mut answer = named(secret, asked);
    answer["VersionId"] = json!(id);
    answer["VersionStages"] = json!(version.stages);
    answer["CreatedDate"] = seconds(version.created_at);
    match &version.content {
        Content::Text(text) => answer["SecretString"] = json!(text),
        Content::Binary(bytes) => answer["SecretBinary"] = json!(bytes),
        Content::Nothing => {}
    }
    Ok(answer)
}

/// The client's token, which becomes the version's id.
pub(super) fn token(said: &Parameters) -> Result<String, Refusal> {
    let token = said.text("ClientRequestToken").unwrap_or_default();
    match (32..=64).contains(&token.len()) {
        true => Ok(token.to_owned()),
        false => Err(invalid("ClientRequestToken must be 32-64 characters long.")),
    }
}

pub(super) fn content(said: &Parameters) -> Result<Option<Content>, Refusal> {
    let content = match (said.owned("SecretString"), said.owned("SecretBinary")) {
        (Some(_), Some(_)) => {
            return Err(invalid(
                "You can't specify both SecretString and SecretBinary.",
            ));
        }
        (Some(text), None) => Content::Text(text),
        (None, Some(bytes)) => Content::Binary(bytes),
        (None, None) => return Ok(None),
    };
    match &content {
        Content::Text(value) | Content::Binary(value) if value.len() > LONGEST => {
            Err(invalid("The secret value is longer than 65536 bytes."))
        }
        _ => Ok(Some(content)),
    }
}

pub(super) fn invalid(message: &str) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

pub(super) fn not_found(what: &str) -> Refusal {
    let message = format!("Secrets Manager can't find the specified secret value for {what}");
    Refusal::new("ResourceNotFoundException", message)
}
