//! Whether the quotas of a namespace leave room for the pods that a roll-out adds for a while.

use std::collections::BTreeMap;

use serde_json::Value;

use super::finding::{PreflightFinding, Weight};
use crate::deploy::inputs::DeployInputs;
use crate::deploy::live::Live;
use crate::deploy::quantity::Quantity;
use crate::failure::Result;
use crate::ports::{Cluster, Scope};
use crate::workloads::{Object, ObjectKind};

/// What pods ask for, by the names that quotas use.
type Demand = BTreeMap<String, Quantity>;

pub(super) async fn missing(
    cluster: &dyn Cluster,
    inputs: &DeployInputs,
    live: &Live,
) -> Result<Vec<PreflightFinding>> {
    let scope = Scope {
        kind: ObjectKind::new("v1", "ResourceQuota"),
        namespace: Some(inputs.namespace.clone()),
        labels: None,
    };
    let quotas = cluster.list(&scope).await?.objects;
    let mut findings = Vec::new();
    for quota in &quotas {
        let demand = added(inputs, live);
        for (name, wanted) in &demand {
            findings.extend(fault(quota, name, *wanted));
        }
    }
    Ok(findings)
}

fn fault(quota: &Object, name: &str, wanted: Quantity) -> Option<PreflightFinding> {
    let read = |part: &str| Quantity::parse(quota.0["status"][part][name].as_str()?);
    let (hard, used) = (read("hard")?, read("used")?);
    let (free, name_of) = (hard.minus(used), quota.text("/metadata/name"));
    (wanted > free).then(|| PreflightFinding {
        weight: Weight::Blocks,
        code: "quota-headroom".into(),
        object: format!("ResourceQuota {name_of}"),
        message: format!(
            "the roll-out needs {wanted} more of {name} for a while; {free} of {hard} are free"
        ),
        hint: "raise the quota, lower the requests, or roll out with fewer surge pods".into(),
    })
}

/// The most that the roll-out adds at any time: of new workloads all pods, of changed ones their surge.
fn added(inputs: &DeployInputs, live: &Live) -> Demand {
    let mut demand = Demand::new();
    for planned in inputs.objects.iter().filter(|planned| planned.changes()) {
        let object = &planned.object;
        let Some(template) = object.0.pointer("/spec/template/spec") else {
            continue;
        };
        let replicas = object.0["spec"]["replicas"].as_u64().unwrap_or(1);
        let pods = match live.find(&object.reference()) {
            None => replicas,
            Some(found) => {
                let before = found.0["spec"]["replicas"].as_u64().unwrap_or(1);
                replicas.saturating_sub(before) + surge(object, replicas)
            }
        };
        for (name, amount) in of_pod(template) {
            let total = demand.entry(name).or_default();
            *total = total.plus(amount.times(pods));
        }
    }
    demand
}

/// `maxSurge` of a Deployment; 25 % where nothing is said, rounded up.
fn surge(object: &Object, replicas: u64) -> u64 {
    if object.text("/kind") != "Deployment" || object.text("/spec/strategy/type") == "Recreate" {
        return 0;
    }
    match object.0.pointer("/spec/strategy/rollingUpdate/maxSurge") {
        Some(Value::Number(number)) => number.as_u64().unwrap_or(0),
        Some(Value::String(text)) => {
            let percent = text.trim_end_matches('%').parse().unwrap_or(25);
            (replicas * percent).div_ceil(100)
        }
        _ => replicas.div_ceil(4),
    }
}

fn of_pod(template: &Value) -> Demand {
    let mut demand = Demand::from([("pods".to_owned(), Quantity::one())]);
    let containers = template["containers"].as_array().into_iter().flatten();
    for container in containers {
        for part in ["requests", "limits"] {
            let asked = container["resources"][part].as_object();
            for (name, amount) in asked.into_iter().flatten() {
                let Some(amount) = amount.as_str().and_then(Quantity::parse) else {
                    continue;
                };
                let mut names = vec![format!("{part}.{name}")];
                // `cpu` in a quota means `requests.cpu`.
                if part == "requests" {
                    names.push(name.clone());
                }
                for name in names {
                    let total = demand.entry(name).or_default();
                    *total = total.plus(amount);
                }
            }
        }
    }
    demand
}
