//! `opsctl drill restore --self-test`

use opsctl_core::Result;
use opsctl_core::drill::{DrillSelfTest, plan_self_test};
use opsctl_core::engine::OperationKind;
use serde_json::Value;

use super::drill::observe;
use super::drive::drive;
use crate::args::DrillRestoreArgs;
use crate::session::Session;

/// Runs the self-test.
///
/// # Errors
/// Whatever stopped it.
pub(super) async fn run(session: &Session, args: &DrillRestoreArgs) -> Result<u8> {
    let world = session.world().await?;
    let mut observed = observe(session, &world, args).await?;
    observed.operation = session.new_operation(OperationKind::DrillSelfTest)?;
    // Written in plans, where JSON readers keep no more than 53 bits.
    let seed = args
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let plan = plan_self_test(&observed, seed, &session.environment)?;
    let test = DrillSelfTest::new(&plan, &world)?;
    drive(session, &plan, &test, report).await
}

/// What the self-test came to: a line for each trial.
#[must_use]
pub(super) fn report(result: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut page = format!(
        "self-test of the verifier on backup {}, seed {}\n",
        text(&result["backup_id"]),
        result["seed"]
    );
    for trial in result["trials"].as_array().into_iter().flatten() {
        let kind = text(&trial["damage"]["kind"]).replace('_', " ");
        let planted = text(&trial["planted"]["detail"]);
        let line = match trial["outcome"].as_str().unwrap_or_default() {
            "quiet" => "quiet   a copy that was left whole".to_owned(),
            "false_alarm" => format!("ALARM   a copy that was left whole: {}", trial["words"]),
            "caught" => format!(
                "caught  {kind}: {planted}\n            by {}: {}",
                text(&trial["level"]),
                text(&trial["words"])
            ),
            "missed" => format!("MISSED  {kind}: {planted} {}", text(&trial["words"])),
            _ => format!("-       {kind}: there is nothing that could be damaged so"),
        };
        page.push_str(&format!("  {line}\n"));
    }
    page.push_str(&format!("  evidence  {}\n", text(&result["evidence"])));
    page
}
