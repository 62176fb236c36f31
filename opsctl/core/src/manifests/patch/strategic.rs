//! Patches that look like the object: maps are merged, known lists entry by entry, `null` and `$patch: delete` take away,
//! `$patch: replace` takes the place of what was there.

use serde_json::{Map, Value};

use super::lists::keys_of;
use super::without_identity;
use crate::manifests::Manifest;

/// Whether something is still there after a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

/// Applies a patch to one object.
pub fn apply(manifest: &mut Manifest, patch: &Value) -> Result<Kept, String> {
    let kind = manifest.kind().to_owned();
    let mut patch = without_identity(patch);
    let Some(patch) = patch.as_object_mut() else {
        return Err("a patch is a map".into());
    };
    let Some(fields) = manifest.value_mut().as_object_mut() else {
        return Err("only a map is patched".into());
    };
    match directive(patch)? {
        Directive::Delete => Ok(Kept::No),
        Directive::Replace => Err("`$patch: replace` of a whole object is no patch".into()),
        Directive::Merge => {
            let walk = Walk { kind: &kind };
            walk.map(fields, patch, "").map(|()| Kept::Yes)
        }
    }
}

struct Walk<'a> {
    kind: &'a str,
}

impl Walk<'_> {
    fn map(
        &self,
        into: &mut Map<String, Value>,
        patch: &Map<String, Value>,
        path: &str,
    ) -> Result<(), String> {
        for (field, value) in patch {
            if field.starts_with('$') {
                return Err(format!("the directive `{field}` is not rendered"));
            }
            let path = match path {
                "" => field.clone(),
                path => format!("{path}.{field}"),
            };
            self.field(into, field, value, &path)?;
        }
        Ok(())
    }

    fn field(
        &self,
        into: &mut Map<String, Value>,
        field: &str,
        value: &Value,
        path: &str,
    ) -> Result<(), String> {
        let old = into.remove(field);
        let new = match value {
            Value::Null => None,
            Value::Object(patch) => self.in_map(old, patch, path)?,
            Value::Array(patch) => self.in_list(old, patch, path)?,
            scalar => Some(scalar.clone()),
        };
        if let Some(new) = new {
            into.insert(field.to_owned(), new);
        }
        Ok(())
    }

    fn in_map(
        &self,
        old: Option<Value>,
        patch: &Map<String, Value>,
        path: &str,
    ) -> Result<Option<Value>, String> {
        let mut patch = patch.clone();
        let mut fields = match (directive(&mut patch)?, old) {
            (Directive::Delete, _) => return Ok(None),
            (Directive::Merge, Some(Value::Object(fields))) => fields,
            (Directive::Merge | Directive::Replace, _) => Map::new(),
        };
        self.map(&mut fields, &patch, path)?;
        Ok(Some(Value::Object(fields)))
    }

    fn in_list(
        &self,
        old: Option<Value>,
        patch: &[Value],
        path: &str,
    ) -> Result<Option<Value>, String> {
        let Some(keys) = keys_of(self.kind, path) else {
            if path == "metadata.finalizers" {
                return Err("finalizers are not patched in place".into());
            }
            return Ok(Some(Value::Array(patch.to_vec())));
        };
        let old = match old {
            Some(Value::Array(old)) => old,
            _ => Vec::new(),
        };
        self.entries(old, patch, &Entries { keys, path })
    }

    /// The patch's entries come first where one field tells them apart; where several do, only new ones. So kustomize has it.
    fn entries(
        &self,
        mut old: Vec<Value>,
        patch: &[Value],
        list: &Entries<'_>,
    ) -> Result<Option<Value>, String> {
        let mut first = Vec::new();
        for entry in patch {
            let mut entry = list.map(entry)?.clone();
            let directive = directive(&mut entry)?;
            if entry.is_empty() && directive == Directive::Replace {
                old.clear();
                continue;
            }
            list.has_key(&entry)?;
            let at = list.place_in(&old, &entry)?;
            let before = at.filter(|_| directive != Directive::Replace);
            let mut merged = match before.map(|at| old[at].clone()) {
                Some(Value::Object(fields)) => fields,
                _ => Map::new(),
            };
            if directive != Directive::Delete {
                self.map(&mut merged, &entry, list.path)?;
            }
            match (directive, at) {
                (Directive::Delete, Some(at)) => drop(old.remove(at)),
                (Directive::Delete, None) => {}
                (_, Some(at)) if list.keys.len() > 1 => old[at] = Value::Object(merged),
                (_, at) => {
                    if let Some(at) = at {
                        old.remove(at);
                    }
                    first.push(Value::Object(merged));
                }
            }
        }
        first.append(&mut old);
        Ok((!first.is_empty()).then_some(Value::Array(first)))
    }
}

/// A list whose entries have keys.
struct Entries<'a> {
    keys: &'static [&'static str],
    path: &'a str,
}

impl Entries<'_> {
    fn map<'a>(&self, entry: &'a Value) -> Result<&'a Map<String, Value>, String> {
        let map = entry.as_object();
        map.ok_or_else(|| format!("an entry of {} is a map", self.path))
    }

    fn has_key(&self, entry: &Map<String, Value>) -> Result<(), String> {
        let (first, path) = (self.keys[0], self.path);
        if entry.contains_key(first) {
            return Ok(());
        }
        Err(format!("an entry of {path} has no `{first}`"))
    }

    /// Where the entry stands. Of two keys kustomize finds it by one, and then loses what the patch says: that is refused.
    fn place_in(&self, old: &[Value], entry: &Map<String, Value>) -> Result<Option<usize>, String> {
        let Some(at) = old.iter().position(|one| self.may_be(one, entry)) else {
            return Ok(None);
        };
        for key in self.keys {
            if old[at].get(*key) != entry.get(*key) {
                return Err(format!(
                    "an entry of {} says `{key}` in the object or in the patch, and not in both",
                    self.path
                ));
            }
        }
        Ok(Some(at))
    }

    /// Whether no key that both say parts them.
    fn may_be(&self, one: &Value, other: &Map<String, Value>) -> bool {
        let agree = |key: &&str| match (one.get(*key), other.get(*key)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        one.get(self.keys[0]).is_some() && self.keys.iter().all(agree)
    }
}

/// What the patch says about itself, taken out of it.
fn directive(patch: &mut Map<String, Value>) -> Result<Directive, String> {
    match patch.remove("$patch") {
        None => Ok(Directive::Merge),
        Some(Value::String(said)) => match said.as_str() {
            "merge" => Ok(Directive::Merge),
            "replace" => Ok(Directive::Replace),
            "delete" => Ok(Directive::Delete),
            other => Err(format!("`$patch: {other}` is not known")),
        },
        Some(other) => Err(format!("`$patch: {other}` is not known")),
    }
}
