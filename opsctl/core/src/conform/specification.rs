//! The list as it is written: chapters, their lines, and what proves each.

use super::checks::{Check, LiveCheck};
use super::components::Components;
use super::stretch::Stretch;

/// All of it.
#[derive(Debug, Clone)]
pub struct Specification {
    /// What is filled in from it.
    pub document: Document,
    /// Chapter by chapter, in the specification's order.
    pub chapters: Vec<Chapter>,
    /// The components, as the specification's template asks for them.
    pub components: Components,
}

impl Specification {
    /// Every line, in order.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.chapters.iter().flat_map(|chapter| &chapter.lines)
    }

    /// The line of that id.
    #[must_use]
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines().find(|line| line.id == id)
    }
}

/// The table of contents: `conformance.yaml`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    /// The version of the format: 1.
    pub version: u32,
    pub document: Document,
    /// The file with the components.
    pub components: String,
    pub chapters: Vec<Part>,
}

/// The document that is proven.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// How many lines it has: every number below is one of them.
    pub lines: u32,
}

/// A chapter in the table of contents.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub title: String,
    pub file: String,
    /// The lines of the document that promise something: each has to be proven.
    pub lines: Vec<Stretch>,
}

/// A chapter with its lines.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Its heading.
    pub title: String,
    /// The file that it is written in.
    pub file: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// One line of the specification.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its id: stable, unlike its number.
    pub id: String,
    /// Its number in the document.
    pub at: Stretch,
    /// The heading that it stands under.
    pub section: String,
    /// What it says.
    pub text: String,
    /// What holds in its place, where the design card decided otherwise.
    #[serde(default)]
    pub instead: Option<String>,
    /// Who hands on to whom in a flow: `api -> auth`.
    #[serde(default)]
    pub step: Option<String>,
    /// Files that make it so, beside those that are looked at.
    #[serde(default)]
    pub code: Vec<String>,
    /// The environments that it is promised of; none named: all of them.
    #[serde(default, rename = "for")]
    pub environments: Vec<String>,
    /// What proves it in the repository.
    #[serde(default)]
    pub offline: Vec<Check>,
    /// What proves it in the world, beside the twins of what was looked at in the repository.
    #[serde(default)]
    pub live: Vec<LiveCheck>,
    /// Lines that break with it, because what proves them is the same thing.
    #[serde(default)]
    pub breaks: Vec<String>,
    /// Why it is not built yet.
    #[serde(default)]
    pub planned: Option<String>,
}
