//! What became of backups, as text.

use serde_json::Value;

use crate::output::units::size;

/// The report of a backup that was taken.
pub fn created(result: &Value) -> String {
    let backup = &result["backup"];
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let point = &backup["recovery_point"];
    format!(
        "backup {}\n  holds everything up to  {}\n  newest heartbeat        {}\n  schema                  \
         {}\n  size                    {}\n",
        text(&backup["id"]),
        text(&point["taken_at"]),
        text(&point["newest_heartbeat"]),
        backup["schema_version"],
        size(backup["size_bytes"].as_u64().unwrap_or_default()),
    )
}

/// The report of an export.
pub fn exported(result: &Value) -> String {
    let export = &result["export"];
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    format!(
        "export {}\n  holds everything up to  {}\n  schema                  {}\n  size                    {}\n",
        text(&export["id"]),
        text(&export["recovery_point"]["taken_at"]),
        export["schema_version"],
        size(export["size_bytes"].as_u64().unwrap_or_default()),
    )
}

/// The report of a copy.
pub fn copied(result: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let copy = &result["copy"];
    format!(
        "backup {} is in {} too\n  holds everything up to  {}\n",
        text(&copy["id"]),
        text(&result["place"]),
        text(&copy["recovery_point"]["taken_at"]),
    )
}

/// The report of a prune.
pub fn pruned(result: &Value) -> String {
    let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for id in list("deleted") {
        lines.push(format!("deleted  {}", id.as_str().unwrap_or_default()));
    }
    for id in list("copies_deleted") {
        lines.push(format!(
            "deleted  the copy of {}",
            id.as_str().unwrap_or_default()
        ));
    }
    for (word, name) in [
        ("spared", "spared"),
        ("kept", "kept"),
        ("kept copy", "copies_kept"),
    ] {
        for kept in list(name) {
            let because: Vec<String> = kept["because"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|reason| reason.as_str().map(str::to_owned))
                .collect();
            let id = kept["backup"].as_str().unwrap_or_default();
            lines.push(format!("{word:7}  {id}: {}", because.join("; ")));
        }
    }
    if lines.is_empty() {
        return "there is no backup".into();
    }
    lines.join("\n")
}
