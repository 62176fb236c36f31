//! Damage below the engine: bits that flip on the disk while the server is down.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use opsctl_core::integrity::Rng;
use opsctl_core::{Failure, Result};
use sqlx::{AssertSqlSafe, PgConnection};

use super::plant::Harm;
use super::target::{run, tables};
use crate::connect::trouble;
use crate::inspect::text::{literal, table as table_text};

/// The page that is damaged.
pub(super) struct Place {
    table: String,
    file: PathBuf,
    page: u64,
    size: u64,
}

/// Chooses a page of a table that holds rows.
pub(super) async fn choose(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Place>> {
    let all = tables(session).await?;
    let Some((table, _)) = rng.pick(&all) else {
        return Ok(None);
    };
    run(session, "CHECKPOINT").await?;
    let name = literal(&table_text(&table.name));
    let sql = format!(
        "SELECT current_setting('data_directory'), pg_relation_filepath({name}::regclass), \
         current_setting('block_size')::int8, pg_relation_size({name}::regclass)"
    );
    let (folder, file, size, bytes): (String, String, i64, i64) =
        sqlx::query_as(AssertSqlSafe(sql))
            .fetch_one(session)
            .await
            .map_err(trouble("find the file of a table"))?;
    let (size, bytes) = (size.unsigned_abs(), bytes.unsigned_abs());
    // Only the first gigabyte is in the file of this name.
    let pages = (bytes / size).min((1 << 30) / size);
    Ok(Some(Place {
        table: table.name.to_string(),
        file: Path::new(&folder).join(file),
        page: rng.below(pages),
        size,
    }))
}

impl Place {
    /// Flips one bit among the rows of the page.
    pub(super) fn flip(&self, rng: &mut Rng) -> Result<Harm> {
        let (byte, bit) = self.write(rng).map_err(|error| {
            Failure::failed(format!("can't damage {}", self.file.display())).because(error)
        })?;
        let detail = format!(
            "bit {bit:#04x} of byte {byte} in page {} of {} flipped",
            self.page, self.table
        );
        Ok(Harm {
            object: self.table.clone(),
            detail,
        })
    }

    fn write(&self, rng: &mut Rng) -> std::io::Result<(u64, u8)> {
        let file = OpenOptions::new().read(true).write(true).open(&self.file)?;
        let start = self.page * self.size;
        // The page's head says where its rows begin and end.
        let mut head = [0; 24];
        file.read_exact_at(&mut head, start)?;
        let upper = u64::from(u16::from_le_bytes([head[14], head[15]]));
        let special = u64::from(u16::from_le_bytes([head[16], head[17]]));
        let byte = upper + rng.below(special.saturating_sub(upper).max(1));
        let bit = 1_u8 << rng.below(8);
        let mut found = [0];
        file.read_exact_at(&mut found, start + byte)?;
        file.write_all_at(&[found[0] ^ bit], start + byte)?;
        file.sync_all()?;
        Ok((byte, bit))
    }
}
