//! Pictures of a section: who hands on to whom, and which table names which.

use std::fmt::Write;

use crate::conform::specification::Line;

/// The picture that the lines of a section make, where they make one.
pub fn write(page: &mut String, section: &[Line]) -> std::fmt::Result {
    sequence(page, section)?;
    entity(page, section)
}

/// A flow, step by step.
fn sequence(page: &mut String, section: &[Line]) -> std::fmt::Result {
    let steps: Vec<(&str, &str, &str)> = section.iter().filter_map(step).collect();
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(page, "```mermaid\nsequenceDiagram")?;
    for (from, to, says) in steps {
        writeln!(page, "    {from}->>{to}: {}", spoken(says))?;
    }
    writeln!(page, "```\n")
}

fn step(line: &Line) -> Option<(&str, &str, &str)> {
    let (from, to) = line.step.as_deref()?.split_once("->")?;
    Some((from.trim(), to.trim(), &line.text))
}

/// A semicolon or a hash would end a message.
fn spoken(text: &str) -> String {
    text.trim().replace([';', '#', '`'], "")
}

/// A table: lines that begin with a column's name and type.
fn entity(page: &mut String, section: &[Line]) -> std::fmt::Result {
    let columns: Vec<Column> = section.iter().filter_map(column).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let table = &section[0].section;
    writeln!(page, "```mermaid\nerDiagram\n    {table} {{")?;
    for Column {
        name, kind, key, ..
    } in &columns
    {
        writeln!(page, "        {kind} {name} {key}")?;
    }
    writeln!(page, "    }}")?;
    for to in columns.iter().filter_map(|column| column.names) {
        writeln!(page, "    {to} ||--o{{ {table} : \"\"")?;
    }
    writeln!(page, "```\n")
}

struct Column<'a> {
    name: &'a str,
    kind: String,
    key: &'static str,
    names: Option<&'a str>,
}

/// `` `user_id` (UUID, FK to users.id, NOT NULL): … ``
fn column(line: &Line) -> Option<Column<'_>> {
    // A parameter of the interface is written alike, and is none.
    if !line.id.starts_with("schema.") {
        return None;
    }
    let rest = line.text.strip_prefix('`')?;
    let (name, rest) = rest.split_once("` (")?;
    let (definition, _) = rest.split_once(')')?;
    let kind = definition.split(',').next()?;
    let names = definition.split("FK to ").nth(1);
    let names = names.and_then(|rest| rest.split('.').next());
    let is_type = ["UUID", "VARCHAR", "TEXT", "BOOLEAN", "TIMESTAMP"];
    if !is_type.iter().any(|known| kind.starts_with(known)) {
        return None;
    }
    let key = match definition {
        text if text.contains("PRIMARY KEY") => "PK",
        text if text.contains("FK") => "FK",
        text if text.contains("UNIQUE") => "UK",
        _ => "",
    };
    Some(Column {
        name,
        kind: kind.replace(' ', "_"),
        key,
        names,
    })
}
