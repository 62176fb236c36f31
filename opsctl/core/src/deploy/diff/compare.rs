//! Two values side by side: the smallest places where they differ. Elements of lists are matched by what names them.

use serde_json::Value;

use super::noise::is_noise;
use super::path::{FieldPath, Segment, element};

/// One place where two values differ.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What is there before.
    pub before: Option<&'a Value>,
    /// What is there after.
    pub after: Option<&'a Value>,
}

/// What names an element among its neighbours, tried in this order.
const KEYS: [&[&str]; 10] = [
    &["name"],
    &["containerPort", "protocol"],
    &["port", "protocol"],
    &["mountPath"],
    &["devicePath"],
    &["topologyKey", "whenUnsatisfiable"],
    &["key"],
    &["type"],
    &["ip"],
    &["uid"],
];

/// All places where two objects differ, in the order of the fields.
#[must_use]
pub fn compare<'a>(before: &'a Value, after: &'a Value) -> Vec<(FieldPath, Sides<'a>)> {
    let mut found = Vec::new();
    let sides = Sides {
        before: Some(before),
        after: Some(after),
    };
    walk(&FieldPath::default(), sides, &mut found);
    found
}

fn walk<'a>(path: &FieldPath, sides: Sides<'a>, found: &mut Vec<(FieldPath, Sides<'a>)>) {
    let Sides { before, after } = sides;
    if before == after || (is_nothing(before) && is_nothing(after)) || is_noise(path) {
        return;
    }
    match (before, after) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let sides = Sides {
                    before: one.get(name),
                    after: other.get(name),
                };
                walk(&path.field(name), sides, found);
            }
        }
        (Some(one @ Value::Array(_)), Some(other @ Value::Array(_))) => {
            elements(path, one, other, found);
        }
        _ => found.push((path.clone(), sides)),
    }
}

fn elements<'a>(
    path: &FieldPath,
    one: &'a Value,
    other: &'a Value,
    found: &mut Vec<(FieldPath, Sides<'a>)>,
) {
    let whole = Sides {
        before: Some(one),
        after: Some(other),
    };
    let Some(segments) = segments(one, other) else {
        found.push((path.clone(), whole));
        return;
    };
    if is_reordered(one, other, &segments) {
        // The order is a part of the wish: init containers run in theirs.
        found.push((path.clone(), whole));
        return;
    }
    for segment in segments {
        let sides = Sides {
            before: element(one, &segment),
            after: element(other, &segment),
        };
        walk(&path.and(segment), sides, found);
    }
}

/// Whether the elements that both lists have stand in another order.
fn is_reordered(one: &Value, other: &Value, segments: &[Segment]) -> bool {
    let place = |list: &Value, segment: &Segment| {
        let item = element(list, segment)?;
        list.as_array()?
            .iter()
            .position(|it| std::ptr::eq(it, item))
    };
    let both = segments
        .iter()
        .filter(|segment| place(one, segment).is_some());
    let places: Vec<usize> = both.filter_map(|segment| place(other, segment)).collect();
    !places.is_sorted()
}

/// The elements of both lists, each once; `None` for lists that are told as a whole.
fn segments(one: &Value, other: &Value) -> Option<Vec<Segment>> {
    let lists = (one.as_array()?, other.as_array()?);
    let all = || lists.0.iter().chain(lists.1);
    if !all().all(Value::is_object) {
        return None;
    }
    let keys = KEYS
        .iter()
        .find(|keys| tell_apart(keys, lists.0) && tell_apart(keys, lists.1));
    let Some(keys) = keys else {
        let longest = lists.0.len().max(lists.1.len());
        return Some((0..longest).map(Segment::Index).collect());
    };
    let mut segments: Vec<Segment> = Vec::new();
    for item in all() {
        let segment = Segment::Element(named(keys, item));
        if !segments.contains(&segment) {
            segments.push(segment);
        }
    }
    Some(segments)
}

fn tell_apart(keys: &[&str], list: &[Value]) -> bool {
    let names: Vec<_> = list.iter().map(|item| named(keys, item)).collect();
    let whole = names.iter().all(|name| name.len() == keys.len());
    let mut places = 0..names.len();
    whole && places.all(|at| !names[..at].contains(&names[at]))
}

fn named(keys: &[&str], item: &Value) -> Vec<(String, Value)> {
    let mut named = Vec::new();
    for key in keys {
        if let Some(value) = item.get(*key).filter(|value| !value.is_null()) {
            named.push(((*key).to_owned(), value.clone()));
        }
    }
    named
}

/// `null` and absent are one to the API server.
fn is_nothing(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}
