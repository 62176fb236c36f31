//! Values that a document names and uses again, and how much that may grow.

use std::collections::BTreeMap;

use serde_json::Value;

/// Values that aliases may add to one document.
const MOST: usize = 500_000;

/// What was named so far in a document.
#[derive(Debug, Default)]
pub struct Anchors {
    named: BTreeMap<usize, (Value, usize)>,
    added: usize,
}

impl Anchors {
    /// Keeps what has a name; 0 is none.
    pub fn keep(&mut self, anchor: usize, value: &Value) {
        if anchor != 0 {
            self.named.insert(anchor, (value.clone(), size(value)));
        }
    }

    /// What the name stands for.
    pub fn get(&mut self, anchor: usize) -> Result<Value, &'static str> {
        let (value, size) = self.named.get(&anchor).ok_or("it refers to itself")?;
        self.added = self.added.saturating_add(*size);
        if self.added > MOST {
            return Err("its anchors stand for more than 500000 values");
        }
        Ok(value.clone())
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
