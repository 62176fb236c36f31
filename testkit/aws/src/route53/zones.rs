//! Zones and what is in them: as it was last said, and as it is answered until that has gone round.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    clock::Moment,
    endpoint::{Asked, Refusal},
};

/// A name, its labels the other way round so that it sorts as zones do, and a type.
pub(super) type Key = (Vec<String>, String);

/// What a name is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub ttl: u32,
    pub values: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Zone {
    pub account: String,
    /// With its last dot.
    pub name: String,
    pub records: BTreeMap<Key, Record>,
    /// As resolvers are answered.
    pub answered: BTreeMap<Key, Record>,
    /// What resolvers will be answered, and from when on.
    pub going_round: Vec<(Moment, BTreeMap<Key, Record>)>,
}

#[derive(Debug)]
pub(super) struct Held {
    pub zones: BTreeMap<String, Zone>,
    /// When each change was made, and when it will have gone round.
    pub changes: BTreeMap<String, (Moment, Moment)>,
    pub going_round: Duration,
}

impl Zone {
    pub fn new(account: &str, name: &str) -> Self {
        let name = full(name);
        let of_the_zone = |kind: &str, value: &str| {
            let record = Record {
                ttl: 172_800,
                values: vec![value.to_owned()],
            };
            (key(&name, kind), record)
        };
        let soa = "ns-1.awsdns-01.org. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400";
        let records = BTreeMap::from([
            of_the_zone("NS", "ns-1.awsdns-01.org."),
            of_the_zone("SOA", soa),
        ]);
        Self {
            account: account.to_owned(),
            answered: records.clone(),
            records,
            going_round: Vec::new(),
            name,
        }
    }

    /// What has gone round by now is answered.
    pub fn settle(&mut self, now: Moment) {
        let round = self.going_round.iter().take_while(|(at, _)| *at <= now);
        let count = round.count();
        if let Some((_, records)) = self.going_round.drain(..count).next_back() {
            self.answered = records;
        }
    }
}

impl Held {
    /// The zone that is asked for.
    pub fn zone(&mut self, asked: &Asked) -> Result<&mut Zone, Refusal> {
        let id = asked.parameters.required("HostedZoneId")?;
        let zone = self.zones.get_mut(id).ok_or_else(|| {
            Refusal::not_found(
                "NoSuchHostedZone",
                format!("No hosted zone found with ID: {id}"),
            )
        })?;
        match zone.account == asked.home.account {
            true => Ok(zone),
            false => {
                let who = &asked.caller.arn;
                let message = format!("User: {who} is not authorized to access this resource");
                Err(Refusal::new("AccessDenied", message).with_status(403))
            }
        }
    }
}

/// A name as zones write it: small, with its last dot.
pub(super) fn full(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_ascii_lowercase())
}

pub(super) fn key(name: &str, kind: &str) -> Key {
    let full = full(name);
    let labels = full.trim_end_matches('.').rsplit('.');
    (labels.map(str::to_owned).collect(), kind.to_owned())
}

/// The name of a key.
pub(super) fn named((labels, _): &Key) -> String {
    let labels: Vec<&str> = labels.iter().rev().map(String::as_str).collect();
    full(&labels.join("."))
}
