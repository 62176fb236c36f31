//! Batches of changes: all of one or nothing, each held against what is there.

use std::collections::BTreeMap;

use super::zones::{Held, Key, Record, Zone, full, key};
use crate::{
    accounts::letters,
    clock::{Moment, written},
    endpoint::{Asked, Elements, Parameters, Refusal},
};

/// What a record may say here.
const KNOWN: [&str; 4] = [
    "Action",
    "ResourceRecordSet.Name",
    "ResourceRecordSet.Type",
    "ResourceRecordSet.TTL",
];
const VALUES: &str = "ResourceRecordSet.ResourceRecords.ResourceRecord.";
const KINDS: [&str; 6] = ["A", "AAAA", "CNAME", "MX", "SRV", "TXT"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Create,
    Delete,
    Upsert,
}

struct Change {
    doing: Doing,
    name: String,
    kind: String,
    record: Record,
}

pub(super) fn make(held: &mut Held, asked: &Asked) -> Result<Elements, Refusal> {
    let changes = read(&asked.parameters)?;
    let lasts = held.going_round;
    let zone = held.zone(asked)?;
    let mut records = zone.records.clone();
    let mut wrong = Vec::new();
    for change in changes {
        if let Err(message) = change.done(zone, &mut records) {
            wrong.push(message);
        }
    }
    if !wrong.is_empty() {
        let message = format!("[{}]", wrong.join(", "));
        return Err(Refusal::new("InvalidChangeBatch", message));
    }
    zone.records = records.clone();
    zone.going_round.push((asked.at + lasts, records));
    let id = format!("C{}", letters(20).to_uppercase());
    let times = (asked.at, asked.at + lasts);
    held.changes.insert(id.clone(), times);
    Ok(told(&id, times, asked.at))
}

pub(super) fn get(held: &mut Held, asked: &Asked) -> Result<Elements, Refusal> {
    let id = asked.parameters.required("Id")?;
    let times = held.changes.get(id).ok_or_else(|| {
        let message = format!("Could not find resource with ID: {id}");
        Refusal::not_found("NoSuchChange", message)
    })?;
    Ok(told(id, *times, asked.at))
}

fn told(id: &str, (made, round): (Moment, Moment), now: Moment) -> Elements {
    let status = if round <= now { "INSYNC" } else { "PENDING" };
    let inner = Elements::new()
        .text("Id", format!("/change/{id}"))
        .text("Status", status)
        .text("SubmittedAt", written(made));
    Elements::new().inside("ChangeInfo", inner)
}

fn read(said: &Parameters) -> Result<Vec<Change>, Refusal> {
    let at = |number: usize| said.below(&format!("ChangeBatch.Changes.Change.{number}"));
    let changes = (1..).map(at).take_while(|change| !change.is_empty());
    let changes: Vec<Change> = changes.map(|it| read_one(&it)).collect::<Result<_, _>>()?;
    match changes.is_empty() {
        false => Ok(changes),
        true => Err(input("There must be at least one change in a batch")),
    }
}

fn read_one(said: &BTreeMap<&str, &str>) -> Result<Change, Refusal> {
    let stranger = said
        .keys()
        .find(|name| !KNOWN.contains(name) && !name.starts_with(VALUES));
    if let Some(stranger) = stranger {
        let message = format!("testkit-aws does not reproduce {stranger} of a change");
        return Err(Refusal::new("NotReproduced", message));
    }
    let text = |name: &str| said.get(name).copied().unwrap_or_default();
    let doing = match text("Action") {
        "CREATE" => Doing::Create,
        "DELETE" => Doing::Delete,
        "UPSERT" => Doing::Upsert,
        other => return Err(input(format!("'{other}' is no action of a change"))),
    };
    let kind = text("ResourceRecordSet.Type").to_owned();
    if !KINDS.contains(&kind.as_str()) {
        let message = format!("testkit-aws does not reproduce records of type {kind}");
        return Err(Refusal::new("NotReproduced", message));
    }
    let ttl = text("ResourceRecordSet.TTL").parse();
    let ttl = ttl.map_err(|_| input("Missing field 'TTL'"))?;
    let values = said.iter().filter(|(name, _)| name.starts_with(VALUES));
    let values: Vec<String> = values.map(|(_, value)| (*value).to_owned()).collect();
    if values.is_empty() || (kind == "CNAME" && values.len() > 1) {
        return Err(input("Invalid number of resource records"));
    }
    Ok(Change {
        doing,
        name: full(text("ResourceRecordSet.Name")),
        kind,
        record: Record { ttl, values },
    })
}

impl Change {
    /// In the zone's records, or why not.
    fn done(self, zone: &Zone, records: &mut BTreeMap<Key, Record>) -> Result<(), String> {
        let Self { name, kind, .. } = &self;
        let within = *name == zone.name || name.ends_with(&format!(".{}", zone.name));
        if !within {
            return Err(format!(
                "RRSet with DNS name {name} is not permitted in zone {}",
                zone.name
            ));
        }
        if kind == "CNAME" && *name == zone.name {
            return Err(format!(
                "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {name}"
            ));
        }
        let what = format!("resource record set [name='{name}', type='{kind}']");
        let key = key(name, kind);
        let there = records.get(&key);
        match self.doing {
            Doing::Create if there.is_some() => {
                Err(format!("Tried to create {what} but it already exists"))
            }
            Doing::Delete => match there {
                None => Err(format!("Tried to delete {what} but it was not found")),
                Some(there) if *there != self.record => Err(format!(
                    "Tried to delete {what} but the values provided do not match the current values"
                )),
                Some(_) => {
                    records.remove(&key);
                    Ok(())
                }
            },
            Doing::Create | Doing::Upsert => {
                let beside = records.keys().any(|(labels, other)| {
                    *labels == key.0 && other != kind && (kind == "CNAME" || other == "CNAME")
                });
                if beside {
                    return Err(format!(
                        "RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records with the \
                         same DNS name in zone {}",
                        zone.name
                    ));
                }
                records.insert(key, self.record);
                Ok(())
            }
        }
    }
}

fn input(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidInput", message)
}
