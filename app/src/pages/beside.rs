//! What stands beside the service, as it sees it: the replica, the cache, the auth service. Of what is not used nothing is said.

use super::part::{Health, Part, part};
use crate::cache::Place;
use crate::http::AppState;

pub fn parts(state: &AppState) -> Vec<Part> {
    let auth = auth_service(state);
    [replica(state), Some(cache(state)), auth]
        .into_iter()
        .flatten()
        .collect()
}

fn replica(state: &AppState) -> Option<Part> {
    let (what, health, how) = match state.database.replica()?.is_read() {
        true => ("Answers lists and reports", Health::Good, "read"),
        false => (
            "Too far behind or gone: the primary is read",
            Health::Warning,
            "not read",
        ),
    };
    Some(part("Replica", what, health, how))
}

fn cache(state: &AppState) -> Part {
    let (what, health, how) = match state.cache.place() {
        Place::Nowhere => ("None in use", Health::Good, "off"),
        Place::Here => ("In the memory of this process", Health::Good, "in use"),
        Place::Shared => ("In Redis, shared by every process", Health::Good, "in use"),
        Place::OutOfReach => (
            "Redis is out of reach: the database is asked",
            Health::Warning,
            "slower",
        ),
    };
    part("Cache", what, health, how)
}

fn auth_service(state: &AppState) -> Option<Part> {
    let (what, health, how) = match state.auth_service.as_ref()?.is_given_up() {
        false => ("Says who somebody is", Health::Good, "asked"),
        true => (
            "Does not answer: nobody is recognised",
            Health::Bad,
            "given up on",
        ),
    };
    Some(part("Auth service", what, health, how))
}
