//! `opsctl conform`

mod self_test;
mod surroundings;
mod told;

use std::path::Path;

use opsctl_core::conform::{Planned, Report, Specification, conform, junit, offline, read};
use opsctl_core::{Failure, Result};
use opsctl_local::manifests::ManifestFolder;

use crate::args::ConformArgs;
use crate::session::Session;

/// Holds every line of the specification beside what is there.
///
/// # Errors
/// When the list is wrong, or a line is named that is not in it.
pub async fn run(session: &Session, args: &ConformArgs) -> Result<u8> {
    let files = ManifestFolder::new(session.loaded.folder());
    let specification = read(&files)?;
    known(&specification, &args.lines)?;
    if args.self_test {
        return self_test::run(session, &files, &specification);
    }
    let wanted = |id: &str| args.lines.is_empty() || args.lines.iter().any(|line| line == id);
    let lines = if args.offline {
        let mut lines = offline(&files, &specification);
        lines.retain(|line| wanted(&line.id));
        lines
    } else {
        let surroundings = surroundings::of(session, args).await?;
        conform(&files, &specification, &surroundings, |line| {
            wanted(&line.id)
        })
        .await
    };
    let environment = session.environment.name.as_str();
    let report = Report::of(environment, args.offline, session.now(), lines);
    let planned = match args.allow_planned {
        true => Planned::Allowed,
        false => Planned::Counts,
    };
    if let Some(file) = &args.junit {
        write(file, &junit(&report, planned))?;
    }
    let value = serde_json::to_value(&report).unwrap_or_default();
    session.output.answer(&value, || {
        told::all(&report, planned, session.output.width())
    });
    let failure = report.failure(planned);
    Ok(failure.map_or(0, opsctl_core::FailureKind::exit_code))
}

fn known(specification: &Specification, wanted: &[String]) -> Result<()> {
    match wanted.iter().find(|id| specification.line(id).is_none()) {
        None => Ok(()),
        Some(id) => Err(
            Failure::usage(format!("the specification has no line '{id}'"))
                .hint("opsctl conform --offline shows the ids"),
        ),
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text)
        .map_err(|error| Failure::usage(format!("can't write {}", file.display())).because(error))
}
