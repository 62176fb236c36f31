//! `opsctl env bring-up`: an environment for the first time, part by part. What is done already is found so; what only a person can do is
//! named, with its command. Whatever stopped it, the same command goes on.

mod looks;
mod part;

use clap::Parser;
use opsctl_core::{Failure, Result};

use self::part::{Kind, PARTS, Part};
use crate::args::{Cli, Place};
use crate::in_cluster;
use crate::session::Session;

/// Brings the environment up with that version of the service.
///
/// # Errors
/// At the first part that is missing and that a person has to do, or that failed.
pub async fn run(session: &Session, version: &str) -> Result<u8> {
    for (number, part) in PARTS.iter().enumerate() {
        let place = format!("{} of {}: {}", number + 1, PARTS.len(), part.name);
        match part.kind {
            Kind::Look(look) => {
                let found = looks::look(session, look, version).await;
                let found = found.map_err(|failure| failure.in_context(place.clone()))?;
                session.output.say(&format!("{place}: {found}"));
            }
            Kind::Run(words) => {
                session.output.say(&place);
                let code = carry_out(session, part, &filled(words, version)).await?;
                if code != 0 {
                    return Ok(code);
                }
            }
        }
    }
    let name = &session.environment.name;
    let document = serde_json::json!({"environment": name, "version": version});
    session
        .output
        .conclude(&document, || format!("'{name}' serves {version}"));
    Ok(0)
}

fn filled(words: &[&str], version: &str) -> Vec<String> {
    let fill = |word: &&str| match *word {
        "<version>" => version.to_owned(),
        word => word.to_owned(),
    };
    words.iter().map(fill).collect()
}

/// As somebody would who types it: with its own plan, questions and journal. What needs SQL goes to where the database is.
async fn carry_out(session: &Session, part: &Part, command: &[String]) -> Result<u8> {
    let global = &session.global;
    let mut words = vec!["--env".to_owned(), session.environment.name.to_string()];
    words.extend(global.yes.then(|| "--yes".to_owned()));
    if let Some(name) = &global.confirm {
        words.extend(["--confirm".to_owned(), name.clone()]);
    }
    words.extend_from_slice(command);
    session.output.say(&format!("$ opsctl {}", words.join(" ")));
    if part.needs_sql && global.runner == Place::Cluster {
        return in_cluster::run(session, &words).await;
    }
    let config = session.loaded.path.display().to_string();
    let own = ["opsctl".to_owned(), "--config".to_owned(), config];
    let cli = Cli::try_parse_from(own.iter().chain(&words));
    let mut cli =
        cli.map_err(|error| Failure::usage("a command of our own is none").because(error))?;
    cli.global.kubeconfig.clone_from(&global.kubeconfig);
    Box::pin(super::run(cli, &session.output)).await
}
