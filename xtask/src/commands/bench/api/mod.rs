//! What a request costs: the service beside its twin in Python, beside handlers that do nothing else, and during a storm of log-ins.

mod findings;
mod load;
mod peers;
mod pinned;
mod reads;
mod service;
mod stage;
mod start;
mod storm;
mod twin;
mod wrk;

use anyhow::Result;

use self::stage::Stage;
use super::{machine, report::Section, site::Site};
use crate::checkout::Checkout;

/// Measures reads, a storm, and starts.
pub fn measure(checkout: &Checkout, site: &Site) -> Result<Section> {
    let stage = Stage::set(checkout, site)?;
    let reads = reads::measure(&stage)?;
    let storm = storm::measure(&stage)?;
    let starts = start::measure(&stage)?;
    Ok(Section {
        title: "API".to_owned(),
        findings: findings::all(&reads, &storm, &starts),
        table: reads::table(&reads),
        circumstances: machine::circumstances(checkout)?,
    })
}
