//! Tokens for the registry: a password for the name `AWS`, good for twelve hours.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::state::State;
use crate::{
    accounts::letters,
    clock::{Moment, seconds},
    endpoint::{Asked, Home, Refusal},
};

const GOOD_FOR: time::Duration = time::Duration::hours(12);

#[derive(Debug, Clone)]
pub(super) struct Token {
    account: String,
    ends_at: Moment,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    Nobody,
    TooLate,
    OfAnotherAccount,
}

pub(super) fn give(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    let password = letters(200);
    let ends_at = asked.at + GOOD_FOR;
    let token = Token {
        account: asked.home.account.clone(),
        ends_at,
    };
    let host = state.address(&asked.home).map(|it| it.to_string());
    let told = json!({
        "authorizationToken": STANDARD.encode(format!("AWS:{password}")),
        "expiresAt": seconds(ends_at),
        "proxyEndpoint": format!("http://{}", host.unwrap_or_default()),
    });
    state.tokens.insert(password, token);
    Ok(json!({"authorizationData": [told]}))
}

impl State {
    /// Whether the header lets somebody into the registry of that account.
    pub fn admits(&self, authorization: Option<&str>, home: &Home) -> Result<(), Stranger> {
        let shown = authorization.and_then(|it| it.strip_prefix("Basic "));
        let shown = shown.and_then(|it| STANDARD.decode(it).ok());
        let shown = shown.and_then(|bytes| String::from_utf8(bytes).ok());
        let password = shown.as_deref().and_then(|it| it.strip_prefix("AWS:"));
        let token = password.and_then(|it| self.tokens.get(it));
        let token = token.ok_or(Stranger::Nobody)?;
        if token.ends_at <= self.clock.now() {
            return Err(Stranger::TooLate);
        }
        match token.account == home.account {
            true => Ok(()),
            false => Err(Stranger::OfAnotherAccount),
        }
    }
}
