//! Which schemas the program that is built will serve, as its source says.

use std::path::Path;

use opsctl_core::Result;
use opsctl_core::image::SchemaRange;
use opsctl_core::migrate::from_folder;

/// Where the service says which migration it needs.
const SOURCE: &str = "app/src/database/schema.rs";
const NEEDS: &str = "pub const APP_SCHEMA: i64 = ";
const MIGRATIONS: &str = "migrations/postgres";

/// The range; `None` where the source does not say.
///
/// # Errors
/// When the migrations can't be read.
pub fn schema_range(root: &Path) -> Result<Option<SchemaRange>> {
    let Ok(text) = std::fs::read_to_string(root.join(SOURCE)) else {
        return Ok(None);
    };
    let Some(needs) = text.lines().find_map(needed) else {
        return Ok(None);
    };
    let carried = from_folder(&root.join(MIGRATIONS))?;
    let newest = carried.last().map_or(needs, |it| it.version);
    Ok(Some(SchemaRange {
        needs,
        knows: newest.max(needs),
    }))
}

fn needed(line: &str) -> Option<i64> {
    line.strip_prefix(NEEDS)?.strip_suffix(';')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_s_own_source_says_what_it_needs() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");
        let range = schema_range(Path::new(root)).unwrap().unwrap();
        assert!(range.needs >= 11 && range.knows >= range.needs, "{range:?}");
    }

    #[test]
    fn a_source_that_does_not_say_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(schema_range(folder.path()).unwrap(), None);
    }
}
