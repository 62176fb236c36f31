//! Level `content`: every row of the copy is read, and each table gets a fingerprint.

use std::collections::BTreeMap;

use super::buckets::{Digests, count_for};
use super::examine::Options;
use super::levels::listed;
use super::{LevelName, table};
use crate::evidence::Level;
use crate::failure::{Failure, Result};
use crate::ports::{Buckets, Digest, Inspection, Table};

/// A table of the copy, read in full.
#[derive(Debug, Clone)]
pub(super) struct Read {
    /// The table.
    pub(super) table: Table,
    /// How many buckets its rows were dealt into.
    pub(super) count: u32,
    /// Their digests.
    pub(super) digests: Digests,
}

impl Read {
    /// The digest of the whole table.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.digests.values())
    }
}

/// What the level found.
pub(super) struct Content {
    /// The level.
    pub(super) level: Level,
    /// What was read.
    pub(super) tables: Vec<Read>,
}

impl Content {
    /// The fingerprints, by table.
    pub(super) fn fingerprints(&self) -> BTreeMap<String, String> {
        let of = |read: &Read| (read.table.name.to_string(), read.digest().to_string());
        self.tables.iter().map(of).collect()
    }
}

/// Reads every table of the copy.
pub(super) async fn check(copy: &mut dyn Inspection, options: &Options) -> Content {
    let mut faults = Vec::new();
    let mut tables = Vec::new();
    match copy.tables().await {
        Err(failure) => faults.push(format!("the tables can't be listed: {failure}")),
        Ok(all) => {
            for one in all.into_iter().filter(table::is_compared) {
                match read(copy, one).await {
                    Ok(read) => tables.push(read),
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
    faults.extend(stale(copy, options).await);
    let mut content = Content {
        level: LevelName::Content.passed(""),
        tables,
    };
    faults.extend(unlike(&content.fingerprints(), options));
    content.level = level(&content, &faults, options);
    content
}

async fn read(copy: &mut dyn Inspection, table: Table) -> std::result::Result<Read, String> {
    let count = count_for(table.bytes);
    match copy.digests(&table, Buckets::all(count)).await {
        Ok(digests) => Ok(Read {
            table,
            count,
            digests: digests.into_iter().collect(),
        }),
        Err(failure) => Err(format!("table {} can't be read: {failure}", table.name)),
    }
}

/// The fingerprint of every table that is compared, by name; nothing is judged.
///
/// # Errors
/// When a table can't be read.
pub async fn fingerprints(session: &mut dyn Inspection) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for table in session
        .tables()
        .await?
        .into_iter()
        .filter(table::is_compared)
    {
        let name = table.name.to_string();
        let read = read(session, table).await.map_err(Failure::failed)?;
        found.insert(name, read.digest().to_string());
    }
    Ok(found)
}

/// A backup is no newer than what is in it, whatever its record says.
async fn stale(copy: &mut dyn Inspection, options: &Options) -> Option<String> {
    let recorded = options.recorded_heartbeat?;
    match copy.heartbeat().await {
        Err(failure) => Some(format!("the heartbeat can't be read: {failure}")),
        Ok(Some(found)) if found >= recorded => None,
        Ok(found) => {
            let found = found.map_or_else(|| "none".into(), |found| found.to_string());
            Some(format!(
                "the copy is stale: its newest heartbeat is {found}, and the backup's record says \
                 {recorded}"
            ))
        }
    }
}

/// The same backup brings back the same rows every time.
fn unlike(found: &BTreeMap<String, String>, options: &Options) -> Vec<String> {
    let Some(known) = &options.known_fingerprints else {
        return Vec::new();
    };
    let differ = |(name, wanted): (&String, &String)| match found.get(name) {
        Some(ours) if ours == wanted => None,
        Some(_) => Some(format!(
            "table {name} is not as this backup brought it back before"
        )),
        None => Some(format!(
            "table {name} is gone, which this backup brought back before"
        )),
    };
    known.iter().filter_map(differ).collect()
}

fn level(content: &Content, faults: &[String], options: &Options) -> Level {
    if !faults.is_empty() {
        return LevelName::Content.failed(listed(faults));
    }
    let rows: u64 = content.tables.iter().map(|read| read.digest().rows).sum();
    let same = if options.known_fingerprints.is_some() {
        "; the same as this backup brought back before"
    } else {
        ""
    };
    LevelName::Content.passed(format!(
        "{rows} rows in {} tables were read and have a fingerprint{same}",
        content.tables.len()
    ))
}
