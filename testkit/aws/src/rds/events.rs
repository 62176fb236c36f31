//! Events: what happened to an instance, kept for fourteen days.

use std::time::Duration;

use super::{
    paging,
    state::{Id, State},
};
use crate::{
    clock::{Moment, written},
    endpoint::{Asked, Elements, Refusal},
};

/// The categories that are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Availability,
    Backup,
    ConfigurationChange,
    Creation,
    Deletion,
    Failover,
    Failure,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Backup => "backup",
            Self::ConfigurationChange => "configuration change",
            Self::Creation => "creation",
            Self::Deletion => "deletion",
            Self::Failover => "failover",
            Self::Failure => "failure",
        }
    }
}

pub(super) struct Event {
    id: Id,
    kind: Kind,
    message: String,
    at: Moment,
    /// Keeps the order of those of one moment, and names it to pages.
    number: String,
}

impl State {
    pub fn tell(&mut self, id: &Id, kind: Kind, message: &str) {
        let at = self.now();
        self.events.push(Event {
            id: id.clone(),
            kind,
            message: message.to_owned(),
            at,
            number: format!("{:08}", self.events.len()),
        });
    }
}

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let minutes = said.number("Duration")?.unwrap_or(60);
    let from = said.moment("StartTime")?;
    let from = from.unwrap_or(asked.at - Duration::from_secs(u64::from(minutes) * 60));
    let to = said.moment("EndTime")?.unwrap_or(asked.at);
    let name = said.text("SourceIdentifier");
    if name.is_some() && said.text("SourceType").is_none() {
        let message = "If SourceIdentifier is supplied, SourceType must also be provided.";
        return Err(Refusal::new("InvalidParameterCombination", message));
    }
    let categories = said.list("EventCategories.EventCategory");
    let wanted = |event: &&Event| {
        let kind = event.kind.as_str().to_owned();
        event.id.home == asked.home
            && (from..=to).contains(&event.at)
            && name.is_none_or(|name| name == event.id.name)
            && categories.as_ref().is_none_or(|some| some.contains(&kind))
    };
    let events = state.events.iter().filter(wanted);
    let members = events.map(|event| {
        let told = Elements::new()
            .text("SourceIdentifier", &event.id.name)
            .text("SourceType", "db-instance")
            .text("SourceArn", event.id.arn("db"))
            .text("Message", &event.message)
            .text("Date", written(event.at));
        (event.number.as_str(), with_category(told, event.kind))
    });
    paging::answered("Events", "Event", members.collect(), said)
}

fn with_category(told: Elements, kind: Kind) -> Elements {
    told.words(
        "EventCategories",
        "EventCategory",
        [&kind.as_str().to_owned()],
    )
}
