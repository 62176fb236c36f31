//! The tables of components, and who speaks to whom.

use std::fmt::Write;

use super::specification::cell;
use crate::conform::components::Component;
use crate::conform::specification::Specification;

/// The chapter of components.
pub fn write(page: &mut String, specification: &Specification) -> std::fmt::Result {
    let components = &specification.components.components;
    writeln!(page, "## Components at a glance\n")?;
    writeln!(
        page,
        "| component | responsibility | technology | rationale |\n|---|---|---|---|"
    )?;
    for component in components {
        let (name, purpose) = (cell(&component.name), cell(&component.purpose));
        let (technology, why) = (cell(&component.technology), cell(&component.rationale));
        writeln!(
            page,
            "| [{name}](#{}) | {purpose} | {technology} | {why} |",
            component.id
        )?;
    }
    writeln!(page, "\n```mermaid\nflowchart TD")?;
    for component in components {
        writeln!(page, "    {}[\"{}\"]", component.id, component.name)?;
    }
    for component in components {
        for way in &component.speaks_to {
            writeln!(page, "    {} -->|\"{}\"| {}", component.id, way.by, way.to)?;
        }
    }
    writeln!(page, "```\n")?;
    components
        .iter()
        .try_for_each(|component| details(page, component))
}

fn details(page: &mut String, component: &Component) -> std::fmt::Result {
    writeln!(
        page,
        "### <a id=\"{}\"></a>{}\n",
        component.id, component.name
    )?;
    let rows = [
        ("Purpose", &component.purpose),
        ("Not responsible for", &component.not),
        ("Technology", &component.technology),
        ("Scalability approach", &component.scaling),
        ("Failure mode", &component.failure),
        ("Monitoring points", &component.monitoring),
    ];
    for (name, text) in rows {
        writeln!(page, "- {name}: {}", text.trim())?;
    }
    let proofs: Vec<String> = component
        .proofs
        .iter()
        .map(|id| format!("[`{id}`](#{id})"))
        .collect();
    writeln!(page, "- Proofs: {}\n", proofs.join(", "))
}
