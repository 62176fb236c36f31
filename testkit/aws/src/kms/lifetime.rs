//! Keys themselves: made, named, told, switched off and ended.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Held,
    key::{Key, Material},
};
use crate::endpoint::{Asked, Refusal};

pub(super) fn create(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let said = &asked.parameters;
    let usage = said.text("KeyUsage").unwrap_or("ENCRYPT_DECRYPT");
    let spec = said.text("KeySpec").unwrap_or("SYMMETRIC_DEFAULT");
    let material = match (usage, spec) {
        ("SIGN_VERIFY", "ECC_NIST_P256") => Material::signing()?,
        ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT") => Material::encrypting()?,
        _ => {
            let message = format!("testkit-aws makes no key {spec} for {usage}");
            return Err(Refusal::new("UnsupportedOperationException", message));
        }
    };
    let key = Key {
        home: asked.home.clone(),
        id: Uuid::new_v4().to_string(),
        description: said.owned("Description").unwrap_or_default(),
        created_at: asked.at,
        enabled: true,
        ends_at: None,
        material,
    };
    let answer = json!({"KeyMetadata": told(&key)});
    held.keys.insert((key.home.clone(), key.id.clone()), key);
    Ok(answer)
}

pub(super) fn name(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let said = &asked.parameters;
    let alias = said.text("AliasName").unwrap_or_default();
    if !alias.starts_with("alias/") || alias.starts_with("alias/aws/") {
        return Err(Refusal::new(
            "InvalidAliasNameException",
            "The alias must begin with alias/ and not with alias/aws/",
        ));
    }
    let target = said.text("TargetKeyId").unwrap_or_default();
    if !held
        .keys
        .contains_key(&(asked.home.clone(), target.to_owned()))
    {
        return Err(Refusal::new(
            "NotFoundException",
            format!("Key '{target}' does not exist"),
        ));
    }
    let own = (asked.home.clone(), alias.to_owned());
    if held.aliases.contains_key(&own) {
        let message = format!("An alias with the name {alias} already exists");
        return Err(Refusal::new("AlreadyExistsException", message));
    }
    held.aliases.insert(own, target.to_owned());
    Ok(json!({}))
}

pub(super) fn describe(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let key = held.key(asked)?;
    Ok(json!({"KeyMetadata": told(key)}))
}

pub(super) fn enable(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    switch(held, asked, true)
}

pub(super) fn disable(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    switch(held, asked, false)
}

fn switch(held: &mut Held, asked: &Asked, enabled: bool) -> Result<Value, Refusal> {
    let key = held.key(asked)?;
    if key.ends_at.is_some() {
        return Err(Refusal::new(
            "KMSInvalidStateException",
            format!("{} is pending deletion.", key.arn()),
        ));
    }
    key.enabled = enabled;
    Ok(json!({}))
}

pub(super) fn delete(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let days = asked
        .parameters
        .number("PendingWindowInDays")?
        .unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(Refusal::new(
            "ValidationException",
            "PendingWindowInDays must be between 7 and 30",
        ));
    }
    let key = held.key(asked)?;
    let end = asked.at + time::Duration::days(days.into());
    key.ends_at = Some(end);
    Ok(
        json!({"KeyId": key.arn(), "DeletionDate": end.unix_timestamp(), "KeyState": key.state(), "PendingWindowInDays": days}),
    )
}

pub(super) fn cancel_deletion(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let key = held.key(asked)?;
    key.ends_at = None;
    // It comes back switched off.
    key.enabled = false;
    Ok(json!({"KeyId": key.arn()}))
}

fn told(key: &Key) -> Value {
    let (usage, spec) = match key.material {
        Material::Signing(_) => ("SIGN_VERIFY", "ECC_NIST_P256"),
        Material::Encrypting(_) => ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"),
    };
    let mut told = json!({
        "AWSAccountId": key.home.account,
        "KeyId": key.id,
        "Arn": key.arn(),
        "CreationDate": key.created_at.unix_timestamp(),
        "Enabled": key.state() == "Enabled",
        "Description": key.description,
        "KeyUsage": usage,
        "KeyState": key.state(),
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": spec,
        "MultiRegion": false,
    });
    match key.material {
        Material::Signing(_) => told["SigningAlgorithms"] = json!(["ECDSA_SHA_256"]),
        Material::Encrypting(_) => told["EncryptionAlgorithms"] = json!(["SYMMETRIC_DEFAULT"]),
    }
    if let Some(end) = key.ends_at {
        told["DeletionDate"] = json!(end.unix_timestamp());
    }
    told
}
