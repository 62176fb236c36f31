//! `opsctl metrics`: the promises of an environment for Prometheus, once or for as long as it runs.

mod listen;

use opsctl_core::measures::{measure, render};
use opsctl_core::{Failure, Result};
use serde_json::Value;

use crate::args::MetricsArgs;
use crate::session::Session;

/// Prints them, or answers whoever asks.
///
/// # Errors
/// When they can't be measured, or nobody can be answered.
pub async fn run(session: &Session, args: &MetricsArgs) -> Result<u8> {
    if let Some(address) = args.listen {
        return listen::run(session, address).await;
    }
    let (document, text) = measured(session).await?;
    session.output.answer(&document, || text);
    Ok(0)
}

/// As a document and as text.
async fn measured(session: &Session) -> Result<(Value, String)> {
    let world = crate::world::secrets::watched(session).await?;
    let measures = measure(&world).await?;
    let document = serde_json::to_value(&measures)
        .map_err(|error| Failure::failed("can't write the measures").because(error))?;
    Ok((document, render(&measures)))
}
