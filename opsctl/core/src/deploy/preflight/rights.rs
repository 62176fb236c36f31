//! Whether this principal may do all that the plan needs, asked before the first of it is done.

use std::collections::BTreeSet;

use super::finding::{PreflightFinding, Weight};
use crate::deploy::inputs::DeployInputs;
use crate::deploy::waves::watched_kinds;
use crate::failure::Result;
use crate::ports::{Access, Cluster};
use crate::workloads::ObjectKind;

pub(super) async fn missing(
    cluster: &dyn Cluster,
    inputs: &DeployInputs,
) -> Result<Vec<PreflightFinding>> {
    let wanted: Vec<Access> = wanted(inputs).into_iter().collect();
    let denied = cluster.denied(&wanted).await?;
    Ok(denied
        .iter()
        .map(|(access, why)| finding(access, why))
        .collect())
}

fn wanted(inputs: &DeployInputs) -> BTreeSet<Access> {
    let mut wanted = BTreeSet::new();
    for planned in inputs.objects.iter().filter(|planned| planned.changes()) {
        let name = planned.object.reference();
        // A server-side apply is a patch; of what is not there yet, a creation too.
        for verb in ["get", "patch", "create"] {
            wanted.insert(access(verb, &name.kind, name.namespace.as_deref()));
        }
    }
    for pruned in &inputs.prune {
        let name = &pruned.object;
        wanted.insert(access("delete", &name.kind, name.namespace.as_deref()));
    }
    for kind in watched_kinds() {
        for verb in ["list", "watch"] {
            wanted.insert(access(verb, &kind, Some(&inputs.namespace)));
        }
    }
    let logs = access(
        "get",
        &ObjectKind::new("v1", "Pod"),
        Some(&inputs.namespace),
    );
    // A Prometheus is asked with rights of its own.
    if inputs
        .gate
        .as_ref()
        .is_some_and(|gate| gate.prometheus.is_none())
    {
        wanted.insert(Access {
            part: Some("proxy"),
            ..logs.clone()
        });
    }
    wanted.insert(Access {
        part: Some("log"),
        ..logs
    });
    wanted
}

fn access(verb: &'static str, kind: &ObjectKind, namespace: Option<&str>) -> Access {
    Access {
        verb,
        kind: kind.clone(),
        part: None,
        namespace: namespace.map(str::to_owned),
    }
}

fn finding(access: &Access, why: &str) -> PreflightFinding {
    let part = access
        .part
        .map(|part| format!("/{part}"))
        .unwrap_or_default();
    let place = match &access.namespace {
        Some(namespace) => format!("in namespace {namespace}"),
        None => "in the cluster".to_owned(),
    };
    let what = format!("may not {} {}{part} {place}", access.verb, access.kind);
    PreflightFinding {
        weight: Weight::Blocks,
        code: "forbidden".into(),
        object: access.kind.to_string(),
        message: match why.is_empty() {
            true => what,
            false => format!("{what}: {why}"),
        },
        hint: format!(
            "give this principal the right to {} {}{part} {place}",
            access.verb, access.kind
        ),
    }
}
