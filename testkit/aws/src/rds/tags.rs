//! Tags of instances and snapshots.

use std::collections::BTreeMap;

use super::{
    refusals,
    state::{Id, State},
};
use crate::endpoint::{Asked, Elements, Parameters, Refusal};

/// How many tags a thing may have.
const MOST: usize = 50;

pub(super) fn given(said: &Parameters) -> BTreeMap<String, String> {
    let pairs = said.pairs("Tags.Tag", ["Key", "Value"]);
    pairs.into_iter().collect()
}

pub(super) fn told(tags: &BTreeMap<String, String>) -> Elements {
    tags.iter().fold(Elements::new(), |all, (key, value)| {
        let tag = Elements::new().text("Key", key).text("Value", value);
        all.inside("Tag", tag)
    })
}

pub(super) fn add(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let tags = state.tags_of(asked)?;
    let given = given(&asked.parameters);
    if given
        .keys()
        .any(|key| key.to_ascii_lowercase().starts_with("aws:"))
    {
        let message = "aws: prefixed tag key names are not allowed for external use.";
        return Err(refusals::value(message));
    }
    let new = given.keys().filter(|key| !tags.contains_key(*key)).count();
    if tags.len() + new > MOST {
        return Err(refusals::value(
            "The maximum number of tags has been reached.",
        ));
    }
    tags.extend(given);
    Ok(Elements::new())
}

pub(super) fn remove(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let tags = state.tags_of(asked)?;
    for key in asked.parameters.list("TagKeys.member").unwrap_or_default() {
        tags.remove(&key);
    }
    Ok(Elements::new())
}

pub(super) fn list(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let tags = told(state.tags_of(asked)?);
    Ok(Elements::new().inside("TagList", tags))
}

impl State {
    fn tags_of(&mut self, asked: &Asked) -> Result<&mut BTreeMap<String, String>, Refusal> {
        let arn = asked.parameters.required("ResourceName")?;
        if let Some(id) = Id::of_arn(arn, "db") {
            return Ok(&mut self.instance(&id)?.tags);
        }
        if let Some(id) = Id::of_arn(arn, "snapshot") {
            return Ok(&mut self.snapshot(&id)?.tags);
        }
        Err(refusals::value(format!("Invalid resource name: {arn}")))
    }
}
