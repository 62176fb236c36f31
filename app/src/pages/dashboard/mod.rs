//! The dashboard: how each part is, how requests went in the last minutes, yesterday's key metrics, and what was made of them.
//! Whoever reaches the service may see it where the flag is open to everybody, so it has figures and no names; and it is made at
//! most once in two seconds, so that looking at it costs the database nothing worth mentioning.

mod behind;
mod now;
mod yesterday;

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::html::{escape, frame};
use super::part::{rows, verdict};
use super::status;
use crate::database::{Day, Timestamp};
use crate::flags::NEW_DASHBOARD;
use crate::http::{AppState, no_such_route};

const LASTS: Duration = Duration::from_secs(2);
/// For everything that is asked of the database.
const PATIENCE: Duration = Duration::from_secs(3);

/// The page as it was made last, and when. Whoever comes while it is made waits for it.
pub type Kept = tokio::sync::Mutex<Option<(Instant, String)>>;

/// Where the flag is closed there is nothing at this address.
pub async fn show(State(state): State<AppState>) -> Response {
    if !state.flags.is_on(NEW_DASHBOARD, None) {
        return no_such_route().await.into_response();
    }
    let mut kept = state.dashboard.lock().await;
    let html = match &*kept {
        Some((made, html)) if made.elapsed() < LASTS => html.clone(),
        _ => {
            let html = make(&state).await;
            *kept = Some((Instant::now(), html.clone()));
            html
        }
    };
    super::page(html, "no-store")
}

async fn make(state: &AppState) -> String {
    let now = Timestamp::now();
    let asked = tokio::time::timeout(PATIENCE, async {
        let reader = state.database.read().ok()?;
        let yesterday = Day::of(now).plus(-1);
        let sources = crate::reports::read(&reader, state.environment, yesterday, now);
        let behind = behind::ask(state, &reader, now);
        Some((sources.await.ok(), behind.await.ok()))
    });
    let (sources, behind) = asked.await.ok().flatten().unwrap_or_default();
    let mut parts = status::look(state).await;
    parts.extend(behind::parts(behind.as_ref()));
    let moment = now.with_milliseconds();
    let (day, time) = moment.split_once('T').unwrap_or((&moment, ""));
    let inside = format!(
        "{}\n<h1>Dashboard</h1>\n<p class=\"quiet\">{} · app {} · up {} · as of {day} {} UTC</p>\n{}<h2>Parts</h2>\n\
         <div class=\"card\">\n{}</div>\n{}{}",
        verdict(&parts),
        escape(state.environment),
        env!("CARGO_PKG_VERSION"),
        now::lasted(state.recent.up()),
        time.get(..8).unwrap_or_default(),
        now::section(&state.recent.lately(state)),
        rows(&parts),
        yesterday::section(sources),
        behind::section(behind.as_ref()),
    );
    frame("Dashboard", "wide", &(inside + GO_ON))
}

const GO_ON: &str = "<h2>Go on</h2>\n<div class=\"links\">\n\
    <a href=\"/\"><b>Status</b>What runs here, in short</a>\n\
    <a href=\"/docs\"><b>Documentation</b>Every route, what it takes and gives</a>\n</div>\n";
