//! Level `structure`: every object of the copy equals the source's, or what the migrations make.

use super::LevelName;
use super::levels::listed;
use crate::evidence::Level;
use crate::failure::Result;
use crate::migrate;
use crate::ports::{Engine, Inspection, Structure};

/// What the copy is compared with.
enum Reference {
    /// The source: neither may have more than the other.
    Source(Structure),
    /// What the migrations make: what somebody added by hand is no damage.
    Migrations(Structure, i64),
}

/// Compares the copy's objects with what they should be, and looks at its sequences.
pub(super) async fn check(
    source: Option<&mut dyn Inspection>,
    copy: &mut dyn Inspection,
    engine: Engine,
) -> Level {
    match compared(source, copy, engine).await {
        Err(failure) => LevelName::Structure.failed(failure.to_string()),
        Ok(level) => level,
    }
}

async fn compared(
    source: Option<&mut dyn Inspection>,
    copy: &mut dyn Inspection,
    engine: Engine,
) -> Result<Level> {
    let mut found = copy.structure().await?;
    let behind = copy.sequences_behind().await?;
    let (wanted, with) = match reference(source, copy, engine).await? {
        Ok(Reference::Source(wanted)) => (wanted, "equal the source's".to_owned()),
        Ok(Reference::Migrations(wanted, version)) => {
            found.retain(|name, _| wanted.contains_key(name));
            (
                wanted,
                format!("are as the migrations up to {version} make them"),
            )
        }
        Err(why) if behind.is_empty() => return Ok(LevelName::Structure.not_run(why)),
        Err(_) => return Ok(LevelName::Structure.failed(listed(&behind))),
    };
    let mut faults = differences(&wanted, &found);
    faults.extend(behind);
    Ok(if faults.is_empty() {
        let objects = found.len();
        LevelName::Structure.passed(format!(
            "{objects} objects {with}; every sequence is ahead of its column"
        ))
    } else {
        LevelName::Structure.failed(listed(&faults))
    })
}

/// What the copy is compared with; or why there is nothing.
async fn reference(
    source: Option<&mut dyn Inspection>,
    copy: &mut dyn Inspection,
    engine: Engine,
) -> Result<std::result::Result<Reference, String>> {
    let ours = copy.schema_version().await?;
    let why = match source {
        None => "the source was not reachable".to_owned(),
        Some(source) => {
            let live = source.schema_version().await?;
            if live == ours {
                return Ok(Ok(Reference::Source(source.structure().await?)));
            }
            let said = |version: Option<i64>| version.map_or("none".into(), |v| v.to_string());
            format!(
                "the source is at migration {} and the copy at {}",
                said(live),
                said(ours)
            )
        }
    };
    let mut migrations = migrate::of(engine);
    migrations.retain(|migration| ours.is_some_and(|ours| migration.version <= ours));
    match migrations.last().map(|last| last.version) {
        Some(version) if Some(version) == ours => match copy.made_by(&migrations).await {
            Ok(wanted) => Ok(Ok(Reference::Migrations(wanted, version))),
            Err(failure) => Ok(Err(format!("{why}, and {failure}"))),
        },
        _ => Ok(Err(format!(
            "{why}, and this opsctl does not carry the copy's migrations"
        ))),
    }
}

/// What differs between two structures, in words, the source's first.
#[must_use]
pub(super) fn differences(source: &Structure, copy: &Structure) -> Vec<String> {
    let gone: Vec<&str> = source
        .keys()
        .filter(|name| !copy.contains_key(*name))
        .filter_map(|name| name.strip_prefix("table "))
        .collect();
    let tables = gone.iter().map(|table| format!("table {table} is missing"));
    let lost = source
        .iter()
        .filter(|(name, _)| !is_fence(name) && !gone.iter().any(|table| is_within(name, table)))
        .filter_map(|(name, wanted)| match copy.get(name) {
            None => Some(format!("{name} is missing")),
            Some(found) if found != wanted => {
                let (found, wanted) = excerpts(found, wanted);
                Some(format!(
                    "{name} differs: it is '{found}' and should be '{wanted}'"
                ))
            }
            Some(_) => None,
        });
    let added = copy
        .keys()
        .filter(|name| !source.contains_key(*name) && !is_fence(name))
        .map(|name| format!("{name} should not be there"));
    tables.chain(lost).chain(added).collect()
}

/// What went with its table needs no line of its own: the list is cut, and the table's must not be.
fn is_within(name: &str, table: &str) -> bool {
    let column = name.strip_prefix("column ");
    let column = column.and_then(|column| column.strip_prefix(table));
    name.strip_prefix("table ") == Some(table)
        || column.is_some_and(|rest| rest.starts_with('.'))
        || name.ends_with(&format!(" of {table}"))
}

/// The fence that opsctl puts around a database during a cut-over is on one side alone, and no damage.
fn is_fence(name: &str) -> bool {
    name.contains("opsctl_fence")
}

/// Long definitions are cut down to where they differ, with a little of what stands around.
fn excerpts(found: &str, wanted: &str) -> (String, String) {
    const SHORT: usize = 120;
    const AROUND: usize = 30;
    let (found, wanted): (Vec<char>, Vec<char>) =
        (found.chars().collect(), wanted.chars().collect());
    if found.len().max(wanted.len()) <= SHORT {
        return (found.into_iter().collect(), wanted.into_iter().collect());
    }
    let same = |(a, b): &(&char, &char)| a == b;
    let before = found.iter().zip(&wanted).take_while(same).count();
    let rest = found.len().min(wanted.len()) - before;
    let backwards = found.iter().rev().zip(wanted.iter().rev());
    let after = backwards.take_while(same).count().min(rest);
    let cut = |text: &[char]| {
        let (from, to) = (before.saturating_sub(AROUND), text.len() - after);
        let to = (to + AROUND).min(text.len()).min(from + 4 * SHORT);
        let middle: String = text[from..to].iter().collect();
        let dots = |cut: bool| if cut { "…" } else { "" };
        format!("{}{middle}{}", dots(from > 0), dots(to < text.len()))
    };
    (cut(&found), cut(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structure(objects: &[(&str, &str)]) -> Structure {
        objects
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect()
    }

    #[test]
    fn a_missing_a_changed_and_an_added_object_are_named() {
        let source = structure(&[
            ("index a", "btree"),
            ("column t.x", "text"),
            ("table t", ""),
        ]);
        let copy = structure(&[("column t.x", "int"), ("table t", ""), ("view v", "")]);
        assert_eq!(
            differences(&source, &copy),
            [
                "column t.x differs: it is 'int' and should be 'text'",
                "index a is missing",
                "view v should not be there",
            ]
        );
    }

    #[test]
    fn a_missing_table_comes_first_and_speaks_for_what_went_with_it() {
        let source = structure(&[
            ("column a.x", "text"),
            ("column users.id", "uuid"),
            ("constraint one of users", ""),
            ("constraint two of a", ""),
            ("table users", ""),
        ]);
        assert_eq!(
            differences(&source, &Structure::new()),
            [
                "table users is missing",
                "column a.x is missing",
                "constraint two of a is missing",
            ]
        );
    }

    #[test]
    fn a_long_definition_is_shown_where_it_differs() {
        let wanted = format!("{}CHECK (a < 3){}", "x".repeat(200), "y".repeat(200));
        let found = wanted.replace("a < 3", "a < 4");
        let (found, wanted) = excerpts(&found, &wanted);
        assert!(found.contains("CHECK (a < 4)") && wanted.contains("CHECK (a < 3)"));
        assert!(found.chars().count() < 80, "{found}");
    }

    #[test]
    fn equal_structures_do_not_differ() {
        let one = structure(&[("table t", "")]);
        assert!(differences(&one, &one.clone()).is_empty());
    }
}
