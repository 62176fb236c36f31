//! Migrations from a folder, for checking files that no opsctl carries yet.

use std::path::Path;

use super::Migration;
use crate::failure::{Failure, Result};

/// The migrations of a folder, in order. Files without a number (`roles.sql`) are none.
///
/// # Errors
/// Usage, when the folder or a file can't be read, or two files have one number.
pub fn from_folder(folder: &Path) -> Result<Vec<Migration>> {
    let shown = folder.display();
    let failed =
        |error| Failure::usage(format!("can't read the migrations of {shown}")).because(error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(stem) = name.strip_suffix(".up.sql") else {
            continue;
        };
        let up = std::fs::read_to_string(&path).map_err(failed)?;
        let down = std::fs::read_to_string(folder.join(format!("{stem}.down.sql"))).ok();
        found.extend(Migration::parse(stem, &up, down.as_deref()));
    }
    found.sort_by_key(|migration| migration.version);
    match found
        .windows(2)
        .find(|two| two[0].version == two[1].version)
    {
        None => Ok(found),
        Some(two) => Err(Failure::usage(format!(
            "two migrations are numbered {:04}",
            two[0].version
        ))
        .cause(format!("{} and {}", two[0].description, two[1].description))
        .hint("give the newer one the next number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::of;
    use crate::ports::Engine;

    #[test]
    fn the_repository_s_folder_holds_what_opsctl_carries() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres");
        assert_eq!(
            from_folder(Path::new(folder)).unwrap(),
            of(Engine::Postgres)
        );
    }
}
