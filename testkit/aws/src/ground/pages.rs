//! Pages of what stands there. A token says how many were given already.

use serde_json::Value;

use super::standing::Standing;
use crate::endpoint::{Asked, Refusal};

/// What a service calls the length of a page, the token of the next, and a token that is none.
pub(super) struct Words {
    pub size: &'static str,
    pub token: &'static str,
    pub wrong: &'static str,
}

/// This page, and the token of the next if there is one.
pub(super) fn page(
    mut members: Vec<Value>,
    words: &Words,
    (here, asked): (&Standing, &Asked),
) -> Result<(Vec<Value>, Option<String>), Refusal> {
    let said = &asked.parameters;
    let given = match said.text(words.token) {
        None => 0,
        Some(token) => token
            .strip_prefix("after-")
            .and_then(|number| number.parse::<usize>().ok())
            .ok_or_else(|| Refusal::new(words.wrong, format!("Invalid token '{token}'")))?,
    };
    let wanted = said.number(words.size)?;
    let wanted = wanted.map_or(usize::MAX, |number| number as usize);
    let length = wanted.clamp(1, here.longest_page.max(1));
    let mut rest = members.split_off(given.min(members.len()));
    let more = rest.len() > length;
    rest.truncate(length);
    let token = more.then(|| format!("after-{}", given + length));
    Ok((rest, token))
}
