//! Which kinds this server has: asked once a version of a group, and anew only for what was not there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use opsctl_core::workloads::ObjectKind;
use serde::Deserialize;

use crate::at_once::at_once;
use crate::connection::Connection;
use crate::place::{self, Place};
use crate::question::Question;
use crate::trouble::Trouble;

/// What the server has told so far.
#[derive(Debug, Default)]
pub struct Kinds(Mutex<HashMap<String, Version>>);

/// One version of a group: its kinds. Held while it is asked for, so that it is asked for once.
type Version = Arc<tokio::sync::Mutex<Option<BTreeMap<String, Place>>>>;

#[derive(Deserialize)]
struct Resources {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    name: String,
    kind: String,
    namespaced: bool,
}

impl Kinds {
    /// Where one kind is kept, if the server has it.
    pub async fn find(
        &self,
        connection: &Connection,
        kind: &ObjectKind,
    ) -> Result<Option<Place>, Trouble> {
        let mut found = self.find_all(connection, &[kind]).await?;
        Ok(found.remove(kind))
    }

    /// Where each of those kinds is kept that the server has.
    pub async fn find_all(
        &self,
        connection: &Connection,
        kinds: &[&ObjectKind],
    ) -> Result<BTreeMap<ObjectKind, Place>, Trouble> {
        let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for kind in kinds {
            let of_version = wanted.entry(&kind.api_version).or_default();
            of_version.insert(&kind.kind);
        }
        let asked = wanted
            .iter()
            .map(|(version, kinds)| self.of_version(connection, version, kinds));
        let found: Vec<Vec<Place>> = at_once(asked.collect()).await?;
        let found = found.into_iter().flatten();
        Ok(found.map(|place| (place.kind.clone(), place)).collect())
    }

    /// Forgets a version: something of it went away.
    pub fn forget(&self, kind: &ObjectKind) {
        self.versions().remove(&kind.api_version);
    }

    async fn of_version(
        &self,
        connection: &Connection,
        version: &str,
        kinds: &BTreeSet<&str>,
    ) -> Result<Vec<Place>, Trouble> {
        let slot = Arc::clone(self.versions().entry(version.to_owned()).or_default());
        let mut slot = slot.lock().await;
        let is_known =
            |known: &BTreeMap<String, Place>| kinds.iter().all(|it| known.contains_key(*it));
        if !slot.as_ref().is_some_and(is_known) {
            // A definition may have been applied since the last answer.
            *slot = Some(ask(connection, version).await?);
        }
        let known = slot.iter();
        let known = known.flat_map(|known| kinds.iter().filter_map(|kind| known.get(*kind)));
        Ok(known.cloned().collect())
    }

    fn versions(&self) -> std::sync::MutexGuard<'_, HashMap<String, Version>> {
        // Nothing that holds it can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(connection: &Connection, version: &str) -> Result<BTreeMap<String, Place>, Trouble> {
    let question = Question::get(place::version(version));
    let answer: Resources = match connection.read(&question).await {
        Err(trouble) if trouble.code() == Some(404) => return Ok(BTreeMap::new()),
        answer => answer?,
    };
    // A part of a resource has a slash: `pods/log`. Of two resources of one kind the first is the main one.
    let whole = answer.resources.into_iter().rev();
    let whole = whole.filter(|resource| !resource.name.contains('/'));
    let named = whole.map(|resource| {
        let place = Place {
            kind: ObjectKind::new(version, &resource.kind),
            plural: resource.name,
            namespaced: resource.namespaced,
        };
        (resource.kind, place)
    });
    Ok(named.collect())
}
