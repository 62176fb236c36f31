//! What the pod of a run tells.

use crate::workloads::Object;

/// How far a pod is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// It waits; why, where that is known.
    Waiting(String),
    /// It can't begin; why.
    Stuck(String),
    /// It runs.
    Running,
    /// It ended with this exit code.
    Ended(u8),
}

/// Reasons of a container that pass by no waiting.
const STUCK: [&str; 6] = [
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
];

/// What a pod tells of itself.
#[must_use]
pub fn sight(pod: &Object) -> Sight {
    let container = "/status/containerStatuses/0/state";
    let reason = pod.text(&format!("{container}/waiting/reason"));
    let message = pod.text(&format!("{container}/waiting/message"));
    if pod.0.pointer(&format!("{container}/terminated")).is_some() {
        let code = pod.number(&format!("{container}/terminated/exitCode"));
        return Sight::Ended(u8::try_from(code).unwrap_or(u8::MAX));
    }
    if pod.0.pointer(&format!("{container}/running")).is_some() {
        return Sight::Running;
    }
    if STUCK.contains(&reason) {
        return Sight::Stuck(format!("{reason}: {message}"));
    }
    let conditions = pod.items("/status/conditions").iter();
    let unplaced = conditions.filter(|it| it["type"] == "PodScheduled" && it["status"] == "False");
    let why = unplaced.filter_map(|it| it["message"].as_str()).next();
    Sight::Waiting(why.unwrap_or(reason).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(status: serde_json::Value) -> Object {
        Object(json!({"status": status}))
    }

    #[test]
    fn an_end_is_told_by_its_code_and_an_image_that_is_not_there_at_once() {
        let state = |state| pod(json!({"containerStatuses": [{"state": state}]}));
        let ended = state(json!({"terminated": {"exitCode": 7}}));
        let killed = state(json!({"terminated": {"exitCode": 0}}));
        let stuck = state(json!({"waiting": {"reason": "ErrImagePull", "message": "not found"}}));
        assert_eq!(sight(&ended), Sight::Ended(7));
        assert_eq!(sight(&killed), Sight::Ended(0));
        assert_eq!(
            sight(&stuck),
            Sight::Stuck("ErrImagePull: not found".into())
        );
        assert_eq!(sight(&state(json!({"running": {}}))), Sight::Running);
    }

    #[test]
    fn a_pod_that_has_no_node_says_why() {
        let full = json!({"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"});
        let waiting = pod(json!({"conditions": [full]}));
        assert_eq!(
            sight(&waiting),
            Sight::Waiting("0/1 nodes are available".into())
        );
        assert_eq!(sight(&pod(json!({}))), Sight::Waiting(String::new()));
    }
}
