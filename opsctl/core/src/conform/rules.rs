//! What a list must not be: with an id twice, with a line that nothing proves, with a promise left out.

use std::collections::{BTreeMap, BTreeSet};

use super::bearings::line_of_id;
use super::components::Components;
use super::reading::Source;
use super::specification::{Document, Line};
use crate::manifests::{Entry, Files};

/// Everything that is wrong with the list as a whole, each with its place.
pub(super) fn faults(
    files: &dyn Files,
    document: &Document,
    sources: &[Source],
    components: &Components,
) -> Vec<String> {
    let ids: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.chapter.lines.iter().map(|line| line.id.as_str()))
        .collect();
    let mut faults = doubled(sources);
    for source in sources {
        faults.extend(uncovered(document, source));
        for line in &source.chapter.lines {
            let place = place(source, &line.id, 0);
            let wrong = of_line(files, line, &ids);
            faults.extend(wrong.into_iter().map(|what| format!("{place}: {what}")));
        }
    }
    faults.extend(of_components(components, &ids));
    faults
}

fn place(source: &Source, id: &str, time: usize) -> String {
    let file = &source.part.file;
    line_of_id(&source.text, id, time)
        .map_or_else(|| file.clone(), |number| format!("{file}:{number}"))
}

fn doubled(sources: &[Source]) -> Vec<String> {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    let mut faults = Vec::new();
    for source in sources {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for line in &source.chapter.lines {
            let time = times.entry(&line.id).or_default();
            let here = place(source, &line.id, *time);
            *time += 1;
            match seen.get(line.id.as_str()) {
                Some(there) => {
                    faults.push(format!(
                        "{here}: the id '{}' stands in {there} already",
                        line.id
                    ));
                }
                None => drop(seen.insert(&line.id, here)),
            }
        }
    }
    faults
}

/// Lines of the document that the table of contents names and nobody proves, and the other way round.
fn uncovered(document: &Document, source: &Source) -> Vec<String> {
    let file = &source.part.file;
    let promised: BTreeSet<u32> = numbers(source.part.lines.iter().copied());
    let covered: BTreeSet<u32> = numbers(source.chapter.lines.iter().map(|line| line.at));
    let left = promised.difference(&covered).map(|number| {
        format!("{file}: line {number} of the specification promises something, and nothing here proves it")
    });
    let added = covered.difference(&promised).map(|number| {
        format!("{file}: line {number} of the specification is not among the lines that conformance.yaml gives this chapter")
    });
    let beyond = covered.iter().filter(|number| **number > document.lines);
    let beyond = beyond.map(|number| format!("{file}: the specification has no line {number}"));
    left.chain(added).chain(beyond).collect()
}

fn numbers(stretches: impl Iterator<Item = super::stretch::Stretch>) -> BTreeSet<u32> {
    stretches.flat_map(|stretch| stretch.numbers()).collect()
}

fn of_line(files: &dyn Files, line: &Line, ids: &BTreeSet<&str>) -> Vec<String> {
    let mut faults = Vec::new();
    if line.offline.is_empty() && line.planned.is_none() {
        let what =
            "nothing proves it: give it `offline:`, or say under `planned:` why it is not built";
        faults.push(format!("'{}': {what}", line.id));
    }
    let empty = [
        ("text", &line.text),
        ("section", &line.section),
        ("id", &line.id),
    ];
    for (name, _) in empty.iter().filter(|(_, text)| text.trim().is_empty()) {
        faults.push(format!("'{}': its {name} is empty", line.id));
    }
    if line
        .planned
        .as_ref()
        .is_some_and(|why| why.trim().is_empty())
    {
        faults.push(format!("'{}': `planned:` says no reason", line.id));
    }
    for path in &line.code {
        if !matches!(files.at(path), Ok(Entry::File(_) | Entry::Folder)) {
            faults.push(format!("'{}': there is no {path}", line.id));
        }
    }
    for other in line
        .breaks
        .iter()
        .filter(|other| !ids.contains(other.as_str()))
    {
        faults.push(format!("'{}': there is no line '{other}'", line.id));
    }
    faults
}

fn of_components(components: &Components, ids: &BTreeSet<&str>) -> Vec<String> {
    let known: BTreeSet<&str> = components
        .components
        .iter()
        .map(|component| component.id.as_str())
        .collect();
    let mut faults = Vec::new();
    for component in &components.components {
        let name = &component.id;
        if component.proofs.is_empty() {
            faults.push(format!("component '{name}': it names no line as its proof"));
        }
        for proof in component
            .proofs
            .iter()
            .filter(|id| !ids.contains(id.as_str()))
        {
            faults.push(format!("component '{name}': there is no line '{proof}'"));
        }
        for way in component
            .speaks_to
            .iter()
            .filter(|way| !known.contains(way.to.as_str()))
        {
            faults.push(format!(
                "component '{name}': there is no component '{}'",
                way.to
            ));
        }
    }
    faults
}
