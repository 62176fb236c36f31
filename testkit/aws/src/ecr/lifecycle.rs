//! What a repository is told to keep: written and read, and nothing is taken away by it.

use serde_json::{Value, json};

use super::state::State;
use crate::endpoint::{Asked, Refusal};

pub(super) fn put(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    let name = asked.parameters.required("repositoryName")?;
    let policy = asked.parameters.required("lifecyclePolicyText")?.to_owned();
    let read = serde_json::from_str::<Value>(&policy).ok();
    if !read.is_some_and(|it| it["rules"].is_array()) {
        let message = "Invalid parameter at 'LifecyclePolicyText': it is no policy";
        return Err(Refusal::new("InvalidParameterException", message));
    }
    state.repository(asked, name)?;
    let id = (asked.home.clone(), name.to_owned());
    if let Some(repository) = state.repositories.get_mut(&id) {
        repository.lifecycle = Some(policy.clone());
    }
    Ok(told(asked, name, &policy))
}

pub(super) fn get(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    let name = asked.parameters.required("repositoryName")?;
    match &state.repository(asked, name)?.lifecycle {
        Some(policy) => Ok(told(asked, name, policy)),
        None => Err(Refusal::new(
            "LifecyclePolicyNotFoundException",
            format!("Lifecycle policy does not exist for the repository with name '{name}'"),
        )),
    }
}

fn told(asked: &Asked, name: &str, policy: &str) -> Value {
    json!({
        "registryId": asked.home.account,
        "repositoryName": name,
        "lifecyclePolicyText": policy,
    })
}
