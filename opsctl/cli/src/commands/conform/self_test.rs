//! `opsctl conform --self-test`: whether a broken promise would be noticed.

use opsctl_core::conform::{Outcome, Specification, Trial, prove};
use opsctl_core::manifests::Files;
use opsctl_core::{FailureKind, Result};

use crate::session::Session;

/// Breaks everything in memory; ends with 6 when something was not noticed.
///
/// # Errors
/// When the repository can't be read.
pub fn run(session: &Session, files: &dyn Files, specification: &Specification) -> Result<u8> {
    let trials = prove(files, specification)?;
    let bad: Vec<&Trial> = trials
        .iter()
        .filter(|trial| trial.outcome != Outcome::Caught)
        .collect();
    let value = serde_json::json!({ "trials": trials, "caught": trials.len() - bad.len() });
    session.output.answer(&value, || {
        let mut text: String = bad.iter().map(|trial| told(trial)).collect();
        let caught = trials.len() - bad.len();
        text.push_str(&format!("{} breaks tried, {caught} caught\n", trials.len()));
        text
    });
    Ok(match bad.is_empty() {
        true => 0,
        false => FailureKind::PromiseBroken.exit_code(),
    })
}

fn told(trial: &Trial) -> String {
    let Trial {
        line, target, what, ..
    } = trial;
    let came = match &trial.outcome {
        Outcome::Caught => "caught".to_owned(),
        Outcome::Missed => "not noticed".to_owned(),
        Outcome::Strayed { lines } => format!("broke others too: {}", lines.join(", ")),
        Outcome::Unbreakable => "can't be broken, and so proves nothing".to_owned(),
    };
    format!("{line}: {target}: {what}: {came}\n")
}
