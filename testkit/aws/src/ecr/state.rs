//! All that ECR holds, in every account and region.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

use super::{door::Door, replication::Rule, rules::Mutability, tokens::Token};
use crate::{
    clock::{Clock, Moment},
    endpoint::{Asked, Faults, Home, Refusal},
};

/// A repository in an account and a region.
pub(super) type Id = (Home, String);

/// An image as it was pushed.
#[derive(Debug, Clone)]
pub(super) struct Image {
    pub manifest: String,
    pub media_type: String,
    pub pushed_at: Moment,
    pub tags: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Repository {
    pub mutability: Mutability,
    pub created_at: Moment,
    /// What it keeps and for how long, as it was written; nothing is taken away by it.
    pub lifecycle: Option<String>,
    /// By their digests.
    pub images: BTreeMap<String, Image>,
}

pub(super) struct State {
    pub clock: Arc<Clock>,
    pub faults: Arc<Faults>,
    /// Where the registry of each account and region listens.
    pub doors: BTreeMap<Home, Door>,
    pub repositories: BTreeMap<Id, Repository>,
    pub tokens: BTreeMap<String, Token>,
    /// What is replicated to where, from each account and region.
    pub replicated: BTreeMap<Home, Vec<Rule>>,
}

impl State {
    pub fn address(&self, home: &Home) -> Option<SocketAddr> {
        self.doors.get(home).map(Door::address)
    }

    /// The repository that is asked for.
    pub fn repository(&self, asked: &Asked, name: &str) -> Result<&Repository, Refusal> {
        own_registry(asked)?;
        let found = self
            .repositories
            .get(&(asked.home.clone(), name.to_owned()));
        found.ok_or_else(|| {
            let message = format!(
                "The repository with name '{name}' does not exist in the registry with id '{}'",
                asked.home.account
            );
            Refusal::new("RepositoryNotFoundException", message)
        })
    }
}

impl Repository {
    /// The image that a tag or a digest stands for.
    pub fn find(&self, reference: &str) -> Option<(&String, &Image)> {
        self.images
            .iter()
            .find(|(digest, image)| *digest == reference || image.tags.contains(reference))
    }

    /// Keeps what was pushed; a tag leaves the image that had it.
    pub fn keep(&mut self, digest: &str, tag: Option<&str>, image: Image) {
        if let Some(tag) = tag {
            for other in self.images.values_mut() {
                other.tags.remove(tag);
            }
        }
        let kept = self.images.entry(digest.to_owned()).or_insert(image);
        kept.tags.extend(tag.map(str::to_owned));
    }
}

/// What is another account's is none of whoever asks.
pub(super) fn own_registry(asked: &Asked) -> Result<(), Refusal> {
    match asked.parameters.text("registryId") {
        Some(other) if other != asked.home.account => {
            let message = format!(
                "User: {} is not authorized to perform: ecr:{} on the registry {other} because no resource-based policy allows it",
                asked.caller.arn, asked.action
            );
            Err(Refusal::new("AccessDeniedException", message))
        }
        _ => Ok(()),
    }
}
