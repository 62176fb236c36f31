//! Patches as RFC 6902 writes them: a list of operations.

use json_patch::Patch;
use serde_json::Value;

/// Reads the operations.
pub fn read(value: &Value) -> Result<Patch, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

/// Does them all; whoever fails stops the whole render, so that nothing has to be undone.
pub fn apply(operations: &Patch, value: &mut Value) -> Result<(), String> {
    json_patch::patch_unsafe(value, operations).map_err(|error| error.to_string())
}
