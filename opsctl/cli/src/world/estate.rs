//! What the environment's account of AWS is asked about.

use std::sync::Arc;

use opsctl_aws::AwsEstate;
use opsctl_core::environment::DatabaseTarget;
use opsctl_core::ports::{Estate, World};

use crate::session::Session;

/// Who asks; or why nobody does.
///
/// # Errors
/// In words, where the environment has no account or its state can't be read.
pub async fn of(session: &Session, world: &World) -> Result<Arc<dyn Estate>, String> {
    let environment = &session.environment;
    let Some(aws) = session.aws.clone() else {
        return Err(format!("'{}' names no account of AWS", environment.name));
    };
    let rds = match &environment.settings.database {
        DatabaseTarget::Rds(rds) => Some(rds.as_ref().clone()),
        _ => None,
    };
    let descriptor = world.pointer.read().await;
    let descriptor = descriptor.map_err(|failure| format!("the state can't be read: {failure}"))?;
    let images = environment.settings.images.as_ref();
    Ok(Arc::new(AwsEstate {
        aws,
        rds,
        serving: descriptor.map(|it| it.location),
        repository: images.map(|it| it.repository.path().to_owned()),
    }))
}
