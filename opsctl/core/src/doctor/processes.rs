//! The application's processes: have they applied what they were told?

use crate::failure::Result;
use crate::ports::{Descriptor, ProcessReport, World};

use super::examination::{Finding, Seen};

pub(super) async fn examine(world: &World) -> Result<Seen> {
    let processes = world.application.processes().await?;
    let Some(descriptor) = world.pointer.read().await? else {
        return Ok((format!("{} running", processes.len()), Vec::new()));
    };
    let findings = processes
        .iter()
        .filter_map(|process| behind(process, &descriptor))
        .collect();
    Ok((format!("{} running", processes.len()), findings))
}

fn behind(process: &ProcessReport, descriptor: &Descriptor) -> Option<Finding> {
    let who = format!("process {} (pid {})", process.process_id, process.pid);
    let what = if process.lineage_id != descriptor.lineage_id {
        format!(
            "{who} serves lineage {}, and the descriptor names {}",
            process.lineage_id, descriptor.lineage_id
        )
    } else if process.generation < descriptor.generation {
        format!(
            "{who} has applied generation {} of {}",
            process.generation, descriptor.generation
        )
    } else {
        return None;
    };
    let cure = format!("end that process and start it again: kill {}", process.pid);
    Some(Finding::trouble(what, cure))
}
