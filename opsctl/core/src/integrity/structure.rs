//! Level `structure`: every object of the copy equals the source's, or what the migrations make.

use super::LevelName;
use super::examine::Expectation;
use super::levels::listed;
use crate::evidence::Level;
use crate::failure::Result;
use crate::ports::{Inspection, Structure};

/// Compares the copy's objects with what they should be, and looks at its sequences.
pub(super) async fn check(
    source: Option<&mut dyn Inspection>,
    copy: &mut dyn Inspection,
    expected: Option<&Expectation>,
) -> Level {
    match compared(source, copy, expected).await {
        Err(failure) => LevelName::Structure.failed(failure.to_string()),
        Ok(level) => level,
    }
}

async fn compared(
    source: Option<&mut dyn Inspection>,
    copy: &mut dyn Inspection,
    expected: Option<&Expectation>,
) -> Result<Level> {
    let found = copy.structure().await?;
    let behind = copy.sequences_behind().await?;
    let (reference, with) = match reference(source, copy, expected).await? {
        Ok(reference) => reference,
        Err(why) if behind.is_empty() => return Ok(LevelName::Structure.not_run(why)),
        Err(_) => return Ok(LevelName::Structure.failed(listed(&behind))),
    };
    let mut faults = differences(&reference, &found);
    faults.extend(behind);
    Ok(if faults.is_empty() {
        let objects = found.len();
        LevelName::Structure.passed(format!(
            "{objects} objects equal {with}; every sequence is ahead of its column"
        ))
    } else {
        LevelName::Structure.failed(listed(&faults))
    })
}

/// What the copy is compared with, and its name; or why there is nothing.
async fn reference(
    source: Option<&mut dyn Inspection>,
    copy: &mut dyn Inspection,
    expected: Option<&Expectation>,
) -> Result<std::result::Result<(Structure, String), String>> {
    let by_migrations =
        || expected.map(|wanted| (wanted.structure.clone(), wanted.made_by.clone()));
    let Some(source) = source else {
        let why = "the source was not reachable and the migrations were not at hand";
        return Ok(by_migrations().ok_or_else(|| why.into()));
    };
    let (live, ours) = (source.schema_version().await?, copy.schema_version().await?);
    if live == ours {
        return Ok(Ok((source.structure().await?, "the source's".into())));
    }
    // The source has been migrated since: only the migrations know what the copy should look like.
    let why = format!(
        "the source is at migration {} and the copy at {}, so that they can't be compared, and the \
         migrations were not at hand",
        said(live),
        said(ours)
    );
    Ok(by_migrations().ok_or(why))
}

fn said(version: Option<i64>) -> String {
    version.map_or_else(|| "none".into(), |version| version.to_string())
}

/// What differs between two structures, in words, the source's first.
#[must_use]
pub(super) fn differences(source: &Structure, copy: &Structure) -> Vec<String> {
    let lost = source
        .iter()
        .filter(|(name, _)| !is_fence(name))
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
    lost.chain(added).collect()
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
