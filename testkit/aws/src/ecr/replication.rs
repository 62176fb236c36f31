//! What is pushed in one region is brought to others, as the rules of a registry say: one after the other and a moment later. What was there
//! before the rules stays where it is, and nothing of a repository's own settings goes along.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, LOCATION},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{runtime::Handle, sync::mpsc};

use super::{
    door::Door,
    rules::Mutability,
    state::{Id, Image, Repository, State, own_registry},
};
use crate::endpoint::{Asked, Home, Refusal};

/// Where repositories of some names are brought to.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    to: Vec<Home>,
    /// What the names begin with; empty: whatever they are.
    prefixes: Vec<String>,
    /// As it was said.
    said: Value,
}

pub(super) fn put(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    own_registry(asked)?;
    let said = asked.parameters.json()["replicationConfiguration"].clone();
    let rules = said["rules"].as_array().cloned().unwrap_or_default();
    let rules = rules.into_iter().map(|said| rule(&asked.home, said));
    let rules: Vec<Rule> = rules.collect::<Result<_, Refusal>>()?;
    state.replicated.insert(asked.home.clone(), rules);
    Ok(json!({"replicationConfiguration": said}))
}

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Value, Refusal> {
    own_registry(asked)?;
    let rules = state.replicated.get(&asked.home).into_iter().flatten();
    let said: Vec<Value> = rules.map(|rule| rule.said.clone()).collect();
    Ok(json!({"registryId": asked.home.account, "replicationConfiguration": {"rules": said}}))
}

fn rule(home: &Home, said: Value) -> Result<Rule, Refusal> {
    let texts = |list: &str, field: &str| -> Vec<String> {
        let all = said[list].as_array().into_iter().flatten();
        all.filter_map(|it| Some(it[field].as_str()?.to_owned()))
            .collect()
    };
    let regions = texts("destinations", "region");
    let to: Vec<Home> = regions
        .into_iter()
        .zip(texts("destinations", "registryId"))
        .map(|(region, account)| Home { account, region })
        .collect();
    let refuse = |message: &str| Err(Refusal::new("InvalidParameterException", message));
    if to.is_empty() {
        return refuse("A replication rule has one destination or more.");
    }
    if to.contains(home) {
        return refuse("The source registry can't be a destination of its own replication.");
    }
    if to.iter().any(|it| it.account != home.account) {
        return refuse("The registry policy of the destination does not allow replication to it.");
    }
    Ok(Rule {
        to,
        prefixes: texts("repositoryFilters", "filter"),
        said,
    })
}

impl Rule {
    fn fits(&self, repository: &str) -> bool {
        let begins = |prefix: &String| repository.starts_with(prefix.as_str());
        self.prefixes.is_empty() || self.prefixes.iter().any(begins)
    }
}

/// A manifest that was pushed.
#[derive(Debug)]
pub(super) struct Pushed {
    pub repository: String,
    /// Its tag or digest.
    pub reference: String,
    pub kind: String,
    pub manifest: Bytes,
}

/// Brings what is pushed into one registry to others, in the order in which it was.
#[derive(Debug)]
pub(super) struct Replicator(mpsc::UnboundedSender<Pushed>);

impl Replicator {
    /// Of the registry of an account in a region.
    pub fn of(runtime: &Handle, home: &Home, behind: &str, state: &Arc<Mutex<State>>) -> Self {
        let (told, mut pushed) = mpsc::unbounded_channel();
        let bringing = Bringing {
            from: home.clone(),
            behind: behind.to_owned(),
            state: Arc::clone(state),
            way: Client::builder(TokioExecutor::new()).build_http(),
        };
        runtime.spawn(async move {
            while let Some(one) = pushed.recv().await {
                // What can't be brought is missing there, which is what is looked for.
                let _missing = bringing.everywhere(&one).await;
            }
        });
        Self(told)
    }

    pub fn tell(&self, pushed: Pushed) {
        // The registry may be ending.
        let _nobody_listens = self.0.send(pushed);
    }
}

struct Bringing {
    from: Home,
    /// The real registry of it.
    behind: String,
    state: Arc<Mutex<State>>,
    way: Client<HttpConnector, Full<Bytes>>,
}

impl Bringing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn everywhere(&self, pushed: &Pushed) -> Result<()> {
        let destinations: BTreeSet<Home> = {
            let state = self.state();
            let rules = state.replicated.get(&self.from).into_iter().flatten();
            let fitting = rules.filter(|rule| rule.fits(&pushed.repository));
            fitting.flat_map(|rule| rule.to.clone()).collect()
        };
        for to in destinations {
            self.bring(pushed, &to).await?;
        }
        Ok(())
    }

    async fn bring(&self, pushed: &Pushed, to: &Home) -> Result<()> {
        let there = self.registry_of(to).await?;
        let name = &pushed.repository;
        for digest in blobs(&pushed.manifest) {
            let from = format!("http://{}/v2/{name}/blobs/{digest}", self.behind);
            let blob = self.ask(Method::GET, &from, "", Bytes::new()).await?;
            self.upload(&there, name, &digest, blob.into_body()).await?;
        }
        let place = format!("http://{there}/v2/{name}/manifests/{}", pushed.reference);
        let manifest = pushed.manifest.clone();
        let put = self.ask(Method::PUT, &place, &pushed.kind, manifest);
        ensure!(put.await?.status() == StatusCode::CREATED, "it is refused");
        self.keep(pushed, to);
        Ok(())
    }

    /// The real registry of the other region; it is made when something is brought there first.
    async fn registry_of(&self, to: &Home) -> Result<String> {
        if let Some(door) = self.state().doors.get(to) {
            return Ok(door.behind());
        }
        let (runtime, home, state) = (Handle::current(), to.clone(), Arc::clone(&self.state));
        let opening = move || Door::open(&runtime, 0, &home, &state);
        let door = tokio::task::spawn_blocking(opening).await??;
        let mut state = self.state();
        Ok(state.doors.entry(to.clone()).or_insert(door).behind())
    }

    async fn upload(&self, there: &str, name: &str, digest: &str, blob: Bytes) -> Result<()> {
        let place = format!("http://{there}/v2/{name}/blobs/uploads/");
        let begun = self.ask(Method::POST, &place, "", Bytes::new()).await?;
        let at = begun.headers().get(LOCATION).context("no location")?;
        let at = at.to_str()?;
        let at = match at.starts_with('/') {
            true => format!("http://{there}{at}"),
            false => at.to_owned(),
        };
        let joint = if at.contains('?') { '&' } else { '?' };
        let whole = format!("{at}{joint}digest={digest}");
        let done = self.ask(Method::PUT, &whole, "application/octet-stream", blob);
        ensure!(done.await?.status() == StatusCode::CREATED, "it is refused");
        Ok(())
    }

    /// A repository that is not there is made, with settings as they are usually.
    fn keep(&self, pushed: &Pushed, to: &Home) {
        let mut state = self.state();
        let now = state.clock.now();
        let id: Id = (to.clone(), pushed.repository.clone());
        let repository = state.repositories.entry(id).or_insert_with(|| Repository {
            mutability: Mutability::usual(),
            created_at: now,
            images: BTreeMap::new(),
            lifecycle: None,
        });
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(&pushed.manifest)));
        let tag = Some(pushed.reference.as_str()).filter(|it| !it.contains(':'));
        let image = Image {
            manifest: String::from_utf8_lossy(&pushed.manifest).into_owned(),
            media_type: pushed.kind.clone(),
            pushed_at: now,
            tags: BTreeSet::new(),
        };
        repository.keep(&digest, tag, image);
    }

    async fn ask(
        &self,
        method: Method,
        place: &str,
        kind: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>> {
        let mut request = Request::builder().method(method).uri(place);
        if !kind.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        let answer = self.way.request(request.body(Full::new(body))?).await?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        ensure!(
            parts.status.is_success(),
            "{place} answers {}",
            parts.status
        );
        Ok(Response::from_parts(parts, body))
    }
}

/// The parts of an image; none, of a list of images: each of those was pushed before it.
fn blobs(manifest: &Bytes) -> Vec<String> {
    let manifest: Value = serde_json::from_slice(manifest).unwrap_or_default();
    let layers = manifest["layers"].as_array().into_iter().flatten();
    let parts = layers.chain([&manifest["config"]]);
    parts
        .filter_map(|part| Some(part["digest"].as_str()?.to_owned()))
        .collect()
}
