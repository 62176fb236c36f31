//! What Terraform made and manifests need: names of roles, target groups, endpoints. `$(outputs:name)` stands for one of them, and
//! one that is not there stops everything.

use std::collections::BTreeMap;

use serde_json::Value;

use super::checks::together;
use super::manifest::Manifest;
use super::source::{PLACEHOLDER, Source, fault};
use super::walk::each_text;
use crate::failure::{Failure, Result};

/// Texts by name, and the file that they are from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outputs {
    file: String,
    held: BTreeMap<String, Output>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Output {
    Text(String),
    /// Manifests are read by many.
    Sensitive,
}

impl Outputs {
    /// Reads a map of names and values, in YAML or JSON, or what `terraform output -json` prints. A value inside another is
    /// named with a dot (`roles.api`, `cidrs.0`); a list as a whole is joined with commas; `null` is none.
    ///
    /// # Errors
    /// When it is no such map.
    pub fn read(file: &str, text: &str) -> Result<Self> {
        let (_, documents) = Source::read(file, text)?;
        let value = match documents.as_slice() {
            [] => &Value::Null,
            [one] => &one.value,
            several => return Err(no_map(file, several.len())),
        };
        let mut held = BTreeMap::new();
        match value {
            Value::Null => {}
            Value::Object(fields) => {
                for (name, value) in fields {
                    hold(&mut held, name, value);
                }
            }
            _ => return Err(no_map(file, 1)),
        }
        let file = file.to_owned();
        Ok(Self { file, held })
    }

    /// A text with every placeholder filled.
    ///
    /// # Errors
    /// In words, when one cannot be.
    pub fn fill(&self, text: &str) -> std::result::Result<String, String> {
        filled(text, self).map_err(|(placeholder, problem)| format!("{placeholder}: {problem}"))
    }

    fn get(&self, name: &str) -> std::result::Result<&str, String> {
        match self.held.get(name) {
            Some(Output::Text(text)) if !text.is_empty() => Ok(text),
            Some(Output::Text(_)) => Err(format!("the output {name} is empty")),
            Some(Output::Sensitive) => Err(format!(
                "the output {name} is a secret, and a manifest is no place for one"
            )),
            None => Err(format!("there is no output {name}")),
        }
    }
}

fn no_map(file: &str, documents: usize) -> Failure {
    let problem =
        format!("outputs are one map of names and values, not {documents} of another kind");
    fault(file, problem).hint(format!("terraform output -json > {file}"))
}

fn hold(held: &mut BTreeMap<String, Output>, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => match described(fields) {
            Some(Described::Sensitive) => {
                held.insert(name.to_owned(), Output::Sensitive);
            }
            Some(Described::Open(value)) => hold(held, name, value),
            None => {
                for (field, value) in fields {
                    hold(held, &format!("{name}.{field}"), value);
                }
            }
        },
        other => {
            for (index, item) in other.as_array().into_iter().flatten().enumerate() {
                hold(held, &format!("{name}.{index}"), item);
            }
            held.extend(text(other).map(|text| (name.to_owned(), Output::Text(text))));
        }
    }
}

enum Described<'a> {
    Sensitive,
    Open(&'a Value),
}

/// An output as Terraform prints it: its value among what is known about it.
fn described(fields: &serde_json::Map<String, Value>) -> Option<Described<'_>> {
    let sensitive = fields.get("sensitive")?.as_bool()?;
    let value = fields.get("value")?;
    Some(if sensitive {
        Described::Sensitive
    } else {
        Described::Open(value)
    })
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(text).collect();
            Some(items?.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// The manifests with every placeholder filled.
///
/// # Errors
/// With every placeholder that cannot be filled: its file, its line, its field and its name.
pub fn fill_outputs(mut manifests: Vec<Manifest>, outputs: &Outputs) -> Result<Vec<Manifest>> {
    let mut faults = Vec::new();
    for manifest in &mut manifests {
        let unfilled = fill(manifest.value_mut(), outputs);
        for Unfilled {
            field,
            placeholder,
            problem,
        } in unfilled
        {
            let place = manifest.asked_in(&placeholder);
            let id = manifest.id();
            let failure = Failure::usage(format!("{place}: {field} of {id}: {problem}"));
            let file = match outputs.file.as_str() {
                "" => "the file of outputs",
                file => file,
            };
            faults.push(failure.hint(format!("add it to {file}")));
        }
    }
    together(faults)?;
    Ok(manifests)
}

struct Unfilled {
    field: String,
    placeholder: String,
    problem: String,
}

fn fill(value: &mut Value, outputs: &Outputs) -> Vec<Unfilled> {
    let mut unfilled = Vec::new();
    let mut change = |text: &mut String, field: &str| -> std::result::Result<(), ()> {
        if text.contains(PLACEHOLDER) {
            match filled(text, outputs) {
                Ok(new) => *text = new,
                Err((placeholder, problem)) => unfilled.push(Unfilled {
                    field: field.to_owned(),
                    placeholder,
                    problem,
                }),
            }
        }
        Ok(())
    };
    let _never_fails = each_text(value, &mut String::new(), &mut change);
    // What is left stands where no text is filled: in the name of a field, or in an output itself.
    if unfilled.is_empty() && value.to_string().contains(PLACEHOLDER) {
        unfilled.push(Unfilled {
            field: "the name of a field".to_owned(),
            placeholder: PLACEHOLDER.to_owned(),
            problem: "a placeholder is filled in a value alone, and once".to_owned(),
        });
    }
    unfilled
}

/// The first placeholder that cannot be filled, and why.
fn filled(text: &str, outputs: &Outputs) -> std::result::Result<String, (String, String)> {
    let mut new = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(PLACEHOLDER) {
        new.push_str(&rest[..at]);
        let from = &rest[at + PLACEHOLDER.len()..];
        let Some((name, after)) = from.split_once(')') else {
            return Err((
                PLACEHOLDER.to_owned(),
                "the placeholder has no end".to_owned(),
            ));
        };
        let value = outputs.get(name);
        new.push_str(value.map_err(|problem| (format!("{PLACEHOLDER}{name})"), problem))?);
        rest = after;
    }
    new.push_str(rest);
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(text: &str) -> Outputs {
        Outputs::read("outputs.yaml", text).unwrap()
    }

    #[test]
    fn a_plain_map_and_what_terraform_prints_are_the_same() {
        let plain = outputs("roles: {app: arn:x}\ncidrs: [10.0.0.0/24, 10.0.1.0/24]\nport: 8000\n");
        let printed = r#"{"roles": {"sensitive": false, "type": ["map", "string"], "value": {"app": "arn:x"}},
            "cidrs": {"sensitive": false, "value": ["10.0.0.0/24", "10.0.1.0/24"]},
            "port": {"sensitive": false, "value": 8000}}"#;
        assert_eq!(plain, outputs(printed));
        assert_eq!(plain.get("roles.app"), Ok("arn:x"));
        assert_eq!(plain.get("cidrs"), Ok("10.0.0.0/24,10.0.1.0/24"));
        assert_eq!(plain.get("cidrs.1"), Ok("10.0.1.0/24"));
        assert_eq!(plain.get("port"), Ok("8000"));
    }

    #[test]
    fn a_text_may_hold_several() {
        let outputs = outputs("host: db\nport: '5432'\n");
        let text = "$(outputs:host):$(outputs:port)/$(POD_NAME)";
        assert_eq!(filled(text, &outputs).as_deref(), Ok("db:5432/$(POD_NAME)"));
    }

    #[test]
    fn what_is_missing_empty_secret_or_unended_is_not_filled() {
        let outputs = outputs(
            r#"{"empty": "", "password": {"sensitive": true, "value": "x"}, "gone": null}"#,
        );
        for (text, problem) in [
            ("$(outputs:nothing)", "no output nothing"),
            ("$(outputs:gone)", "no output gone"),
            ("$(outputs:empty)", "empty"),
            ("$(outputs:password)", "secret"),
            ("$(outputs:empty", "no end"),
        ] {
            let (_, told) = filled(text, &outputs).unwrap_err();
            assert!(told.contains(problem), "{told}");
        }
    }

    #[test]
    fn outputs_that_are_no_map_are_refused() {
        for text in ["[a]", "a: 1\n---\nb: 2\n", "a: 'x", "just words"] {
            assert!(Outputs::read("outputs.yaml", text).is_err(), "{text}");
        }
    }
}
