//! Events: what happened to groups and their nodes. That a failover is over is told here and nowhere else.

use std::time::Duration;

use super::state::{Id, State};
use crate::{
    clock::{Moment, written},
    endpoint::{Asked, Elements, Home, Refusal},
    paging,
};

const OF_GROUPS: &str = "replication-group";
const OF_NODES: &str = "cache-cluster";

pub(super) struct Event {
    home: Home,
    source: String,
    kind: &'static str,
    message: String,
    at: Moment,
    /// Keeps the order of those of one moment, and names it to pages.
    number: String,
}

impl State {
    /// Of a group.
    pub fn tell(&mut self, (home, name): &Id, message: &str) {
        self.keep(home, name, OF_GROUPS, message);
    }

    /// Of a node of a group.
    pub fn tell_of_node(&mut self, (home, _): &Id, node: &str, message: &str) {
        self.keep(home, node, OF_NODES, message);
    }

    fn keep(&mut self, home: &Home, source: &str, kind: &'static str, message: &str) {
        let event = Event {
            home: home.clone(),
            source: source.to_owned(),
            kind,
            message: message.to_owned(),
            at: self.now(),
            number: format!("{:08}", self.events.len()),
        };
        self.events.push(event);
    }
}

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let minutes = said.number("Duration")?.unwrap_or(60);
    let from = said.moment("StartTime")?;
    let from = from.unwrap_or(asked.at - Duration::from_secs(u64::from(minutes) * 60));
    let to = said.moment("EndTime")?.unwrap_or(asked.at);
    let (source, kind) = (said.text("SourceIdentifier"), said.text("SourceType"));
    if source.is_some() && kind.is_none() {
        let message = "If SourceIdentifier is supplied, SourceType must also be provided.";
        return Err(Refusal::new("InvalidParameterCombination", message));
    }
    let wanted = |event: &&Event| {
        event.home == asked.home
            && (from..=to).contains(&event.at)
            && source.is_none_or(|source| source == event.source)
            && kind.is_none_or(|kind| kind == event.kind)
    };
    let events = state.events.iter().filter(wanted);
    let members = events.map(|event| {
        let told = Elements::new()
            .text("SourceIdentifier", &event.source)
            .text("SourceType", event.kind)
            .text("Message", &event.message)
            .text("Date", written(event.at));
        (event.number.as_str(), told)
    });
    paging::answered("Events", "Event", members.collect(), said)
}
