//! Repositories are made before anything is pushed into them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    rules::Mutability,
    state::{Id, Repository, State, own_registry},
};
use crate::{
    clock::seconds,
    endpoint::{Asked, Home, Refusal},
};

pub(super) fn create(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    let name = asked.parameters.required("repositoryName")?;
    let allowed = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-/".contains(letter)
    };
    if name.len() < 2 || !name.chars().all(allowed) {
        let message =
            format!("Invalid parameter at 'repositoryName': '{name}' is no name of a repository");
        return Err(Refusal::new("InvalidParameterException", message));
    }
    let id: Id = (asked.home.clone(), name.to_owned());
    if state.repositories.contains_key(&id) {
        let message = format!(
            "The repository with name '{name}' already exists in the registry with id '{}'",
            asked.home.account
        );
        return Err(Refusal::new("RepositoryAlreadyExistsException", message));
    }
    let repository = Repository {
        mutability: Mutability::of(asked)?,
        created_at: asked.at,
        lifecycle: None,
        images: BTreeMap::new(),
    };
    state.repositories.insert(id, repository);
    let told = told(state, &asked.home, name, state.repository(asked, name)?);
    Ok(json!({"repository": told}))
}

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    own_registry(asked)?;
    let named = asked.parameters.json()["repositoryNames"].as_array();
    let named = named.map(|names| names.iter().filter_map(Value::as_str));
    let names: Vec<String> = match named {
        Some(names) => names.map(str::to_owned).collect(),
        None => {
            let ids = state.repositories.keys();
            let here = ids.filter(|(home, _)| *home == asked.home);
            here.map(|(_, name)| name.clone()).collect()
        }
    };
    let told = names.iter().map(|name| {
        let repository = state.repository(asked, name)?;
        Ok(told(state, &asked.home, name, repository))
    });
    let told: Vec<Value> = told.collect::<Result<_, Refusal>>()?;
    Ok(json!({"repositories": told}))
}

fn told(state: &State, home: &Home, name: &str, repository: &Repository) -> Value {
    let Home { account, region } = home;
    let host = state.address(home).map(|it| it.to_string());
    let (mutability, filters) = repository.mutability.told();
    json!({
        "repositoryArn": format!("arn:aws:ecr:{region}:{account}:repository/{name}"),
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": format!("{}/{name}", host.unwrap_or_default()),
        "createdAt": seconds(repository.created_at),
        "imageTagMutability": mutability,
        "imageTagMutabilityExclusionFilters": filters,
        "encryptionConfiguration": {"encryptionType": "AES256"},
    })
}
