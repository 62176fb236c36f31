//! `opsctl secrets status`

use opsctl_core::environment::Span;
use opsctl_core::ports::World;
use opsctl_core::secrets::{SecretStanding, Standing, standing};
use opsctl_core::{FailureKind, Result};

use crate::output::Table;
use crate::session::Session;

/// Tells how the secrets stand; ends with 6 when one is overdue, else with 9 when somebody could not be asked.
///
/// # Errors
/// When something can't be asked.
pub async fn run(session: &Session, world: &World) -> Result<u8> {
    let standing = standing(world).await?;
    let value = serde_json::to_value(&standing).unwrap_or_default();
    session
        .output
        .answer(&value, || describe(&standing, session.output.width()));
    Ok(match (standing.is_overdue(), standing.is_unknown()) {
        (true, _) => FailureKind::PromiseBroken.exit_code(),
        (false, true) => FailureKind::Unknown.exit_code(),
        (false, false) => 0,
    })
}

fn describe(standing: &Standing, width: Option<usize>) -> String {
    let mut table = Table::new(&["secret", "age", "due", "stages", "used by"]);
    for secret in &standing.secrets {
        table.row([
            secret.secret.to_string(),
            age(secret),
            secret
                .due_at
                .map_or_else(|| "never made".to_owned(), |due| due.to_string()),
            stages(secret),
            users(secret),
        ]);
    }
    let mut text = table.render_within(width);
    let of_each = standing.secrets.iter().flat_map(|secret| &secret.findings);
    for finding in of_each.chain(&standing.findings) {
        let word = if finding.overdue { "overdue" } else { "look" };
        text.push_str(&format!("{word}: {}\n  → {}\n", finding.what, finding.cure));
    }
    text
}

/// In whole days once it is older than one: seconds say nothing then.
fn age(secret: &SecretStanding) -> String {
    let policy = Span::seconds(secret.policy_seconds);
    match secret.age_seconds {
        None => "none".to_owned(),
        Some(age) if age >= 86_400 => format!("{} of {policy}", Span::days(age / 86_400)),
        Some(age) => format!("{} of {policy}", Span::seconds(age)),
    }
}

fn stages(secret: &SecretStanding) -> String {
    let all = secret.versions.iter().map(|version| {
        let stages: Vec<&str> = version.stages.iter().map(|stage| stage.as_str()).collect();
        let id: String = version.id.0.chars().take(8).collect();
        let login = version.login.as_ref();
        let login = login.map(|login| format!(" ({login})")).unwrap_or_default();
        format!("{} {id}{login}", stages.join("+"))
    });
    all.collect::<Vec<_>>().join(", ")
}

fn users(secret: &SecretStanding) -> String {
    if secret.unasked.is_some() {
        return "unknown".to_owned();
    }
    let all = secret.processes.len();
    let follow = secret.processes.iter().filter(|process| process.follows);
    let mut text = format!("{} of {all} processes", follow.count());
    if !secret.sessions.is_empty() {
        text.push_str(&format!(", {} sessions", secret.sessions.len()));
    }
    text
}
