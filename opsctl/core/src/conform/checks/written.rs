//! A check as it is written: one kind, and its fields.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Kind and fields.
pub type Written = BTreeMap<String, Map<String, Value>>;

/// The one kind that is written.
pub fn only(written: Written) -> std::result::Result<(String, Map<String, Value>), String> {
    let mut kinds = written.into_iter();
    match (kinds.next(), kinds.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err("a check is empty".into()),
        (Some((first, _)), Some((second, _))) => {
            Err(format!("one check is '{first}' and '{second}': part them"))
        }
    }
}

/// The fields as a type.
pub fn of<T: DeserializeOwned>(fields: Map<String, Value>) -> std::result::Result<T, String> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}
