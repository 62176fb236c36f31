//! Reads by everybody who can answer them, in turn.

use anyhow::Result;

use super::{
    load::{Load, Read, interleaved},
    stage::{Memory, Stage},
};
use crate::commands::bench::report::Table;

/// What each row measures; the findings ask for them by name.
pub mod label {
    pub const BARE: &str = "bare handler";
    pub const PROFILE: &str = "profile, cached in the process";
    pub const PROFILE_SHARED: &str = "profile, limits and cache in Redis";
    pub const PROFILE_TWIN: &str = "profile, the twin (limits and cache in Redis)";
    pub const POST: &str = "post by id, PostgreSQL";
    pub const POST_BARE: &str = "post by id, a bare sqlx loop";
    pub const POST_TWIN: &str = "post by id, the twin (limits in Redis)";
}

/// All of them on the same rows.
pub fn measure(stage: &Stage<'_>) -> Result<Vec<Read>> {
    let own = stage.service(Memory::Own)?;
    let shared = stage.service(Memory::Shared)?;
    let uncached = stage.service(Memory::Uncached)?;
    let (twin, bare) = (stage.twin()?, stage.bare()?);
    let visitor = stage.peers.visitor(&own.url)?;
    let profile = format!("/api/users/{}", visitor.user);
    let post = format!("/api/posts/{}", visitor.post);
    let load = |label, server, path: &str| Load {
        label,
        server,
        path: path.to_owned(),
        token: &visitor.token,
    };
    interleaved(&[
        load(label::BARE, &bare, "/bare"),
        load(label::PROFILE, &own, &profile),
        load(label::PROFILE_SHARED, &shared, &profile),
        load(label::PROFILE_TWIN, &twin, &profile),
        load(label::POST, &uncached, &post),
        load(label::POST_BARE, &bare, &post),
        load(label::POST_TWIN, &twin, &post),
    ])
}

/// For the report.
pub fn table(reads: &[Read]) -> Table {
    let row = |read: &Read| {
        let (fewest, most) = read.range;
        vec![
            read.label.to_owned(),
            format!("{:.0}", read.a_second),
            format!("{fewest:.0} to {most:.0}"),
            format!("{:.1} µs", read.processor),
            format!("{:.0} MiB", read.resident),
        ]
    };
    Table {
        headings: &[
            "what",
            "requests a second",
            "range",
            "processor a request",
            "resident",
        ],
        rows: reads.iter().map(row).collect(),
    }
}
