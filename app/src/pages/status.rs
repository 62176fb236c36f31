//! What runs here and how it is, a part a line. A part says good, warning or bad in words as well: nothing by colour alone.

use std::time::{Duration, Instant};

use super::beside;
use super::html::{escape, frame};
use super::part::{Health, Part, rows, verdict};
use crate::database::{DatabaseRole, Effects, Mode};
use crate::flags::{NEW_DASHBOARD, Source};
use crate::http::AppState;

const PATIENCE: Duration = Duration::from_secs(2);

/// Looks at every part.
pub async fn look(state: &AppState) -> Vec<Part> {
    let mut parts = vec![process(state), database(state).await];
    parts.extend(beside::parts(state));
    parts.extend([mode(state), flags(state)]);
    parts
}

fn process(state: &AppState) -> Part {
    let stopping = *state.stopping.borrow();
    Part {
        name: "Service",
        what: format!("app {}, answering", env!("CARGO_PKG_VERSION")),
        health: if stopping {
            Health::Warning
        } else {
            Health::Good
        },
        state: if stopping { "stopping" } else { "running" }.into(),
    }
}

async fn database(state: &AppState) -> Part {
    let began = Instant::now();
    let answers = match state.database.read_in_any_mode() {
        Ok(reader) => tokio::time::timeout(PATIENCE, reader.answers())
            .await
            .unwrap_or(false),
        Err(_) => false,
    };
    let what = match state.database.identity() {
        None => "None in use".to_owned(),
        Some(identity) if identity.role == DatabaseRole::Primary => "The primary".to_owned(),
        Some(identity) => format!("A copy ({})", identity.role),
    };
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    Part {
        name: "Database",
        what,
        health: if answers { Health::Good } else { Health::Bad },
        state: match answers {
            true => format!("answers in {milliseconds:.1} ms"),
            false => "does not answer".into(),
        },
    }
}

fn mode(state: &AppState) -> Part {
    let held = state
        .database
        .identity()
        .is_some_and(|identity| identity.effects == Effects::Held);
    let (what, health, state) = match state.database.mode() {
        Mode::Normal if held => ("Reads and writes; mail is held", Health::Warning, "held"),
        Mode::Normal => ("Reads and writes", Health::Good, "normal"),
        Mode::ReadOnly => ("Reads only, for now", Health::Warning, "read-only"),
        Mode::Maintenance => ("Stands aside, for now", Health::Warning, "maintenance"),
    };
    Part {
        name: "Mode",
        what: what.into(),
        health,
        state: state.into(),
    }
}

/// Names of flags are no secret; who is drawn is.
fn flags(state: &AppState) -> Part {
    let standings = state.flags.standings();
    let open = standings.iter().filter(|flag| flag.open).count();
    let overridden: Vec<&str> = standings
        .iter()
        .filter(|flag| flag.source == Source::Environment)
        .map(|flag| flag.name.as_str())
        .collect();
    let what = match overridden.is_empty() {
        true => "From the database".to_owned(),
        false => format!("{} overridden by the environment", overridden.join(", ")),
    };
    Part {
        name: "Feature flags",
        what,
        health: Health::Good,
        state: format!("{open} of {} open", standings.len()),
    }
}

/// The page.
pub fn page(state: &AppState, parts: &[Part]) -> String {
    let (verdict, rows) = (verdict(parts), rows(parts));
    let dashboard = match state.flags.is_on(NEW_DASHBOARD, None) {
        true => DASHBOARD,
        false => "",
    };
    let inside = format!(
        "{verdict}\n<h1>The API service</h1>\n\
         <p class=\"quiet\">Users, posts and comments · {}</p>\n<h2>Parts</h2>\n<div class=\"card\">\n{rows}</div>\n\
         <h2>Go on</h2>\n<div class=\"links\">\n{dashboard}{LINKS}</div>\n",
        escape(state.environment)
    );
    frame("Status", "", &inside)
}

const DASHBOARD: &str =
    "<a href=\"/dashboard\"><b>Dashboard</b>Traffic, response times and yesterday’s figures</a>\n";
const LINKS: &str = "<a href=\"/docs\"><b>Documentation</b>Every route, what it takes and gives</a>\n\
    <a href=\"/openapi.json\"><b>OpenAPI 3.1</b>The same for machines</a>\n\
    <a href=\"/health/ready\"><b>Readiness</b>What decides where requests go</a>\n";
