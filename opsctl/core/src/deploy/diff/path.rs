//! The place of a field in an object: `spec.template.spec.containers[api].image`.

use std::fmt;

use serde_json::Value;

/// One step on the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A field of a map.
    Field(String),
    /// An element of a list, by the fields that tell it from the others.
    Element(Vec<(String, Value)>),
    /// An element of a list, by its place.
    Index(usize),
}

/// The place of a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldPath(pub Vec<Segment>);

impl FieldPath {
    /// The place of a field of the map at this place.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.and(Segment::Field(name.to_owned()))
    }

    /// One step further.
    #[must_use]
    pub fn and(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// Whether it is this field, or lies inside it: names from the top.
    #[must_use]
    pub fn is_in(&self, fields: &[&str]) -> bool {
        let mut names = self.0.iter();
        fields.iter().all(|field| match names.next() {
            Some(Segment::Field(name)) => name == field,
            Some(Segment::Element(_) | Segment::Index(_)) | None => false,
        })
    }

    /// Whether some step of it is a field of that name.
    #[must_use]
    pub fn passes(&self, field: &str) -> bool {
        let mut names = self.0.iter();
        names.any(|segment| matches!(segment, Segment::Field(name) if name == field))
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if is_plain(name) => {
                    let dot = if at == 0 { "" } else { "." };
                    write!(f, "{dot}{name}")?;
                }
                Segment::Field(name) => write!(f, "[{name:?}]")?,
                Segment::Element(keys) => {
                    let names: Vec<String> = keys.iter().map(|(_, value)| bare(value)).collect();
                    write!(f, "[{}]", names.join("/"))?;
                }
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// An element in a value, as a step names it.
#[must_use]
pub fn element<'a>(list: &'a Value, segment: &Segment) -> Option<&'a Value> {
    let items = list.as_array()?;
    match segment {
        Segment::Field(_) => None,
        Segment::Index(index) => items.get(*index),
        Segment::Element(keys) => {
            let fits = |item: &&Value| keys.iter().all(|(name, value)| &item[name] == value);
            items.iter().find(fits)
        }
    }
}

fn is_plain(name: &str) -> bool {
    let mut signs = name.chars();
    signs.all(|sign| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-')
}

fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
