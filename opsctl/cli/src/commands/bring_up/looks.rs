//! Looking at what only a person can make; where it is missing, how to make it.

use std::path::Path;

use opsctl_aws::Side;
use opsctl_core::image::{ImageReference, resolve};
use opsctl_core::state::Key;
use opsctl_core::{Failure, Result};

use super::part::Look;
use crate::session::Session;
use crate::world;

/// What was found, in words.
pub async fn look(session: &Session, what: Look, version: &str) -> Result<String> {
    match what {
        Look::Account => account(session).await,
        Look::State => state(session).await,
        Look::Outputs => outputs(session),
        Look::Database => database(session).await,
        Look::Image => image(session, version).await,
        Look::Evidence => evidence(session).await,
    }
}

async fn account(session: &Session) -> Result<String> {
    let aws = world::account(session)?;
    aws.config(Side::Home).await?;
    Ok(format!(
        "{} in {}",
        aws.settings().account,
        aws.region(Side::Home)
    ))
}

async fn state(session: &Session) -> Result<String> {
    let aws = world::account(session)?;
    let read = session.store.load(&Key::database()).await;
    read.map_err(|error| Failure::from(error).hint(terraform(session, "apply")))?;
    Ok(aws.settings().buckets.state.clone())
}

fn outputs(session: &Session) -> Result<String> {
    let workloads = session.environment.settings.workloads.as_ref();
    let Some(file) = workloads.and_then(|it| it.outputs.as_ref()) else {
        return Ok("manifests ask for none".to_owned());
    };
    let (path, shown) = (
        session.loaded.folder().join(file),
        file.display().to_string(),
    );
    let missing = |why: String| {
        let make = terraform(session, "output -json manifests");
        Failure::usage(format!("{shown} does not say what Terraform made"))
            .cause(why)
            .hint(format!("{make} > {shown}"))
    };
    let text = std::fs::read_to_string(&path).map_err(|error| missing(error.to_string()))?;
    let read: std::result::Result<serde_json::Value, _> = serde_json::from_str(&text);
    read.map_err(|error| missing(error.to_string()))?;
    Ok(shown)
}

async fn database(session: &Session) -> Result<String> {
    let world = session
        .world()
        .await
        .map_err(|failure| failure.hint(terraform(session, "apply")))?;
    let standing = world.provision.standing().await?;
    let found = standing.ok_or_else(|| {
        Failure::failed("Terraform has not made the instance").hint(terraform(session, "apply"))
    })?;
    Ok(found.application.url)
}

async fn image(session: &Session, version: &str) -> Result<String> {
    let images = session.environment.settings.images.as_ref();
    let reference = ImageReference::beside(images.map(|it| &it.repository), version)?;
    let registry = world::registry(&session.loaded.configuration);
    let found = resolve(registry.as_ref(), &reference).await;
    let found = found.map_err(|failure| {
        failure.hint("opsctl image build app --push").hint(format!(
            "opsctl image promote <where it is>:{version} {reference}"
        ))
    })?;
    Ok(found.reference.to_string())
}

/// Said, and no reason to stop: the service serves.
async fn evidence(session: &Session) -> Result<String> {
    let key = session.world().await?.keys.signing_key().await?;
    let public = key.public_key();
    let mut trusted = session.environment.trusted_keys.iter();
    let trusted = trusted.find(|it| it.public_key == public);
    let name = &session.environment.name;
    Ok(match trusted {
        Some(key) => format!("signed by {}", key.id),
        None => format!(
            "none yet: add what `opsctl --env {name} evidence key` prints to trusted_keys in opsctl.yaml"
        ),
    })
}

fn terraform(session: &Session, words: &str) -> String {
    let folder = Path::new("infra/terraform/environments").join(session.environment.name.as_str());
    format!("terraform -chdir={} {words}", folder.display())
}
