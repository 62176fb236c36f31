//! From files to the list, strictly: an unknown word, an id twice or a line without proof is refused with its place.

use serde::de::DeserializeOwned;

use super::components::Components;
use super::rules;
use super::specification::{Chapter, Contents, Line, Part, Specification};
use crate::failure::{Failure, Result};
use crate::manifests::{Entry, Files};

/// The table of contents.
pub const CONTENTS: &str = "conformance.yaml";
/// The version of the format that this opsctl knows.
const VERSION: u32 = 1;

/// A chapter's file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    lines: Vec<Line>,
}

/// A chapter as it was read, with its text for finding places in it.
pub(super) struct Source {
    pub part: Part,
    pub chapter: Chapter,
    pub text: String,
}

/// The whole list.
///
/// # Errors
/// Usage: the file, the line and what is wrong; several faults at once.
pub fn read(files: &dyn Files) -> Result<Specification> {
    let text = text_of(files, CONTENTS)?;
    let contents: Contents = parsed(CONTENTS, &text)?;
    if contents.version != VERSION {
        let what = format!("{CONTENTS} has version {}", contents.version);
        return Err(Failure::usage(what).cause(format!("this opsctl knows version {VERSION}")));
    }
    let mut sources = Vec::new();
    for part in contents.chapters {
        let text = text_of(files, &part.file)?;
        let written: Written = parsed(&part.file, &text)?;
        let chapter = Chapter {
            title: part.title.clone(),
            file: part.file.clone(),
            lines: written.lines,
        };
        sources.push(Source {
            part,
            chapter,
            text,
        });
    }
    let components: Components =
        parsed(&contents.components, &text_of(files, &contents.components)?)?;
    let faults = rules::faults(files, &contents.document, &sources, &components);
    together(faults)?;
    Ok(Specification {
        document: contents.document,
        chapters: sources.into_iter().map(|source| source.chapter).collect(),
        components,
    })
}

fn text_of(files: &dyn Files, path: &str) -> Result<String> {
    match files.at(path)? {
        Entry::File(text) => Ok(text),
        Entry::Folder | Entry::Absent => Err(Failure::usage(format!("there is no {path}"))
            .hint("run opsctl in the repository, or give --config with the opsctl.yaml beside it")),
    }
}

fn parsed<T: DeserializeOwned>(path: &str, text: &str) -> Result<T> {
    serde_yaml::from_str(text).map_err(|error: serde_yaml::Error| {
        let place = error
            .location()
            .map_or(String::new(), |at| format!(":{}", at.line()));
        Failure::usage(format!("{path}{place} is wrong")).because(error)
    })
}

fn together(mut faults: Vec<String>) -> Result<()> {
    match faults.len() {
        0 => Ok(()),
        1 => Err(Failure::usage(faults.remove(0))),
        count => {
            let whole = Failure::usage(format!("{count} faults in the list of conformance"));
            Err(faults.into_iter().fold(whole, Failure::cause))
        }
    }
}
