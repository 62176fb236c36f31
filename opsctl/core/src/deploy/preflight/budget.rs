//! Disruption budgets that no node could ever be emptied under.

use super::finding::{PreflightFinding, Weight};
use crate::deploy::inputs::DeployInputs;
use crate::workloads::Object;

/// A budget that allows nothing: harmless for a roll-out, and a node that never empties later.
pub(super) fn deadlocks(inputs: &DeployInputs) -> Vec<PreflightFinding> {
    let objects: Vec<&Object> = inputs
        .objects
        .iter()
        .map(|planned| &planned.object)
        .collect();
    let budgets = objects
        .iter()
        .filter(|object| object.text("/kind") == "PodDisruptionBudget");
    budgets
        .filter_map(|budget| {
            let guarded = objects.iter().find(|object| is_guarded(budget, object))?;
            let why = deadlock(budget, guarded)?;
            Some(PreflightFinding {
                weight: Weight::Warns,
                code: "budget-deadlock".into(),
                object: budget.reference().to_string(),
                message: why,
                hint: "let at least one pod be away: maxUnavailable: 1".into(),
            })
        })
        .collect()
}

fn is_guarded(budget: &Object, workload: &Object) -> bool {
    let wanted = budget.0.pointer("/spec/selector/matchLabels");
    let labels = workload.0.pointer("/spec/template/metadata/labels");
    let (Some(wanted), Some(labels)) = (wanted.and_then(|it| it.as_object()), labels) else {
        return false;
    };
    let same_place = budget.find("/metadata/namespace") == workload.find("/metadata/namespace");
    same_place && !wanted.is_empty() && wanted.iter().all(|(key, value)| labels[key] == *value)
}

fn deadlock(budget: &Object, workload: &Object) -> Option<String> {
    let spec = &budget.0["spec"];
    if spec["maxUnavailable"] == 0 || spec["maxUnavailable"] == "0%" {
        return Some("maxUnavailable is 0: no pod may ever be evicted".into());
    }
    let replicas = workload.0["spec"]["replicas"].as_u64().unwrap_or(1);
    let least = spec["minAvailable"].as_u64();
    let all = spec["minAvailable"] == "100%" || least.is_some_and(|least| least >= replicas);
    all.then(|| {
        let name = workload.reference();
        format!("minAvailable leaves none of the {replicas} replica(s) of {name} to evict")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workload(replicas: u32) -> Object {
        Object(
            json!({"kind": "Deployment", "metadata": {"name": "api", "namespace": "app"},
            "spec": {"replicas": replicas, "template": {"metadata": {"labels": {"app": "api"}}}}}),
        )
    }

    #[test]
    fn a_budget_that_allows_nothing_is_told() {
        for (spec, deadlocked) in [
            (json!({"maxUnavailable": 0}), true),
            (json!({"maxUnavailable": 1}), false),
            (json!({"minAvailable": 3}), true),
            (json!({"minAvailable": 2}), false),
            (json!({"minAvailable": "100%"}), true),
        ] {
            let budget = Object(json!({"kind": "PodDisruptionBudget", "spec": spec}));
            assert_eq!(
                deadlock(&budget, &workload(3)).is_some(),
                deadlocked,
                "{spec}"
            );
        }
    }

    #[test]
    fn only_the_budget_of_the_workload_counts() {
        let budget = |app: &str| {
            Object(
                json!({"kind": "PodDisruptionBudget", "metadata": {"namespace": "app"},
                "spec": {"selector": {"matchLabels": {"app": app}}}}),
            )
        };
        assert!(is_guarded(&budget("api"), &workload(3)));
        assert!(!is_guarded(&budget("worker"), &workload(3)));
    }
}
