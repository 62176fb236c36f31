//! The description of the interface for people, made from the one for machines, so that both say the same.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::html::{escape, frame};

/// The order in which a newcomer needs them.
const GROUPS: [(&str, &str); 7] = [
    ("users", "Users"),
    ("auth", "Logging in"),
    ("posts", "Posts"),
    ("comments", "Comments"),
    ("beta", "Beta: version 2"),
    ("payments", "Payments"),
    ("admin", "For administrators"),
];

/// Reading before writing, and taking away last.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page.
pub fn page(document: &Value) -> String {
    let mut inside = String::from(
        "<h1>API documentation</h1>\n<p class=\"quiet\">Sign up, log in, and send the access token as \
         <code>Authorization: Bearer …</code>. Every error is <code>{\"error\", \"message\"}</code>: the first is stable, the \
         second is for people. All of this is there for machines, too: <a href=\"/openapi.json\">OpenAPI 3.1</a>. How the service \
         is at the moment stands on the <a href=\"/\">status page</a>.</p>\n",
    );
    for (tag, heading) in GROUPS {
        let operations = operations(document, tag);
        inside.push_str(&format!("<h2>{heading}</h2>\n"));
        for (path, method, operation) in operations {
            inside.push_str(&operation_card(document, path, method, operation));
        }
    }
    frame("API documentation", "wide", &inside)
}

fn operations<'a>(document: &'a Value, tag: &str) -> Vec<(&'a str, &'a str, &'a Value)> {
    let mut found = Vec::new();
    for (path, item) in members(&document["paths"]) {
        let mut methods: Vec<_> = members(item).collect();
        methods.sort_by_key(|(method, _)| METHODS.iter().position(|own| own == method));
        for (method, operation) in methods {
            let tags = operation["tags"].as_array().into_iter().flatten();
            if tags.into_iter().any(|own| own == tag) {
                found.push((path.as_str(), method.as_str(), operation));
            }
        }
    }
    found
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn operation_card(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let summary = text(&operation["summary"]);
    let lock = match operation["security"].is_array() {
        true => "token",
        false => "open",
    };
    let mut card = format!(
        "<details class=\"card\"><summary><span class=\"method {method}\">{}</span><code>{}</code>\
         <span class=\"quiet\">{summary}</span><span class=\"lock\">{lock}</span></summary><div class=\"inside\">\n",
        method.to_uppercase(),
        escape(path)
    );
    if operation["description"].is_string() {
        let _infallible = writeln!(card, "<p>{}</p>", prose(&operation["description"]));
    }
    card.push_str(&parameters(operation));
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if body.is_object() {
        card.push_str(&fields(document, "Body", body));
    }
    // Errors are the same everywhere and said once, at the top.
    let answers = members(&operation["responses"]).filter(|(status, _)| *status != "default");
    for (status, response) in answers {
        let schema = &response["content"]["application/json"]["schema"];
        let heading = format!("Answer {}", escape(status));
        match schema.is_object() {
            true => card.push_str(&fields(document, &heading, schema)),
            false => card.push_str(&format!("<h3>{heading}</h3>\n")),
        }
    }
    card + "</div></details>\n"
}

fn parameters(operation: &Value) -> String {
    let rows: String = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| {
            let place = format!("in the {}", text(&parameter["in"]));
            row(&parameter["name"], &place, &parameter["description"])
        })
        .collect();
    table("Parameters", &rows)
}

fn fields(document: &Value, heading: &str, schema: &Value) -> String {
    let schema = resolved(document, schema);
    let rows: String = properties(document, schema)
        .into_iter()
        .map(|(name, field)| {
            row(
                &Value::from(name),
                &kind(document, field),
                &field["description"],
            )
        })
        .collect();
    table(heading, &rows)
}

/// Its own, and those of what it is made of.
fn properties<'a>(document: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let own = members(&schema["properties"]).map(|(name, field)| (name.as_str(), field));
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let inherited = parts.flat_map(|part| properties(document, resolved(document, part)));
    own.chain(inherited).collect()
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

/// What is no object is said as what it is; the name of an object leads to it.
fn kind(document: &Value, field: &Value) -> String {
    let meant = resolved(document, field);
    let field = if meant["properties"].is_object() {
        field
    } else {
        meant
    };
    let named = |value: &Value| {
        value["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next().map(str::to_owned))
    };
    let types: Vec<&str> = match &field["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => return escape(&named(field).unwrap_or_default()),
    };
    let mut kind = types.join(" or ");
    if let Some(format) = field["format"].as_str() {
        kind = format!("{kind} ({format})");
    }
    if let Some(of) = named(&field["items"]) {
        kind = format!("{kind} of {of}");
    }
    escape(&kind)
}

fn table(heading: &str, rows: &str) -> String {
    match rows {
        "" => String::new(),
        rows => format!("<h3>{heading}</h3>\n<table>{rows}</table>\n"),
    }
}

fn row(name: &Value, kind: &str, description: &Value) -> String {
    format!(
        "<tr><td><code>{}</code></td><td class=\"quiet\">{kind}</td><td>{}</td></tr>\n",
        text(name),
        prose(description)
    )
}

/// Text in which names stand between backticks.
fn prose(value: &Value) -> String {
    let text = text(value);
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            0 => part.to_owned(),
            _ => format!("<code>{part}</code>"),
        })
        .collect()
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}
