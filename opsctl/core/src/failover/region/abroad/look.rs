//! Whether the release that the environment runs could be run abroad now: long before the day, and before each drill. Changes nothing.

use std::collections::BTreeMap;

use super::namespace;
use crate::deploy::{ReleaseNumber, last_success, release::history, release::show};
use crate::environment::AbroadSettings;
use crate::failure::Result;
use crate::image::{ImageReference, Repository};
use crate::ports::{Abroad, AwayPorts, Part, World};

const NAME: &str = "workloads";
const REGISTRY: &str = "terraform apply: see infra/terraform/modules/registry";

/// What can be run there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The release that the environment runs.
    pub release: ReleaseNumber,
    /// The id of the cluster.
    pub cluster: String,
    /// Where it is asked.
    pub server: String,
    /// The images as they are had there.
    pub images: BTreeMap<String, String>,
    /// The secrets that pods are handed, by name.
    pub secrets: Vec<String>,
}

/// What lacks, and what cures it.
struct Lack(String, &'static str);

type Outcome<T> = Result<std::result::Result<T, Lack>>;

/// Everything that a failover needs, workloads the last of it.
pub async fn look(world: &World, away: &AwayPorts) -> Vec<Part> {
    let mut parts = away.readiness.look().await;
    parts.push(workloads(world, away).await.0);
    parts
}

/// The workloads alone, and what was found of them.
pub async fn workloads(world: &World, away: &AwayPorts) -> (Part, Option<Found>) {
    let Some(abroad) = &away.abroad else {
        let place = &away.place;
        let told = format!(
            "opsctl is told of no cluster in {place}: the deploy there is done by hand, and no drill proves it"
        );
        return (Part::by_hand(NAME, told), None);
    };
    match find(world, abroad.as_ref()).await {
        Ok(Ok(found)) => (ready(abroad.settings(), &found), Some(found)),
        Ok(Err(Lack(what, cure))) => (Part::lacking(NAME, what, cure), None),
        Err(failure) => {
            let why = failure.causes.first().map_or("", String::as_str);
            let what = format!("{}: {why}", failure.what);
            let part = Part::lacking(NAME, what, "runbooks/drill-failover.md");
            (part, None)
        }
    }
}

fn ready(settings: &AbroadSettings, found: &Found) -> Part {
    let told = format!(
        "release {} can run in the namespace '{}' of {}, with {} images and the secrets {}",
        found.release,
        settings.namespace,
        found.server,
        found.images.len(),
        found.secrets.join(", ")
    );
    Part::ready(NAME, told)
}

async fn find(world: &World, abroad: &dyn Abroad) -> Outcome<Found> {
    let (release, images) = match images(world, abroad.settings()).await? {
        Ok(found) => found,
        Err(lack) => return Ok(Err(lack)),
    };
    let settings = abroad.settings();
    let cluster = abroad.cluster().await?;
    let identity = cluster.identity().await?;
    if let Some(pinned) = settings.cluster.as_ref().filter(|it| **it != identity.uid) {
        let what = format!(
            "{} is another cluster: its id is {}, opsctl.yaml says {pinned}",
            identity.server, identity.uid
        );
        return Ok(Err(Lack(what, "check `workloads.abroad` in opsctl.yaml")));
    }
    if let Some(there) = namespace::find(cluster.as_ref(), &settings.namespace).await? {
        let name = &settings.namespace;
        let what = match namespace::owner(&there) {
            Some(operation) => format!("the namespace '{name}' is in use by {operation}"),
            None => format!("the namespace '{name}' is there already, and no drill made it"),
        };
        return Ok(Err(Lack(what, "opsctl operation list")));
    }
    let secrets = abroad.versions().await?.into_keys().collect();
    Ok(Ok(Found {
        release,
        cluster: identity.uid,
        server: identity.server,
        images,
        secrets,
    }))
}

/// The release that serves, and its images where they were replicated to: each of them is there by its digest.
async fn images(
    world: &World,
    settings: &AbroadSettings,
) -> Outcome<(ReleaseNumber, BTreeMap<String, String>)> {
    let store = world.store.as_ref();
    let Some(release) = last_success(&history(store).await?) else {
        let what = "nothing was released yet: there is nothing to run there".to_owned();
        return Ok(Err(Lack(what, "opsctl deploy <version>")));
    };
    let home = world.environment.settings.images.as_ref();
    let home = home.map(|images| &images.repository);
    let mut images = BTreeMap::new();
    for (name, reference) in show(store, release).await?.opened.images {
        let there = moved(reference.parse()?, home, &settings.repository);
        let wanted = there.manifest()?;
        let held = world.registry.find(&there.repository, &wanted).await?;
        if held.is_none() {
            return Ok(Err(Lack(format!("{there} is not there"), REGISTRY)));
        }
        images.insert(name, there.to_string());
    }
    Ok(Ok((release, images)))
}

/// The same content in the other repository; an image of somebody else's is had where it always was.
fn moved(image: ImageReference, home: Option<&Repository>, there: &Repository) -> ImageReference {
    match home == Some(&image.repository) {
        true => ImageReference {
            repository: there.clone(),
            ..image
        },
        false => image,
    }
}
