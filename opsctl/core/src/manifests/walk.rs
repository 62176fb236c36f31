//! Ways through an object: to one field, to every field that a path names, to every text.

use serde_json::{Map, Value};

/// The field at a path (`metadata.name`).
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(value, |value, field| value.get(field))
}

/// The same, made where it is missing; None where something else stands in the way.
pub fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(value, |value, field| {
        if value.is_null() {
            *value = Value::Object(Map::new());
        }
        Some(value.as_object_mut()?.entry(field).or_insert(Value::Null))
    })
}

/// Whether a field that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Create,
    Skip,
}

/// Does it to every map at a path (`spec/template/metadata/labels`), through lists.
pub fn each_map(
    value: &mut Value,
    path: &str,
    missing: Missing,
    change: &mut dyn FnMut(&mut Map<String, Value>),
) {
    if let Value::Array(items) = value {
        for item in items {
            each_map(item, path, missing, change);
        }
        return;
    }
    if value.is_null() && missing == Missing::Create {
        *value = Value::Object(Map::new());
    }
    let Value::Object(fields) = value else {
        return;
    };
    let (field, rest) = match path.split_once('/') {
        _ if path.is_empty() => return change(fields),
        Some((field, rest)) => (field, rest),
        None => (path, ""),
    };
    let list = field.strip_suffix("[]");
    let next = match missing {
        Missing::Create if list.is_none() => Some(fields.entry(field).or_insert(Value::Null)),
        _ => fields.get_mut(list.unwrap_or(field)),
    };
    if let Some(next) = next {
        each_map(next, rest, missing, change);
    }
}

/// Does it to every text in a value, with the path at which it stands (`spec.ports[0].name`).
///
/// # Errors
/// The first that the change answers.
pub fn each_text<E>(
    value: &mut Value,
    path: &mut String,
    change: &mut dyn FnMut(&mut String, &str) -> Result<(), E>,
) -> Result<(), E> {
    match value {
        Value::String(text) => return change(text, path),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                step(path, &format!("[{index}]"), |path| {
                    each_text(item, path, change)
                })?;
            }
        }
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                let field = if path.is_empty() {
                    field.clone()
                } else {
                    format!(".{field}")
                };
                step(path, &field, |path| each_text(value, path, change))?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn step<E>(
    path: &mut String,
    field: &str,
    go: impl FnOnce(&mut String) -> Result<(), E>,
) -> Result<(), E> {
    let before = path.len();
    path.push_str(field);
    let gone = go(path);
    path.truncate(before);
    gone
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_lists_and_makes_what_is_missing() {
        let mark = |value: &mut Value, path: &str, missing| {
            each_map(value, path, missing, &mut |map| {
                map.insert("x".into(), json!(1));
            });
        };
        let mut value = json!({"list": [{"a": {}}, {}]});
        mark(&mut value, "list/a", Missing::Skip);
        assert_eq!(value, json!({"list": [{"a": {"x": 1}}, {}]}));
        mark(&mut value, "new/deep", Missing::Create);
        assert_eq!(value["new"], json!({"deep": {"x": 1}}));
        mark(&mut value, "none[]/deep", Missing::Create);
        assert!(value.get("none").is_none());
    }

    #[test]
    fn every_text_is_told_with_its_path() {
        let mut value = json!({"a": [{"b": "x"}], "c": 1});
        let mut seen = Vec::new();
        let mut note = |_: &mut String, path: &str| -> Result<(), ()> {
            seen.push(path.to_owned());
            Ok(())
        };
        each_text(&mut value, &mut String::new(), &mut note).unwrap();
        assert_eq!(seen, ["a[0].b"]);
    }
}
