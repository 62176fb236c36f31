//! `opsctl restore list`, `discard` and `effects`.

use opsctl_core::Result;
use opsctl_core::engine::OperationKind;
use opsctl_core::names::ScratchName;
use opsctl_core::restore::{
    DiscardCopy, Live, Release, ReleaseEffects, plan_discard, plan_effects,
};
use serde_json::{Value, json};

use super::super::drive::drive;
use super::basis;
use crate::args::EffectsArg;
use crate::output::Table;
use crate::session::Session;

/// The copies, with their expiry.
pub(super) async fn list(session: &Session) -> Result<u8> {
    let copies = session.world().await?.copies.list().await?;
    let documents: Vec<Value> = copies
        .iter()
        .map(|(name, owner, expires)| json!({ "copy": name, "operation": owner, "expires_at": expires }))
        .collect();
    session.output.answer(&json!({ "copies": documents }), || {
        let mut table = Table::new(&["copy", "made by", "expires"]);
        for (name, owner, expires) in &copies {
            table.row([name.to_string(), owner.to_string(), expires.to_string()]);
        }
        table.render()
    });
    Ok(0)
}

/// Removes a copy.
pub(super) async fn discard(session: &Session, name: &str) -> Result<u8> {
    let world = session.world().await?;
    let name = ScratchName::new(name)?;
    let state = world.copies.state(&name).await?;
    let plan = plan_discard(
        &basis(session, OperationKind::RestoreDiscard)?,
        &name,
        &state,
    )?;
    let operation = DiscardCopy::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, |_| format!("{name} is gone")).await
}

/// Releases held effects.
pub(super) async fn effects(session: &Session, what: EffectsArg) -> Result<u8> {
    let world = session.world().await?;
    let live = Live::see(&world).await?;
    let release = match what {
        EffectsArg::Replay => Release::Replay,
        EffectsArg::Discard => Release::Discard,
    };
    let basis = basis(session, OperationKind::RestoreEffects)?;
    let plan = plan_effects(&basis, &live, release)?;
    let operation = ReleaseEffects::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, |_| {
        "outbox and jobs work again".into()
    })
    .await
}
