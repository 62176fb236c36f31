//! `opsctl status`

use opsctl_core::deploy::verdict::{Branch, Condition};
use opsctl_core::deploy::{Held, Status, status, watch_status};
use opsctl_core::{FailureKind, Result};

use super::changes;
use crate::args::StatusArgs;
use crate::session::Session;

/// Says what runs, and what differs from the release.
///
/// # Errors
/// When the cluster or the store does not answer.
pub async fn run(session: &Session, args: &StatusArgs) -> Result<u8> {
    let world = session.world_on_kubernetes().await?;
    let tell = |found: &Status| session.output.say(&text(found, session.output.width()));
    let found = match args.follow {
        true => watch_status(&world, tell).await?,
        false => status(&world).await?,
    };
    let document = serde_json::to_value(&found).unwrap_or_default();
    session
        .output
        .answer(&document, || text(&found, session.output.width()));
    let pending = args.exit_code && (!found.drift.is_empty() || !found.healthy);
    Ok(if pending {
        FailureKind::Pending.exit_code()
    } else {
        0
    })
}

fn text(found: &Status, width: Option<usize>) -> String {
    let mut text = format!(
        "cluster {} ({})\n",
        found.cluster.server, found.cluster.version
    );
    match &found.release {
        None => text.push_str("nothing was released yet\n"),
        Some(release) => {
            let number = release.opened.number;
            let at = release.opened.at.to_the_second();
            text.push_str(&format!("release {number} of {at}\n"));
        }
    }
    if let Some(newest) = found.newest.as_ref().filter(|it| !it.succeeded()) {
        let (number, word) = (newest.opened.number, newest.word());
        text.push_str(&format!(
            "release {number}: {word} (opsctl history show {number})\n"
        ));
    }
    for (name, reference) in &found.images {
        text.push_str(&format!("image {name} = {reference}\n"));
    }
    for branch in &found.tree {
        text.push_str(&tree(branch, 0));
    }
    for finding in &found.findings {
        text.push_str(&format!("{finding}\n  hint: {}\n", finding.hint));
    }
    for held in &found.held {
        let Held {
            object,
            release,
            operation,
            ..
        } = held;
        let until = match held.stands {
            true => "and stands still until somebody decides",
            false => "and goes on by itself when its time is over",
        };
        text.push_str(&format!(
            "held: {object} waits at its first new pods for the gate of release {release}, {until}: \
             opsctl operation resume {operation}\n"
        ));
    }
    for drifted in &found.drift {
        match drifted.gone {
            true => text.push_str(&format!("drift: {} is gone\n", drifted.object)),
            false => text.push_str(&format!("drift: {}\n", drifted.object)),
        }
        for field in &drifted.fields {
            text.push_str(&changes::field(field, width));
        }
    }
    if found.drift.is_empty() && found.release.is_some() {
        text.push_str("nothing differs from the release\n");
    }
    text
}

/// A workload, its replica sets and their pods, each further in.
fn tree(branch: &Branch, depth: usize) -> String {
    let margin = "  ".repeat(depth);
    let condition = word(branch.condition);
    let mut text = format!("{margin}{} {condition}", branch.object);
    if !branch.reason.is_empty() {
        text.push_str(&format!(": {}", branch.reason));
    }
    text.push('\n');
    text.extend(branch.branches.iter().map(|inner| tree(inner, depth + 1)));
    text
}

const fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Good => "good",
        Condition::Waiting => "waiting",
        Condition::Bad => "bad",
        Condition::Leaving => "leaving",
    }
}
