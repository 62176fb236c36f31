//! How a roll-out is held at its first new pods, and which roll-outs are.
//!
//! A pod that is ready serves; the controller goes on when it is *available*, `minReadySeconds` later. A long
//! `minReadySeconds` therefore holds the roll-out exactly where it should be, without a race, and ends by itself: nobody
//! has to live for a held roll-out to go on (docs/decisions/0060-gate.md).

use std::time::Duration;

use serde_json::json;

use crate::deploy::inputs::{ObjectChange, PlannedObject};
use crate::environment::GateSettings;
use crate::workloads::Object;

/// Says of a live object that a gate holds it, and in which release.
pub const HELD: &str = "opsctl/held";
/// The name of the port where pods tell what they measured.
const PORT: &str = "metrics";
/// What the API server sets where the manifest says nothing.
const PROGRESS: i64 = 600;

/// Whether the roll-out may pass its first pods after its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// It goes on by itself when its time is over.
    Waits,
    /// It stands still until somebody decides.
    Stands,
}

/// How a Deployment is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// So long at the most.
    pub span: Duration,
    /// What comes after that.
    pub stance: Stance,
}

impl Hold {
    /// Changes a manifest so that its roll-out is held.
    pub fn put(&self, object: &mut Object, release: &str) {
        let span = i64::try_from(self.span.as_secs()).unwrap_or(PROGRESS);
        let progress = object.0["spec"]["progressDeadlineSeconds"].as_i64();
        let spec = &mut object.0["spec"];
        spec["minReadySeconds"] = json!(spec["minReadySeconds"].as_i64().unwrap_or(0) + span);
        // The API server wants it to be longer, and a pod that serves is no standstill.
        spec["progressDeadlineSeconds"] = json!(progress.unwrap_or(PROGRESS) + span);
        if self.stance == Stance::Stands {
            spec["paused"] = json!(true);
        }
        object.0["metadata"]["annotations"][HELD] = json!(release);
    }
}

/// Whether the roll-out of this object is measured: new pods come into the place of old ones that tell the same.
#[must_use]
pub fn gated(planned: &PlannedObject, gate: &GateSettings) -> bool {
    let object = &planned.object;
    let ObjectChange::Change { fields, .. } = &planned.change else {
        return false;
    };
    let name = object.text("/metadata/name");
    let named = gate.deployments.is_empty() || gate.deployments.iter().any(|it| it == name);
    object.text("/kind") == "Deployment"
        && named
        && port(object, "/spec/template/spec").is_some()
        && fields
            .iter()
            .any(|field| field.path.starts_with("spec.template"))
}

/// The port of a pod where it tells what it measured.
#[must_use]
pub fn port(object: &Object, pod: &str) -> Option<u16> {
    let containers = object.items(&format!("{pod}/containers"));
    let mut ports = containers
        .iter()
        .flat_map(|it| it["ports"].as_array().into_iter().flatten());
    let port = ports.find(|port| port["name"] == PORT)?;
    u16::try_from(port["containerPort"].as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::diff::FieldChange;
    use crate::deploy::waves::Wave;

    fn planned(path: &str, port: &str) -> PlannedObject {
        let object = Object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "app"},
            "spec": {"minReadySeconds": 5, "template": {"spec": {"containers": [
                {"name": "app", "ports": [{"name": port, "containerPort": 9000}]}]}}},
        }));
        let field = FieldChange {
            path: path.into(),
            before: None,
            after: None,
            lines: Vec::new(),
            owner: None,
        };
        PlannedObject {
            wave: Wave::of(&object),
            object,
            change: ObjectChange::Change {
                uid: "1".into(),
                resource_version: "1".into(),
                fields: vec![field],
            },
        }
    }

    #[test]
    fn only_new_pods_with_a_port_for_it_are_measured() {
        let gate = GateSettings::default();
        let image = "spec.template.spec.containers[app].image";
        assert!(gated(&planned(image, "metrics"), &gate));
        assert!(!gated(&planned(image, "web"), &gate));
        assert!(!gated(&planned("spec.replicas", "metrics"), &gate));
        let mut other = gate.clone();
        other.deployments = vec!["auth".into()];
        assert!(!gated(&planned(image, "metrics"), &other));
        let mut new = planned(image, "metrics");
        new.change = ObjectChange::Create;
        assert!(!gated(&new, &gate));
    }

    #[test]
    fn a_held_roll_out_waits_longer_than_its_own_patience_and_says_so() {
        let mut object = planned("", "metrics").object;
        let span = Duration::from_secs(90);
        let stance = Stance::Waits;
        Hold { span, stance }.put(&mut object, "7");
        assert_eq!(object.number("/spec/minReadySeconds"), 95);
        assert_eq!(object.number("/spec/progressDeadlineSeconds"), 690);
        assert_eq!(object.annotation(HELD), Some("7"));
        assert!(object.0["spec"].get("paused").is_none());
    }
}
