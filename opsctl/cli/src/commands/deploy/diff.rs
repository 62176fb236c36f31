//! `opsctl diff`

use std::collections::BTreeMap;

use opsctl_core::deploy::release::manifests as released;
use opsctl_core::deploy::{
    Difference, OnFailure, Origin, ReleaseNumber, Request, SchemaOutlook, between, prepare,
};
use opsctl_core::{FailureKind, Result};
use serde_json::json;

use super::{changes, images, manifests};
use crate::args::DiffArgs;
use crate::session::Session;

/// Shows what a deploy would change, or in what two releases differ.
///
/// # Errors
/// When the cluster or the store does not answer.
pub async fn run(session: &Session, args: &DiffArgs) -> Result<u8> {
    let differences = match (args.from, args.to) {
        (Some(from), Some(to)) => of_releases(session, from, to).await?,
        (Some(from), None) => against_live(session, Some(ReleaseNumber(from))).await?,
        _ => against_live(session, None).await?,
    };
    let document = json!({ "differences": differences });
    session.output.answer(&document, || {
        let width = session.output.width();
        let lines = differences.iter().map(|it| changes::difference(it, width));
        match differences.is_empty() {
            true => "no difference".into(),
            false => lines.collect(),
        }
    });
    let pending = args.exit_code && !differences.is_empty();
    Ok(if pending {
        FailureKind::Pending.exit_code()
    } else {
        0
    })
}

async fn of_releases(session: &Session, from: u32, to: u32) -> Result<Vec<Difference>> {
    let store = session.store.as_ref();
    let one = released(store, ReleaseNumber(from)).await?;
    let other = released(store, ReleaseNumber(to)).await?;
    Ok(between(&one, &other))
}

/// From what runs to a release, or to what the manifests say.
async fn against_live(session: &Session, to: Option<ReleaseNumber>) -> Result<Vec<Difference>> {
    let world = session.world_on_kubernetes().await?;
    let request = Request {
        manifests: match to {
            Some(number) => released(world.store.as_ref(), number).await?,
            None => manifests::rendered(session)?,
        },
        origin: Origin::Manifests,
        images: images::pinned(&world, &images::running(&world).await?).await?,
        running: BTreeMap::new(),
        migration: None,
        schema: SchemaOutlook::Unknown("a comparison runs nothing".into()),
        on_failure: OnFailure::Keep,
        override_freeze: None,
    };
    Ok(prepare(&world, request).await?.inputs.differences())
}
