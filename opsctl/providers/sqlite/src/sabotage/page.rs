//! Damage below the engine: bits that flip on the disk.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use opsctl_core::integrity::Rng;
use opsctl_core::ports::Location;
use opsctl_core::{Failure, Result};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteConnectOptions;

use super::plant::Harm;
use super::target::{number, run, tables};
use crate::inspect::text::{failed, literal};

/// Flips one bit in the head of a table's first page. Payload would do as well, but a page's unused bytes
/// would not: nobody can tell that they changed.
pub(super) async fn flip(
    location: &Location,
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let Some((table, _)) = rng.pick(&all) else {
        return Ok(None);
    };
    let name = &table.name.name;
    run(session, "PRAGMA wal_checkpoint(TRUNCATE)").await?;
    let size = number(session, "SELECT page_size FROM pragma_page_size".into()).await?;
    let root = format!(
        "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = {}",
        literal(name)
    );
    let root = number(session, root).await?;
    let start = u64::try_from((root - 1) * size).map_err(|_| Failure::failed("no such page"))?;
    // The type of the page and the number of its cells.
    let place = start + rng.pick(&[0, 3, 4]).copied().unwrap_or(0);
    let bit = 1_u8 << rng.below(8);
    let file = file(location)?;
    write(&file, place, bit)
        .map_err(|error| Failure::failed(format!("damage {}", file.display())).because(error))?;
    let detail = format!("bit {bit:#04x} of byte {place} of the file flipped, in a page of {name}");
    Ok(Some(Harm {
        object: name.clone(),
        detail,
    }))
}

fn file(location: &Location) -> Result<PathBuf> {
    let options: SqliteConnectOptions = location
        .url
        .parse()
        .map_err(failed(format!("read {}", location.url)))?;
    Ok(options.get_filename().to_owned())
}

fn write(file: &std::path::Path, place: u64, bit: u8) -> std::io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(file)?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, place)?;
    file.write_all_at(&[byte[0] ^ bit], place)?;
    file.sync_all()
}
