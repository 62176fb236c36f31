//! Places in a document: JSON pointers, in which an item of a list may be named as well as numbered.

use serde_json::Value;

/// What stands at a place, and the place in plain JSON Pointer.
#[must_use]
pub fn find<'a>(document: &'a Value, place: &str) -> Option<(&'a Value, String)> {
    let mut found = document;
    let mut plain = String::new();
    for part in place.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let step;
        (found, step) = match found {
            Value::Array(items) => {
                let at = position(items, &name)?;
                (items.get(at)?, at.to_string())
            }
            other => (other.get(&name)?, part.to_owned()),
        };
        plain.push('/');
        plain.push_str(&step);
    }
    Some((found, plain))
}

fn position(items: &[Value], name: &str) -> Option<usize> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    items.iter().position(|item| {
        let named = item.get("name").or_else(|| item.get("alert"));
        named.and_then(Value::as_str) == Some(name)
    })
}

/// Puts a value at a plain place, or takes away what stands there.
pub fn put(document: &mut Value, plain: &str, value: Option<Value>) {
    let Some((above, last)) = plain.rsplit_once('/') else {
        return;
    };
    let name = last.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(above), value) {
        (Some(Value::Object(fields)), Some(value)) => drop(fields.insert(name, value)),
        (Some(Value::Object(fields)), None) => drop(fields.remove(&name)),
        (Some(Value::Array(items)), value) => {
            let Some(at) = name.parse::<usize>().ok().filter(|at| *at < items.len()) else {
                return;
            };
            match value {
                Some(value) => items[at] = value,
                None => drop(items.remove(at)),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_found_by_its_name_and_a_slash_in_a_key_is_escaped() {
        let document = json!({"containers": [{"name": "a"}, {"name": "app", "x/y": 3}]});
        let (found, plain) = find(&document, "/containers/app/x~1y").unwrap();
        assert_eq!((found, plain.as_str()), (&json!(3), "/containers/1/x~1y"));
        assert!(find(&document, "/containers/b").is_none());
        let mut document = document;
        put(&mut document, "/containers/1/x~1y", Some(json!(4)));
        assert_eq!(document["containers"][1]["x/y"], 4);
        put(&mut document, "/containers/0", None);
        assert_eq!(document["containers"].as_array().unwrap().len(), 1);
    }
}
