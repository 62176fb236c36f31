//! `opsctl schedule render`: manifests to stdout, what they promise to stderr.

use clap::Parser;
use opsctl_core::schedule::{LeftOut, Rendered, Request, Scheduled, in_words, render};
use opsctl_core::{Failure, Result};
use serde_json::{Value, json};

use crate::args::{Cli, ScheduleCommand};
use crate::in_cluster;
use crate::session::Session;

/// Runs a schedule command. Asks nobody and changes nothing.
///
/// # Errors
/// When the environment has no schedule, or one that keeps no promise.
pub fn run(session: &Session, command: &ScheduleCommand) -> Result<u8> {
    let ScheduleCommand::Render = command;
    let rendered = render(&Request {
        environment: &session.environment,
        files: &in_cluster::files(session)?,
        knows: &is_command,
    })?;
    let text = manifests(&rendered)?;
    for task in &rendered.tasks {
        session.output.say(&told(task));
    }
    for LeftOut { task, why } in &rendered.left_out {
        let name = task.setting();
        session
            .output
            .say(&format!("warning: {name} does not run: {why}"));
    }
    session
        .output
        .answer(&document(session, &rendered), || text);
    Ok(0)
}

/// Whether this program takes these words.
fn is_command(words: &[String]) -> bool {
    let program = "opsctl".to_owned();
    Cli::try_parse_from(std::iter::once(&program).chain(words)).is_ok()
}

fn manifests(rendered: &Rendered) -> Result<String> {
    let texts = rendered
        .objects
        .iter()
        .map(|object| serde_yaml::to_string(&object.0));
    let texts: std::result::Result<Vec<String>, _> = texts.collect();
    let texts =
        texts.map_err(|error| Failure::failed("can't write the manifests").because(error))?;
    Ok(texts.join("---\n").trim_end().to_owned())
}

fn told(scheduled: &Scheduled) -> String {
    let Scheduled { cron_job, at, .. } = scheduled;
    let Some(margin) = &scheduled.margin else {
        return format!("{cron_job}: {at}");
    };
    let spare = margin
        .left
        .map(|left| format!(", {} to spare", in_words(left)));
    let (within, worst) = (in_words(margin.promised.within), in_words(margin.worst));
    let (name, spare) = (margin.promised.name, spare.unwrap_or_default());
    format!("{cron_job}: {at}: {worst} at worst of {within} ({name}){spare}")
}

fn document(session: &Session, rendered: &Rendered) -> Value {
    let objects: Vec<&Value> = rendered.objects.iter().map(|object| &object.0).collect();
    json!({
        "environment": session.environment.name,
        "tasks": rendered.tasks,
        "left_out": rendered.left_out,
        "objects": objects,
    })
}
