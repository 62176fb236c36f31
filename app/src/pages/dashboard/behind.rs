//! What works behind the requests: events on their way, jobs that are due, and the daily report. What the service cannot know,
//! such as the evidence of restore drills, it says where to find.

use super::now::lasted;
use crate::database::{Reader, Timestamp};
use crate::events::{self, Waiting};
use crate::http::AppState;
use crate::jobs::{self, Standing};
use crate::pages::html::escape;
use crate::pages::part::{Health, Part, part};
use crate::reports::{self, Unit};

/// Events and jobs that wait longer have nobody who works on them.
const SOON: i64 = 5 * 60;

/// What the database was asked for.
#[derive(Debug)]
pub struct Behind {
    waiting: Waiting,
    jobs: Standing,
    report: Option<reports::Row>,
    stored: bool,
    now: Timestamp,
}

pub async fn ask(state: &AppState, reader: &Reader, now: Timestamp) -> Result<Behind, sqlx::Error> {
    Ok(Behind {
        waiting: events::waiting(reader).await?,
        jobs: jobs::standing(reader).await?,
        report: reports::last(reader).await?,
        stored: state.storage.is_some(),
        now,
    })
}

/// Those that the status page leaves out.
pub fn parts(behind: Option<&Behind>) -> Vec<Part> {
    let of = |behind: &Behind| {
        [
            events(&behind.waiting, behind.now),
            jobs(&behind.jobs, behind.now),
        ]
    };
    behind.map(of).into_iter().flatten().collect()
}

fn is_late(since: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some_and(|since| now.microseconds() - since.microseconds() > SOON * 1_000_000)
}

fn jobs(standing: &Standing, now: Timestamp) -> Part {
    let (what, health) = match (standing.given_up, is_late(standing.since, now)) {
        (0, false) => (
            "Reports, figures and pruning by the clock".to_owned(),
            Health::Good,
        ),
        (0, true) => (
            "Some have been due for longer than five minutes".to_owned(),
            Health::Warning,
        ),
        (many, _) => (
            format!("{} given up: see the jobs", Unit::count(many)),
            Health::Warning,
        ),
    };
    let state = match standing.waiting {
        0 => "all done".to_owned(),
        many => format!("{} to be done", Unit::count(many)),
    };
    part("Jobs", &what, health, &state)
}

fn events(waiting: &Waiting, now: Timestamp) -> Part {
    let late = is_late(waiting.since, now);
    let (what, health) = match (waiting.given_up, late) {
        (0, false) => (
            "Mails and the audit log follow each change".to_owned(),
            Health::Good,
        ),
        (0, true) => (
            "Some wait for longer than five minutes".to_owned(),
            Health::Warning,
        ),
        (many, _) => (
            format!("{} given up: see the dead letters", Unit::count(many)),
            Health::Warning,
        ),
    };
    let state = match waiting.on_their_way {
        0 => "all delivered".to_owned(),
        many => format!("{} on their way", Unit::count(many)),
    };
    part("Events", &what, health, &state)
}

/// What was made of the figures, and what was proved.
pub fn section(behind: Option<&Behind>) -> String {
    let report = match behind {
        None => "The database could not be asked.".to_owned(),
        Some(Behind {
            report: Some(row),
            now,
            ..
        }) => {
            let ago = now.microseconds() - row.completed_at.microseconds();
            let ago = std::time::Duration::from_micros(u64::try_from(ago).unwrap_or(0));
            let size = Unit::count(row.bytes / 1024);
            format!(
                "Of {}, made {} ago, {size} KiB. Administrators get it at <code>/api/reports/{}</code>.",
                row.day,
                lasted(ago),
                escape(&row.id.to_string())
            )
        }
        Some(Behind { stored: true, .. }) => {
            "None yet: the first is made after 02:00 UTC.".to_owned()
        }
        Some(_) => "None is made: no place for documents was named.".to_owned(),
    };
    format!(
        "<h2>Proof and report</h2>\n<div class=\"card\">\n\
         <div class=\"row\"><span class=\"name\">Daily report</span><span class=\"what\">{report}</span></div>\n\
         <div class=\"row\"><span class=\"name\">Restore drills</span><span class=\"what\">Their evidence is signed and kept where \
         this service cannot touch it: <code>opsctl evidence list</code></span></div>\n</div>\n"
    )
}
