//! What there is to look at in the session's environment.

use std::sync::Arc;

use opsctl_core::Result;
use opsctl_core::conform::Surroundings;
use opsctl_core::ports::{Cluster, Outside};
use opsctl_visitor::Website;

use crate::args::ConformArgs;
use crate::commands::deploy::outputs;
use crate::session::Session;
use crate::world;

/// Puts it together; a part that is missing says why, and stops nothing.
///
/// # Errors
/// When the environment has no world at all, or the address is none.
pub async fn of(session: &Session, args: &ConformArgs) -> Result<Surroundings> {
    let world = session.world().await?;
    Ok(Surroundings {
        estate: world::estate::of(session, &world).await,
        world,
        cluster: cluster(session).await,
        outside: outside(args)?,
        outputs: outputs(session).map_err(|failure| failure.to_string()),
    })
}

async fn cluster(session: &Session) -> std::result::Result<Arc<dyn Cluster>, String> {
    if session.environment.settings.workloads.is_none() {
        return Err(format!(
            "'{}' runs nothing on Kubernetes",
            session.environment.name
        ));
    }
    match world::kubernetes::cluster(session).await {
        Ok(cluster) => Ok(cluster),
        Err(failure) => Err(format!("the cluster can't be asked: {failure}")),
    }
}

fn outside(args: &ConformArgs) -> Result<std::result::Result<Arc<dyn Outside>, String>> {
    let Some(url) = &args.url else {
        return Ok(Err("no --url was given".into()));
    };
    let site = Website::at(url, args.authority.as_deref())?;
    Ok(Ok(Arc::new(site)))
}
