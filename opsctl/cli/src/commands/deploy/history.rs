//! `opsctl history`

use opsctl_core::Result;
use opsctl_core::deploy::release::{evidence, history, show};
use opsctl_core::deploy::{Evidence, Origin, Release, ReleaseNumber};
use opsctl_core::engine::{JournalView, Runner};
use serde_json::{Value, json};

use super::changes;
use crate::args::{HistoryArgs, HistoryCommand};
use crate::output::Table;
use crate::session::Session;

/// Lists the releases, or shows one.
///
/// # Errors
/// When the store can't be read, or there is no such release.
pub async fn run(session: &Session, args: &HistoryArgs) -> Result<u8> {
    match args.command {
        None => list(session).await,
        Some(HistoryCommand::Show { release }) => one(session, ReleaseNumber(release)).await,
    }
}

async fn list(session: &Session) -> Result<u8> {
    let releases = history(session.store.as_ref()).await?;
    let document = json!({ "releases": releases });
    session.output.answer(&document, || {
        let mut table = Table::new(&["release", "began", "ended", "images", "by"]);
        for release in releases.iter().rev() {
            table.row([
                release.opened.number.to_string(),
                release.opened.at.to_the_second(),
                release.word().to_owned(),
                images(release),
                release.opened.operation.to_string(),
            ]);
        }
        table.render_within(session.output.width())
    });
    Ok(0)
}

fn images(release: &Release) -> String {
    let images: Vec<String> = release
        .opened
        .images
        .iter()
        .map(|(name, reference)| format!("{name} {}", short(reference)))
        .collect();
    images.join(", ")
}

/// A tag where there is one, else the beginning of the digest.
fn short(reference: &str) -> String {
    let (name, digest) = reference.split_once('@').unwrap_or((reference, ""));
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) => tag.to_owned(),
        None => digest.chars().take(19).collect(),
    }
}

async fn one(session: &Session, number: ReleaseNumber) -> Result<u8> {
    let store = session.store.as_ref();
    let release = show(store, number).await?;
    let journal = JournalView::read(store, &release.opened.operation).await?;
    let seen: Option<Evidence> = evidence(store, number).await?;
    let document = json!({
        "release": release,
        "runner": journal.runner,
        "plan": journal.plan,
        "evidence": seen,
    });
    session.output.answer(&document, || {
        let mut text = head(&release, &journal.runner);
        text.push_str(&changes(&journal.plan, session.output.width()));
        if let Some(seen) = &seen {
            text.push_str(&told(seen));
        }
        text
    });
    Ok(0)
}

fn head(release: &Release, runner: &Runner) -> String {
    let opened = &release.opened;
    let mut lines = vec![
        ("release", opened.number.to_string()),
        ("ended", release.word().to_owned()),
        ("began", opened.at.to_the_second()),
        ("by", format!("{} on {}", runner.principal, runner.host)),
        ("operation", opened.operation.to_string()),
        ("plan", opened.plan_sha256.clone()),
    ];
    if let Some(url) = &runner.ci_url {
        lines.push(("pipeline", url.clone()));
    }
    if let Origin::Release { number } = opened.origin {
        lines.push(("as", format!("release {number}")));
    }
    for (name, reference) in &opened.images {
        lines.push(("image", format!("{name} = {reference}")));
    }
    if let Some(closed) = &release.closed {
        lines.push(("closed", closed.at.to_the_second()));
        lines.extend(closed.causes.iter().map(|cause| ("cause", cause.clone())));
        lines.extend(closed.gate.iter().map(|seen| ("", seen.to_string())));
    }
    lines
        .iter()
        .map(|(name, value)| format!("{name:12}{value}\n"))
        .collect()
}

fn told(seen: &Evidence) -> String {
    let mut text = format!("\nseen at {}\n", seen.at.to_the_second());
    for finding in &seen.findings {
        text.push_str(&format!("  {finding}\n    hint: {}\n", finding.hint));
    }
    for pod in &seen.pods {
        for log in &pod.logs {
            let run = if log.previous {
                "the run before"
            } else {
                "the last run"
            };
            let (pod, container) = (&pod.pod, &log.container);
            text.push_str(&format!("\n{pod} [{container}], {run}:\n"));
            text.extend(log.text.lines().map(|line| format!("  | {line}\n")));
        }
    }
    text.push_str("\nevents:\n");
    for event in &seen.events {
        let (at, object) = (&event.at, &event.object);
        text.push_str(&format!(
            "  {at} {object}: {}: {}\n",
            event.reason, event.message
        ));
    }
    for quota in &seen.quotas {
        text.push_str(&format!("\nquota: {}\n", Value::to_string(quota)));
    }
    for missing in &seen.missing {
        text.push_str(&format!("not kept: {missing}\n"));
    }
    text
}
