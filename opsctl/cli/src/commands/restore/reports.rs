//! What a restore came to, as text.

use serde_json::Value;

/// A restore, a cut-over or an undo.
#[must_use]
pub fn report(result: &Value) -> String {
    if result["set_aside"].is_object() {
        return crossed(result);
    }
    let mut text = format!("restored to scratch: copy {}\n", word(&result["copy"]));
    line(&mut text, "recovered to", &result["recovered_to"]);
    line(&mut text, "newest heartbeat", &result["newest_heartbeat"]);
    line(&mut text, "connect", &result["connect"]);
    line(&mut text, "expires", &result["expires_at"]);
    line(&mut text, "discard", &result["discard"]);
    text
}

fn crossed(result: &Value) -> String {
    let mut text = format!(
        "{} serves from another database\n",
        word(&result["environment"])
    );
    line(&mut text, "serves", &result["serves"]["url"]);
    line(&mut text, "lineage", &result["lineage_id"]);
    line(&mut text, "recovered to", &result["recovered_to"]);
    line(
        &mut text,
        "set aside",
        &result["set_aside"]["location"]["url"],
    );
    line(&mut text, "its fence", &result["set_aside"]["fence"]);
    line(&mut text, "due", &result["set_aside"]["keep_until"]);
    line(&mut text, "it costs", &result["cost"]["told"]);
    let (beyond, heading) = match &result["discarded"] {
        Value::Null => (&result["beyond_recovery_point"], "only there"),
        discarded => (discarded, "only there"),
    };
    match beyond["tables"].as_array() {
        None => line(&mut text, heading, &beyond["reason"]),
        Some(tables) if tables.is_empty() => line(&mut text, heading, &"nothing".into()),
        Some(tables) => {
            for table in tables {
                let told = format!(
                    "{}: {} rows, {} changed ones; {} rows are only in the new one",
                    word(&table["table"]),
                    table["only_first"],
                    table["changed"],
                    table["only_second"]
                );
                line(&mut text, heading, &told.into());
            }
            line(&mut text, "listed in", &beyond["record"]);
        }
    }
    line(
        &mut text,
        "sessions",
        &"revoked: everybody logs in again".into(),
    );
    line(&mut text, "outbox, jobs", &"held".into());
    line(&mut text, "release them", &result["release_effects"]);
    line(&mut text, "go back", &result["undo"]);
    text
}

/// Rows that came back.
#[must_use]
pub fn rows_report(result: &Value) -> String {
    format!(
        "{} rows came back into {}",
        result["rows"],
        word(&result["environment"])
    )
}

fn line(text: &mut String, name: &str, value: &Value) {
    if !value.is_null() {
        text.push_str(&format!("  {name:<17} {}\n", word(value)));
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
