//! The API server's own words, as far as they may be shown.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use opsctl_core::workloads::Object;
use serde_json::Value;

/// So much of a message; the API server repeats whole objects where it can.
const LONGEST: usize = 2000;
/// A shorter value hides only where it stands by itself: it is a part of too many words.
const SHORT: usize = 4;

/// A message about an object, without any value of a Secret, however the server spells it.
pub fn about(object: &Object, message: &str) -> String {
    let mut shown = message.to_owned();
    if object.text("/kind") == "Secret" {
        let mut secrets = BTreeSet::new();
        for part in ["data", "stringData"] {
            collect(&object.0[part], &mut secrets);
        }
        // The longest first: one may be a part of another.
        let mut secrets: Vec<_> = secrets.into_iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            shown = without(&shown, &secret);
        }
    }
    shortened(shown)
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => {
            into.insert(value.to_string());
        }
        Value::String(text) => {
            let decoded = STANDARD.decode(text).ok();
            let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            for spelling in [Some(text.clone()), decoded].into_iter().flatten() {
                // As in Go's `%q`.
                into.insert(spelling.escape_default().to_string());
                into.insert(spelling.trim().to_owned());
                into.insert(STANDARD.encode(&spelling));
                into.insert(spelling);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, into)),
    }
}

fn without(message: &str, secret: &str) -> String {
    if secret.is_empty() {
        return message.to_owned();
    }
    if secret.len() >= SHORT {
        return message.replace(secret, "…");
    }
    let mut shown = String::new();
    let mut rest = message;
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let inside = ends_in_word(before) || begins_with_word(after);
        shown.push_str(before);
        shown.push_str(if inside { secret } else { "…" });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn begins_with_word(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_value_of_a_secret_is_in_a_message() {
        let secret = Object(json!({"kind": "Secret",
            "data": {"password": "aHVudGVyMg==", "number": 12345, "flag": true},
            "stringData": {"pin": "7", "quoted": "a\"b"}}));
        for (message, shown) in [
            ("got hunter2", "got …"),
            ("got aHVudGVyMg==", "got …"),
            ("expected string, got &{12345}", "expected string, got &{…}"),
            ("got 'true'", "got '…'"),
            ("pin 7 of 17", "pin … of 17"),
            (r#"got "a\"b""#, r#"got "…""#),
        ] {
            assert_eq!(about(&secret, message), shown);
        }
    }

    #[test]
    fn what_is_no_secret_is_shown_and_a_long_story_is_cut() {
        let map = Object(json!({"kind": "ConfigMap", "data": {"a": "hunter2"}}));
        assert_eq!(about(&map, "got hunter2"), "got hunter2");
        let long = about(&map, &"é".repeat(LONGEST + 1));
        assert_eq!(long.chars().count(), LONGEST + 1);
    }
}
