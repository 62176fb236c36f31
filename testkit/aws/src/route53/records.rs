//! The records of a zone, in pages.

use super::zones::{Held, Key, Record, key, named};
use crate::endpoint::{Asked, Elements, Refusal};

/// The longest page.
const MOST: u32 = 300;

pub(super) fn list(held: &mut Held, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let (name, kind) = (said.text("name"), said.text("type"));
    if name.is_none() && kind.is_some() {
        let message = "A type can be given with a name only";
        return Err(Refusal::new("InvalidInput", message));
    }
    let size = said.number("maxitems")?.unwrap_or(MOST).clamp(1, MOST);
    let from = name.map(|name| key(name, kind.unwrap_or_default()));
    let records = held.zone(asked)?.records.iter();
    let mut left = records.filter(|(key, _)| from.as_ref().is_none_or(|from| *key >= from));
    let page: Vec<(&Key, &Record)> = left.by_ref().take(size as usize).collect();
    let next = left.next().map(|(key, _)| key);
    Ok(Elements::new()
        .list(
            "ResourceRecordSets",
            "ResourceRecordSet",
            page.into_iter().map(told),
        )
        .text("IsTruncated", next.is_some())
        .optional("NextRecordName", next.map(named))
        .optional("NextRecordType", next.map(|(_, kind)| kind))
        .text("MaxItems", size))
}

fn told((key, record): (&Key, &Record)) -> Elements {
    let values = record.values.iter();
    let values = values.map(|value| Elements::new().text("Value", value));
    Elements::new()
        .text("Name", named(key))
        .text("Type", &key.1)
        .text("TTL", record.ttl)
        .list("ResourceRecords", "ResourceRecord", values)
}
