//! Operations on an account of AWS that behaves as the real one and holds real databases: how soon something that is ready is noticed,
//! beside the SDK's own waiter; how often AWS is asked; a restore with its proof beside `pg_restore`.

mod counted;
mod findings;
mod noticing;
mod reload;
mod stage;

use anyhow::Result;

use self::stage::Stage;
use super::machine;
use super::report::{Section, Table};
use crate::checkout::Checkout;

/// Measures on an account of its own, which ends with it.
pub fn measure(checkout: &Checkout) -> Result<Section> {
    let stage = Stage::set(checkout)?;
    let size = stage.fill()?;
    let counted = counted::measure(&stage)?;
    let reloaded = reload::measure(&stage)?;
    let noticed = noticing::measure(&stage)?;
    let rows = counted.iter().map(counted::Row::cells);
    Ok(Section {
        title: "AWS".to_owned(),
        table: Table {
            headings: &["what", "wall", "calls", "changes", "memory"],
            rows: rows.collect(),
        },
        findings: findings::all(&noticed, &counted, &reloaded, size),
        circumstances: machine::circumstances(checkout)?,
    })
}
