//! `opsctl doctor`

use opsctl_core::doctor::{Check, Diagnosis, Finding, Level, Patience, examine};
use opsctl_core::{FailureKind, Result};

use crate::session::Session;
use crate::world::application_program;

/// Looks at everything; ends with 6 when somebody has to act.
///
/// # Errors
/// When the environment's outside world can't be put together.
pub async fn run(session: &Session) -> Result<u8> {
    let world = session.world().await?;
    // A living holder renews its lease three times in this time.
    let patience = Patience(session.environment.settings.lock.lease.0);
    let mut diagnosis = examine(&world, patience).await;
    diagnosis.checks.push(program()?);
    let value = serde_json::to_value(&diagnosis).unwrap_or_default();
    session.output.answer(&value, || describe(&diagnosis));
    Ok(if diagnosis.is_troubled() {
        FailureKind::PromiseBroken.exit_code()
    } else {
        0
    })
}

/// Without it no drill can show that the application starts on a copy.
fn program() -> Result<Check> {
    let path = application_program()?;
    let missing = Finding {
        level: Level::Trouble,
        what: format!("the application's program is not at {}", path.display()),
        cure: vec!["install app beside opsctl (in this repository: cargo build)".to_owned()],
    };
    Ok(Check {
        name: "application".to_owned(),
        found: Some(path.display().to_string()),
        findings: if path.is_file() {
            Vec::new()
        } else {
            vec![missing]
        },
    })
}

fn describe(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    for check in &diagnosis.checks {
        let found = check.found.as_deref().unwrap_or("can't be looked at");
        let word = match check.findings.iter().map(|finding| finding.level).max() {
            None => "ok",
            Some(Level::Advice) => "advice",
            Some(Level::Trouble) => "trouble",
        };
        text.push_str(&format!("{word:8} {}: {found}\n", check.name));
        for finding in &check.findings {
            text.push_str(&told(finding));
        }
    }
    text
}

fn told(finding: &Finding) -> String {
    let mut text = format!("         {}\n", finding.what);
    for cure in &finding.cure {
        text.push_str(&format!("         → {}\n", cure));
    }
    text
}
