//! The clusters.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    clock::{Moment, seconds},
    endpoint::{Action, Asked, Home, Refusal, Route},
};

pub(crate) const ROUTES: &[Route] = &[Route {
    method: "GET",
    path: "/clusters/{name}",
    action: "DescribeCluster",
}];

/// An API server that stands for a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// What it is called.
    pub name: String,
    /// Such as `1.34`.
    pub version: String,
    /// Where its API server listens: `https://…`.
    pub endpoint: String,
    /// Who signed that one's certificate, as PEM.
    pub authority: String,
}

/// The clusters of all accounts and regions.
#[derive(Default)]
pub struct Eks(Mutex<Held>);

#[derive(Default)]
struct Held {
    clusters: BTreeMap<(Home, String), (Cluster, Moment)>,
}

impl std::fmt::Debug for Eks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Eks")
    }
}

impl Eks {
    const ACTIONS: &[Action<Held, Value>] = &[Action {
        name: "DescribeCluster",
        honours: &["name"],
        run: describe,
    }];

    /// From now on there is such a cluster in that account and region, in the place of one of the same name.
    pub fn put(&self, account: &str, region: &str, cluster: Cluster) {
        let home = Home {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        let id = (home, cluster.name.clone());
        let now = Moment::now_utc();
        self.held().clusters.insert(id, (cluster, now));
    }

    pub(crate) fn answer(&self, asked: &Asked) -> Result<Value, Refusal> {
        let mut held = self.held();
        (Action::of(Self::ACTIONS, asked)?.run)(&mut held, asked)
    }

    pub(crate) fn reproduced() -> Vec<&'static str> {
        Self::ACTIONS.iter().map(|action| action.name).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let name = asked.parameters.required("name")?;
    let id = (asked.home.clone(), name.to_owned());
    let (cluster, created_at) = held.clusters.get(&id).ok_or_else(|| {
        let message = format!("No cluster found for name: {name}.");
        Refusal::not_found("ResourceNotFoundException", message)
    })?;
    let Home { account, region } = &asked.home;
    Ok(json!({"cluster": {
        "name": cluster.name,
        "arn": format!("arn:aws:eks:{region}:{account}:cluster/{name}"),
        "createdAt": seconds(*created_at),
        "version": cluster.version,
        "endpoint": cluster.endpoint,
        "certificateAuthority": {"data": STANDARD.encode(&cluster.authority)},
        "status": "ACTIVE",
        "accessConfig": {"authenticationMode": "API"},
    }}))
}
