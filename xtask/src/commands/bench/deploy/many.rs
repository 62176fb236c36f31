//! Two thousand objects: made, and looked at again without a change.

use anyhow::Result;

use super::manifests;
use super::series::Row;
use super::stage::{MANY, Stage};
use super::tool::{Expected, Tool, run};
use crate::terminal::say;

const COUNT: u32 = 2_000;

/// Two rows a tool: the first deploy and the one after.
pub fn measure(stage: &Stage) -> Result<Vec<Row>> {
    stage.furnish_with(MANY, &manifests::many(COUNT))?;
    let mut rows = Vec::new();
    for tool in Tool::ALL {
        for moment in ["made", "unchanged"] {
            let name = match tool {
                Tool::Opsctl => "opsctl deploy",
                Tool::Kubectl => "kubectl apply",
                Tool::Helm => "helm upgrade --wait",
            };
            say(&format!("{COUNT} objects, {moment}: {name} …"));
            let ran = run(
                &stage.lab,
                tool,
                stage.deploys(tool, MANY),
                Expected::Success,
            )?;
            rows.push(Row::once(
                tool,
                format!("{COUNT} objects, {moment}: {name}"),
                &ran,
            ));
        }
    }
    Ok(rows)
}
