//! From the rendered overlay to what a drill applies. Pure: refuses whatever would reach beyond the drill's own namespace.

use super::{Found, WorkloadInputs};
use crate::deploy::{Wave, set_images};
use crate::environment::{AbroadSettings, Patience};
use crate::failure::{Failure, Result};
use crate::workloads::Object;

/// Marks the service that users come by: it is applied when all else serves.
const DOOR: &str = "opsctl/door";

/// The overlay as it was rendered, and the rules that it is run by.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Its objects.
    pub objects: Vec<Object>,
    /// How long a roll-out may take.
    pub patience: Patience,
    /// The namespace that serves.
    pub serving: String,
}

/// What is run abroad.
///
/// # Errors
/// When the overlay would change anything outside of the drill's namespace, or opens no way for a user.
pub fn inputs(
    settings: &AbroadSettings,
    found: &Found,
    rendered: Rendered,
) -> Result<WorkloadInputs> {
    let (namespace, overlay) = (&settings.namespace, settings.manifests.display());
    let refuse = |what: String| {
        Failure::usage(what)
            .left("nothing was changed")
            .hint(format!(
                "look at {overlay} and `workloads.abroad` in opsctl.yaml"
            ))
    };
    if *namespace == rendered.serving {
        return Err(refuse(format!(
            "the namespace '{namespace}' is the one that serves: a drill ends the one it is given"
        )));
    }
    let mut objects = rendered.objects;
    if let Some(other) = objects.iter().find(|object| !belongs(object, namespace)) {
        let name = other.reference();
        return Err(refuse(format!(
            "{name} lies outside of the namespace '{namespace}'"
        )));
    }
    if !objects
        .iter()
        .any(|object| object.text("/kind") == "Namespace")
    {
        return Err(refuse(format!("the overlay does not make '{namespace}'")));
    }
    objects
        .iter_mut()
        .for_each(|object| set_images(object, &found.images));
    let (doors, mut objects): (Vec<_>, Vec<_>) = objects.into_iter().partition(is_door);
    if doors.is_empty() {
        return Err(refuse(format!(
            "no Service of it is annotated {DOOR}: no user could come"
        )));
    }
    objects.sort_by_key(Wave::of);
    Ok(WorkloadInputs {
        release: found.release,
        cluster: found.cluster.clone(),
        namespace: namespace.clone(),
        images: found.images.clone(),
        objects,
        doors,
        url: settings.url.clone(),
        patience: rendered.patience,
    })
}

/// Load balancers are left alone too: what registers there may be asked by others than the drill.
fn belongs(object: &Object, namespace: &str) -> bool {
    match object.text("/kind") {
        "Namespace" => object.text("/metadata/name") == namespace,
        "Ingress" | "TargetGroupBinding" => false,
        "Service" if object.text("/spec/type") == "LoadBalancer" => false,
        _ => object.text("/metadata/namespace") == namespace,
    }
}

fn is_door(object: &Object) -> bool {
    object.text("/kind") == "Service" && object.annotation(DOOR).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::deploy::ReleaseNumber;

    fn settings() -> AbroadSettings {
        serde_json::from_value(json!({
            "manifests": "k8s/abroad", "namespace": "drill", "repository": "there.example/app", "url": "https://there.example"
        }))
        .unwrap()
    }

    fn found() -> Found {
        Found {
            release: ReleaseNumber(3),
            cluster: "uid".into(),
            server: "https://there".into(),
            images: [("app".to_owned(), "there.example/app@sha256:0".to_owned())].into(),
            secrets: Vec::new(),
        }
    }

    fn object(kind: &str, name: &str, namespace: &str) -> Object {
        Object(
            json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}}),
        )
    }

    fn door() -> Object {
        let mut door = object("Service", "front", "drill");
        door.0["metadata"]["annotations"] = json!({DOOR: "drill"});
        door
    }

    fn of(objects: Vec<Object>) -> Result<WorkloadInputs> {
        let rendered = Rendered {
            objects,
            patience: Patience::default(),
            serving: "platform".into(),
        };
        inputs(&settings(), &found(), rendered)
    }

    #[test]
    fn the_namespace_comes_first_and_the_way_for_users_last() {
        let account = object("ServiceAccount", "api", "drill");
        let made = of(vec![door(), account, object("Namespace", "drill", "")]).unwrap();
        assert_eq!(made.objects[0].text("/kind"), "Namespace");
        assert_eq!(made.objects.len(), 2);
        assert_eq!(made.doors, [door()]);
    }

    #[test]
    fn whatever_reaches_beyond_the_drills_namespace_is_refused() {
        let mut balanced = object("Service", "public", "drill");
        balanced.0["spec"] = json!({"type": "LoadBalancer"});
        for odd in [
            object("ConfigMap", "a", "platform"),
            object("Namespace", "platform", ""),
            object("TargetGroupBinding", "api", "drill"),
            balanced,
            Object(json!({"kind": "ClusterRole", "metadata": {"name": "wide"}})),
        ] {
            let name = odd.reference().to_string();
            let failure = of(vec![object("Namespace", "drill", ""), door(), odd]).unwrap_err();
            assert!(failure.what.starts_with(&name), "{failure}");
        }
    }

    #[test]
    fn an_overlay_without_its_namespace_or_a_way_for_users_is_refused() {
        assert!(of(vec![door()]).is_err());
        assert!(of(vec![object("Namespace", "drill", "")]).is_err());
    }
}
