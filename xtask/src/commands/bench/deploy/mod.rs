//! A deploy beside what others do it with: kubectl and helm, on the same cluster, with the same objects.

mod findings;
mod manifests;
mod many;
mod series;
mod stage;
mod tool;
mod verdict;

use anyhow::Result;

use self::series::Row;
use self::stage::Stage;
use super::machine;
use super::report::{Section, Table};
use crate::checkout::Checkout;

/// Measures deploys without a change, roll-outs, failures and many objects.
pub fn measure(checkout: &Checkout) -> Result<Section> {
    let stage = Stage::set(checkout)?;
    let unchanged = series::unchanged(&stage)?;
    let rolled = series::rolled_out(&stage)?;
    let verdicts = verdict::measure(&stage)?;
    let many = many::measure(&stage)?;
    let findings = findings::all(&unchanged, &rolled, &verdicts, &many);
    let rows = unchanged.iter().chain(&rolled).chain(&many);
    Ok(Section {
        title: "Deploy".to_owned(),
        table: table(rows.chain(&verdicts)),
        findings,
        circumstances: machine::circumstances(checkout)?,
    })
}

fn table<'a>(rows: impl Iterator<Item = &'a Row>) -> Table {
    let row = |row: &Row| {
        let (quickest, slowest) = row.range;
        let walls = [row.median, quickest, slowest].map(|wall| format!("{wall:.1?}"));
        let memory = format!("{:.0} MiB", row.mebibytes());
        [row.label.clone()]
            .into_iter()
            .chain(walls)
            .chain([row.requests.to_string(), memory])
            .collect()
    };
    Table {
        headings: &[
            "what", "median", "quickest", "slowest", "requests", "memory",
        ],
        rows: rows.map(row).collect(),
    }
}
