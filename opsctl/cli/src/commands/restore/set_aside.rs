//! `opsctl restore set-aside`

use opsctl_core::Result;
use opsctl_core::engine::OperationKind;
use opsctl_core::lineage::{Fence, LineageRegister};
use opsctl_core::names::LineageId;
use opsctl_core::restore::{Doomed, Live, RemoveSetAside, plan_removal};
use serde_json::{Value, json};

use super::super::drive::drive;
use super::basis;
use crate::args::SetAsideCommand;
use crate::output::Table;
use crate::session::Session;

pub(super) async fn run(session: &Session, command: &SetAsideCommand) -> Result<u8> {
    match command {
        SetAsideCommand::List => list(session).await,
        SetAsideCommand::Remove { lineage } => remove(session, LineageId(*lineage)).await,
    }
}

async fn list(session: &Session) -> Result<u8> {
    let register = LineageRegister::load(session.store.as_ref()).await?;
    let newest = register.newest_set_aside().map(|aside| aside.lineage_id);
    let documents: Vec<Value> = register
        .set_aside
        .iter()
        .map(|aside| {
            let mut document = serde_json::to_value(aside).unwrap_or_default();
            document["undo_goes_back_to_it"] = (newest == Some(aside.lineage_id)).into();
            document
        })
        .collect();
    session
        .output
        .answer(&json!({ "set_aside": documents }), || {
            let mut table = Table::new(&["lineage", "since", "due", "fence", "undo"]);
            for aside in &register.set_aside {
                table.row([
                    aside.lineage_id.to_string(),
                    aside.since.to_string(),
                    aside
                        .keep_until
                        .map(|due| due.to_string())
                        .unwrap_or_default(),
                    match aside.fence {
                        Fence::Proven => "proven".into(),
                        Fence::Owed => "owed".into(),
                    },
                    match newest == Some(aside.lineage_id) {
                        true => "goes back to it".into(),
                        false => String::new(),
                    },
                ]);
            }
            table.render()
        });
    Ok(0)
}

async fn remove(session: &Session, lineage: LineageId) -> Result<u8> {
    let world = session.world().await?;
    let live = Live::see(&world).await?;
    let doomed = Doomed::see(&world, &live, lineage).await?;
    let basis = basis(session, OperationKind::RestoreSetAside)?;
    let plan = plan_removal(&basis, &live, &doomed)?;
    let operation = RemoveSetAside::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, removed).await
}

/// What a removal came to.
#[must_use]
pub fn removed(result: &Value) -> String {
    let lineage = result["removed"].as_str().unwrap_or_default();
    format!("the database of lineage {lineage} is gone")
}
