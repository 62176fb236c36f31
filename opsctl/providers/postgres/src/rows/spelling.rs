//! How names are written in PostgreSQL's SQL.

/// An identifier.
pub(super) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A table of the schema that rows are restored into.
pub(super) fn table(text: &str) -> String {
    format!("public.{}", name(text))
}

/// Names, divided by commas.
pub(super) fn names(all: &[String]) -> String {
    all.iter()
        .map(|one| name(one))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `$1::text[], $2::text[], …`
pub(super) fn arrays(count: usize) -> String {
    let all = (1..=count).map(|number| format!("${number}::text[]"));
    all.collect::<Vec<_>>().join(", ")
}

/// `v1, v2, …`
pub(super) fn values(count: usize) -> String {
    (1..=count)
        .map(|number| format!("v{number}"))
        .collect::<Vec<_>>()
        .join(", ")
}
