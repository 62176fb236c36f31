//! Secrets themselves: made, told, tagged, deleted and brought back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    front::{Held, named, seconds},
    secret::{CURRENT, Content, Secret},
    values::{content, invalid, token},
};
use crate::{
    accounts::letters,
    endpoint::{Asked, Refusal},
};

pub(super) fn create(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let said = &asked.parameters;
    let name = said.text("Name").unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/_+=.@-".contains(letter);
    if name.is_empty() || name.len() > 512 || !name.chars().all(plain) {
        return Err(invalid(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        ));
    }
    let (token, content) = (token(said)?, content(said)?);
    let key = (asked.home.clone(), name.to_owned());
    if let Some(there) = held.secrets.get(&key) {
        let same = |content: &Content| {
            let version = there.versions.get(&token);
            version.is_some_and(|it| it.content == *content)
        };
        return match (there.ends_at, &content) {
            (Some(_), _) => Err(Refusal::new(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            )),
            (None, Some(content)) if same(content) => {
                let mut answer = named(there, asked);
                answer["VersionId"] = json!(token);
                Ok(answer)
            }
            _ => Err(Refusal::new(
                "ResourceExistsException",
                format!("The operation failed because the secret {name} already exists."),
            )),
        };
    }
    let mut secret = Secret {
        home: asked.home.clone(),
        name: name.to_owned(),
        suffix: letters(6),
        description: said.owned("Description"),
        kms_key: said.owned("KmsKeyId"),
        tags: tags(asked),
        created_at: asked.at,
        changed_at: asked.at,
        ends_at: None,
        versions: BTreeMap::new(),
        replicas: BTreeMap::new(),
        rotated_by: None,
        owner: None,
    };
    let mut answer = named(&secret, asked);
    if let Some(content) = content {
        secret.put(&token, content, &[CURRENT.to_owned()], asked.at)?;
        answer["VersionId"] = json!(token);
    }
    held.secrets.insert(key, secret);
    Ok(answer)
}

pub(super) fn describe(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    held.secret(asked).map(|secret| told(secret, asked))
}

pub(super) fn list(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let planned = asked.parameters.flag("IncludePlannedDeletion")?;
    let planned = planned.unwrap_or_default();
    let region = &asked.home.region;
    let here = held.secrets.values().filter(|secret| {
        secret.home.account == asked.home.account
            && (secret.home.region == *region || secret.replicas.contains_key(region))
            && (planned || secret.ends_at.is_none())
    });
    let list: Vec<Value> = here.map(|secret| told(secret, asked)).collect();
    Ok(json!({"SecretList": list}))
}

fn told(secret: &Secret, asked: &Asked) -> Value {
    let mut answer = named(secret, asked);
    let tags = secret.tags.iter();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    let replicas = secret.replicas.iter();
    let replicas: Vec<Value> = replicas
        .map(|(region, key)| json!({"Region": region, "KmsKeyId": key, "Status": "InSync"}))
        .collect();
    answer["CreatedDate"] = seconds(secret.created_at);
    answer["LastChangedDate"] = seconds(secret.changed_at);
    answer["RotationEnabled"] = json!(secret.rotated_by.is_some());
    answer["Tags"] = json!(tags);
    answer["VersionIdsToStages"] = secret.staged_versions();
    if let Some(end) = secret.ends_at {
        answer["DeletedDate"] = seconds(end);
    }
    for (name, value) in [
        ("Description", &secret.description),
        ("KmsKeyId", &secret.kms_key),
        ("OwningService", &secret.owner),
        ("RotationLambdaARN", &secret.rotated_by),
    ] {
        if let Some(value) = value {
            answer[name] = json!(value);
        }
    }
    if !secret.replicas.is_empty() {
        answer["PrimaryRegion"] = json!(secret.home.region);
        answer["ReplicationStatus"] = json!(replicas);
    }
    answer
}

pub(super) fn delete(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let said = &asked.parameters;
    let force = said.flag("ForceDeleteWithoutRecovery")?.unwrap_or_default();
    let days = said.number("RecoveryWindowInDays")?;
    if force && days.is_some() {
        return Err(invalid(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(invalid(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    let secret = held.primary(asked)?;
    if !secret.replicas.is_empty() {
        let message = format!(
            "You can't delete secret {} that still has replica regions.",
            secret.name
        );
        return Err(Refusal::new("InvalidRequestException", message));
    }
    let end = match force {
        true => asked.at,
        false => asked.at + time::Duration::days(days.into()),
    };
    secret.ends_at = Some(end);
    let mut answer = named(secret, asked);
    answer["DeletionDate"] = seconds(end);
    Ok(answer)
}

pub(super) fn restore(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let secret = held.secret(asked)?;
    secret.ends_at = None;
    Ok(named(secret, asked))
}

pub(super) fn tag(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let given = tags(asked);
    held.primary(asked)?.tags.extend(given);
    Ok(json!({}))
}

pub(super) fn untag(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let keys = asked.parameters.json()["TagKeys"].as_array().cloned();
    let secret = held.primary(asked)?;
    for key in keys.unwrap_or_default() {
        secret.tags.remove(key.as_str().unwrap_or_default());
    }
    Ok(json!({}))
}

fn tags(asked: &Asked) -> BTreeMap<String, String> {
    let given = asked.parameters.json()["Tags"].as_array().cloned();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let given = given.unwrap_or_default();
    given
        .iter()
        .map(|tag| (text(&tag["Key"]), text(&tag["Value"])))
        .collect()
}
