//! Replicas in other regions: what is written in the first region is read in all of them, also when that one is out of reach.

use serde_json::{Value, json};

use super::{
    front::{Held, named},
    values::invalid,
};
use crate::endpoint::{Asked, Home, Refusal};

pub(super) fn add(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let wanted = asked.parameters.json()["AddReplicaRegions"]
        .as_array()
        .cloned();
    let wanted = wanted.unwrap_or_default();
    let force = asked.parameters.flag("ForceOverwriteReplicaSecret")?;
    let force = force.unwrap_or_default();
    let name = held.primary(asked)?.name.clone();
    for replica in &wanted {
        let region = replica["Region"].as_str().unwrap_or_default();
        if region.is_empty() || region == asked.home.region {
            return Err(invalid("Invalid replica region."));
        }
        let there = Home {
            account: asked.home.account.clone(),
            region: region.to_owned(),
        };
        let taken = held.secrets.contains_key(&(there.clone(), name.clone()));
        if taken && !force {
            let message = format!("A secret with the name {name} already exists in {region}.");
            return Err(Refusal::new("ResourceExistsException", message));
        }
        held.secrets.remove(&(there, name.clone()));
        let key = replica["KmsKeyId"].as_str().map(str::to_owned);
        held.primary(asked)?.replicas.insert(region.to_owned(), key);
    }
    status(held, asked)
}

pub(super) fn remove(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let regions = asked.parameters.json()["RemoveReplicaRegions"]
        .as_array()
        .cloned();
    let secret = held.primary(asked)?;
    for region in regions.unwrap_or_default() {
        secret.replicas.remove(region.as_str().unwrap_or_default());
    }
    status(held, asked)
}

/// Asked for where the replica is: it stands alone from then on.
pub(super) fn stop(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let secret = held.alive(asked)?;
    let Some(key) = secret.replicas.remove(&asked.home.region) else {
        let message = "The secret is no replica.";
        return Err(Refusal::new("InvalidRequestException", message));
    };
    let mut own = secret.clone();
    own.home = asked.home.clone();
    own.kms_key = key;
    own.replicas.clear();
    let answer = json!({"ARN": own.arn(&asked.home.region)});
    held.secrets
        .insert((own.home.clone(), own.name.clone()), own);
    Ok(answer)
}

fn status(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let secret = held.primary(asked)?;
    let mut answer = named(secret, asked);
    let replicas = secret.replicas.iter();
    let replicas: Vec<Value> = replicas
        .map(|(region, key)| json!({"Region": region, "KmsKeyId": key, "Status": "InSync"}))
        .collect();
    answer["ReplicationStatus"] = json!(replicas);
    Ok(answer)
}
