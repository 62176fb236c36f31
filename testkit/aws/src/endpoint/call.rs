//! The record of every call, those that were refused or came to a fault too.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::{Asked, Service};
use crate::clock::Moment;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Which service.
    pub service: Service,
    /// Such as `CreateDBSnapshot`.
    pub action: String,
    /// Where.
    pub region: String,
    /// Whose.
    pub account: String,
    /// When, by the stand-in's clock.
    pub at: Moment,
    /// What was asked, flat; no secret is kept.
    pub parameters: BTreeMap<String, String>,
    /// The code of the refusal, or the fault that was planted; none when it was done and answered.
    pub outcome: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<Vec<Call>>);

impl Calls {
    pub fn keep(&self, asked: &Asked, outcome: Option<String>) {
        let call = Call {
            service: asked.service,
            action: asked.action.clone(),
            region: asked.home.region.clone(),
            account: asked.home.account.clone(),
            at: asked.at,
            parameters: asked.parameters.without_secrets(),
            outcome,
        };
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
    }

    pub fn all(&self) -> Vec<Call> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clone()
    }
}
