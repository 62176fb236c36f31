//! Logstash's pipeline: parsed by a grammar that is not ours, held against the settings that its plugins document, and carried out on
//! events as far as it goes: `date`, `mutate` and `split`. Anything else in it is a fault.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use crate::{
    checkout::Checkout,
    machine::{child, python},
};

const TOOL: &str = "xtask/logstash";
/// What each plugin of Logstash 9 takes, of what we say.
const KNOWN: [(&str, &[&str]); 5] = [
    (
        "http",
        &[
            "port",
            "ecs_compatibility",
            "codec",
            "additional_codecs",
            "remote_host_target_field",
            "request_headers_target_field",
            "ssl_enabled",
            "ssl_certificate",
            "ssl_key",
            "ssl_certificate_authorities",
            "ssl_client_authentication",
            "tags",
        ],
    ),
    ("date", &["match"]),
    ("mutate", &["add_field", "remove_field"]),
    ("split", &["field"]),
    (
        "elasticsearch",
        &[
            "hosts",
            "data_stream",
            "user",
            "password",
            "ssl_certificate_authorities",
        ],
    ),
];

/// Builds the parser.
pub fn require(checkout: &Checkout) -> Result<PathBuf> {
    let programs = python::environment("logstash-parser", &checkout.root.join(TOOL))?;
    Ok(programs.join("python"))
}

/// The three sections.
#[derive(Debug)]
pub struct Pipeline {
    inputs: Vec<Plugin>,
    filters: Vec<Statement>,
    outputs: Vec<Plugin>,
}

#[derive(Debug)]
struct Plugin {
    name: String,
    options: Vec<(String, Value)>,
}

#[derive(Debug)]
enum Statement {
    Do(Plugin),
    /// `if "tag" in [tags]`, the one condition that is understood.
    IfTagged(String, Vec<Plugin>),
}

impl Pipeline {
    pub fn read(checkout: &Checkout, python: &Path, file: &Path) -> Result<Self> {
        let mut parse = Command::new(python);
        parse
            .arg(checkout.root.join(TOOL).join("parse.py"))
            .arg(file);
        let tree: Vec<(String, Vec<Value>)> = serde_json::from_slice(&child::output(&mut parse)?)?;
        let [(one, inputs), (two, filters), (three, outputs)] = tree.as_slice() else {
            anyhow::bail!("pipeline.conf has not three sections");
        };
        let names = [one, two, three].map(String::as_str);
        ensure!(names == ["input", "filter", "output"], "{names:?}");
        let plugins = |all: &[Value]| all.iter().map(plugin).collect::<Result<Vec<_>>>();
        Ok(Self {
            inputs: plugins(inputs)?,
            filters: filters.iter().map(statement).collect::<Result<_>>()?,
            outputs: plugins(outputs)?,
        })
    }

    /// Where it listens.
    pub fn ports(&self) -> Vec<u64> {
        let ports = self
            .inputs
            .iter()
            .filter_map(|it| it.option("port")?.as_u64());
        ports.collect()
    }

    /// Settings that nobody knows, and ways that are open to everybody.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let filters = self.filters.iter().flat_map(|it| match it {
            Statement::Do(plugin) => std::slice::from_ref(plugin),
            Statement::IfTagged(_, plugins) => plugins,
        });
        for plugin in self.inputs.iter().chain(filters).chain(&self.outputs) {
            let name = &plugin.name;
            let known = KNOWN.iter().find(|(known, _)| known == name);
            let known = known.map_or(&[][..], |(_, options)| options);
            let unknown = plugin
                .options
                .iter()
                .filter(|(option, _)| !known.contains(&option.as_str()));
            faults.extend(
                unknown.map(|(option, _)| format!("pipeline.conf: {name} takes no {option}")),
            );
        }
        for input in &self.inputs {
            let is = |option: &str, value: &str| input.option(option).is_some_and(|it| it == value);
            let closed = is("ssl_client_authentication", "required")
                && input.option("ssl_enabled") == Some(&Value::Bool(true));
            if !closed {
                faults.push(format!(
                    "pipeline.conf: {:?} takes lines of everybody",
                    input.option("port")
                ));
            }
            // By ECS a codec writes `event.original` into lines, whatever their own `event` is.
            let codec = input
                .option("codec")
                .map(ToString::to_string)
                .unwrap_or_default();
            let plain = is("ecs_compatibility", "disabled") && codec.contains("disabled");
            let one_codec = input.option("additional_codecs") == Some(&Value::Array(Vec::new()));
            if !plain || !one_codec {
                faults.push("pipeline.conf: an input changes the fields of lines".into());
            }
        }
        faults
    }

    /// What becomes of an event that came in by the input with that tag.
    pub fn passed(&self, tag: &str, mut event: Map<String, Value>) -> Vec<Map<String, Value>> {
        event.insert("tags".into(), vec![Value::from(tag)].into());
        let mut events = vec![event];
        for statement in &self.filters {
            let plugins = match statement {
                Statement::Do(plugin) => std::slice::from_ref(plugin),
                Statement::IfTagged(wanted, plugins) if wanted == tag => plugins,
                Statement::IfTagged(..) => continue,
            };
            for plugin in plugins {
                events = events
                    .into_iter()
                    .flat_map(|it| plugin.applied(it))
                    .collect();
            }
        }
        events
    }
}

impl Plugin {
    fn option(&self, name: &str) -> Option<&Value> {
        let found = self.options.iter().find(|(option, _)| option == name);
        found.map(|(_, value)| value)
    }

    fn applied(&self, mut event: Map<String, Value>) -> Vec<Map<String, Value>> {
        match self.name.as_str() {
            "date" => {
                let matched = self.option("match").and_then(|it| it[0].as_str());
                let told = matched.and_then(|field| get(&event, field).cloned());
                event.extend(told.map(|time| ("@timestamp".to_owned(), time)));
            }
            "mutate" => {
                for pair in self
                    .option("add_field")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    let name = pair[0].as_str().unwrap_or_default();
                    put(&mut event, &parts(name), pair[1][0].clone());
                }
                for name in self
                    .option("remove_field")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    event.remove(name.as_str().unwrap_or_default());
                }
            }
            "split" => {
                let field = self
                    .option("field")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let all = event.remove(field);
                let all = all
                    .and_then(|it| it.as_array().cloned())
                    .unwrap_or_default();
                let each = all.into_iter().map(|one| {
                    let mut event = event.clone();
                    event.insert(field.to_owned(), one);
                    event
                });
                return each.collect();
            }
            _ => {}
        }
        vec![event]
    }
}

/// `[a][b]` and `a` are references to fields.
fn parts(reference: &str) -> Vec<&str> {
    let inner = reference.trim_start_matches('[').trim_end_matches(']');
    inner.split("][").collect()
}

fn get<'a>(event: &'a Map<String, Value>, reference: &str) -> Option<&'a Value> {
    let parts = parts(reference);
    let (first, rest) = parts.split_first()?;
    let found = rest
        .iter()
        .try_fold(event.get(*first)?, |value, part| value.get(part))?;
    Some(found)
}

fn put(event: &mut Map<String, Value>, parts: &[&str], value: Value) {
    match parts {
        [] => {}
        [name] => drop(event.insert((*name).to_owned(), value)),
        [name, rest @ ..] => {
            let inner = event
                .entry((*name).to_owned())
                .or_insert_with(|| Map::new().into());
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn statement(tree: &Value) -> Result<Statement> {
    if tree[0] != "if" {
        return Ok(Statement::Do(plugin(tree)?));
    }
    let [condition, branch] = tree[1].as_array().map_or(&[][..], Vec::as_slice) else {
        anyhow::bail!("pipeline.conf: an `else` is not understood: {tree}");
    };
    ensure!(
        condition[1] == "in" && condition[2] == "[tags]",
        "pipeline.conf: not understood: {condition}"
    );
    let tag = condition[0].as_str().context("a tag")?.to_owned();
    let plugins = branch[0].as_array().context("a branch")?.iter().map(plugin);
    Ok(Statement::IfTagged(tag, plugins.collect::<Result<_>>()?))
}

fn plugin(tree: &Value) -> Result<Plugin> {
    let (name, options): (String, Vec<(String, Vec<Value>)>) =
        serde_json::from_value(tree.clone()).with_context(|| tree.to_string())?;
    let options = options.into_iter().map(|(name, mut value)| {
        ensure!(value.len() == 1, "{name} has {} values", value.len());
        Ok((name, value.remove(0)))
    });
    Ok(Plugin {
        name,
        options: options.collect::<Result<_>>()?,
    })
}
