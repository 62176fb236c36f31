//! What each operation asks of AWS, and what it holds in memory.

use std::time::Duration;

use anyhow::Result;
use testkit_aws::rds::Delays;

use super::stage::Stage;
use crate::terminal::say;

/// How long each state lasts meanwhile: less than one question.
const A_MOMENT: Duration = Duration::from_secs(2);
const OPERATIONS: [&[&str]; 6] = [
    &["backup", "create"],
    &["backup", "list"],
    &["backup", "copy"],
    &["restore"],
    &["drill", "restore"],
    &["drill", "failover", "--kind", "multi-az", "--yes"],
];
/// What only looks.
const LOOKS: [&str; 4] = ["Describe", "List", "Get", "Assume"];

/// One operation.
#[derive(Debug)]
pub struct Row {
    pub words: String,
    pub wall: Duration,
    /// Questions to AWS, S3 aside.
    pub calls: usize,
    /// Those that change something.
    pub changes: usize,
    /// KiB.
    pub memory: u64,
}

/// Each once: what is counted is the same every time.
pub fn measure(stage: &Stage) -> Result<Vec<Row>> {
    stage.last(Delays::all(A_MOMENT));
    let rows = OPERATIONS.iter().map(|words| counted(stage, words));
    let rows = rows.collect();
    stage.last(Delays::moments());
    rows
}

fn counted(stage: &Stage, words: &[&str]) -> Result<Row> {
    let before = stage.aws().calls().len();
    let seen = stage.opsctl(words)?;
    let calls = stage.calls_since(before);
    let looks = |action: &str| LOOKS.iter().any(|look| action.starts_with(look));
    let row = Row {
        words: format!("opsctl {}", words.join(" ")),
        wall: seen.wall,
        calls: calls.len(),
        changes: calls.iter().filter(|call| !looks(&call.action)).count(),
        memory: seen.memory,
    };
    say(&row.cells().join("  "));
    Ok(row)
}

impl Row {
    pub fn cells(&self) -> Vec<String> {
        vec![
            self.words.clone(),
            format!("{:.1?}", self.wall),
            self.calls.to_string(),
            self.changes.to_string(),
            format!("{} MiB", self.memory / 1024),
        ]
    }
}
