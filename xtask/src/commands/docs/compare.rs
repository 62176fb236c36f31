//! Two folders that should be the same.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Result;

/// Nothing but generated files may be there.
pub const FOLDER: &str = "reference";
/// These stand where people look for them, among what people write.
pub const ENVIRONMENT: &str = "environment-variables.md";
pub const SPECIFICATION: &str = "specification.md";

/// What is missing, left over or different in `kept`; one line each.
pub fn differences(kept: &Path, fresh: &Path) -> Result<Vec<String>> {
    let (old, new) = (generated(kept)?, generated(fresh)?);
    let mut differences = Vec::new();
    for name in old.union(&new) {
        let (before, after) = (read(kept, name)?, read(fresh, name)?);
        let difference = match (before, after) {
            (Some(before), Some(after)) => first_difference(&before, &after),
            (None, _) => Some(": missing".to_owned()),
            (_, None) => Some(": no program writes it any more".to_owned()),
        };
        differences.extend(difference.map(|what| format!("{name}{what}")));
    }
    Ok(differences)
}

/// The generated files of a folder.
pub fn generated(folder: &Path) -> Result<BTreeSet<String>> {
    let below = format!("{FOLDER}/");
    let mut names = files(folder)?;
    names.retain(|name| name == ENVIRONMENT || name == SPECIFICATION || name.starts_with(&below));
    Ok(names)
}

/// The names of the files in a folder and below, sorted; none when there is no folder.
fn files(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    if !folder.exists() {
        return Ok(names);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            let inner = files(&entry.path())?;
            names.extend(inner.into_iter().map(|below| format!("{name}/{below}")));
        } else {
            names.insert(name);
        }
    }
    Ok(names)
}

fn read(folder: &Path, name: &str) -> Result<Option<String>> {
    match fs::read(folder.join(name)) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn first_difference(before: &str, after: &str) -> Option<String> {
    if before == after {
        return None;
    }
    let mut numbers = 1..;
    let (mut old, mut new) = (before.lines(), after.lines());
    loop {
        let (number, old, new) = (numbers.next()?, old.next(), new.next());
        if old != new || old.is_none() {
            let told = |line: Option<&str>| line.unwrap_or("the end").to_owned();
            let (old, new) = (told(old), told(new));
            return Some(format!(":{number}: says '{old}' instead of '{new}'"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_left_over_or_different_is_told_by_file_and_line() -> Result<()> {
        let (kept, fresh) = (tempfile::tempdir()?, tempfile::tempdir()?);
        fs::create_dir_all(fresh.path().join("reference/man"))?;
        fs::create_dir(kept.path().join("reference"))?;
        fs::write(kept.path().join("written-by-people.md"), "1\n")?;
        fs::write(kept.path().join(ENVIRONMENT), "1\n")?;
        fs::write(fresh.path().join(ENVIRONMENT), "1\n")?;
        fs::write(kept.path().join("reference/left.md"), "1\n")?;
        fs::write(fresh.path().join("reference/man/new.1"), "1\n")?;
        fs::write(kept.path().join("reference/other.md"), "1\n2\n")?;
        fs::write(fresh.path().join("reference/other.md"), "1\n3\n")?;
        assert_eq!(
            differences(kept.path(), fresh.path())?,
            [
                "reference/left.md: no program writes it any more",
                "reference/man/new.1: missing",
                "reference/other.md:2: says '2' instead of '3'",
            ]
        );
        Ok(())
    }

    #[test]
    fn a_line_that_was_cut_off_is_a_difference() {
        assert_eq!(
            first_difference("1\n", "1\n2\n").as_deref(),
            Some(":2: says 'the end' instead of '2'")
        );
    }
}
