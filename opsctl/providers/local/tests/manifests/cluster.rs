//! The manifests before a real API server: every field is one that it knows, and the pods are ones that the namespace takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};
use testkit::lab::Lab;

use super::overlays::{DRILLERS, MONITORING, OVERLAYS, filled, filled_from, fixtures};

#[test]
fn a_real_api_server_takes_every_object_strictly_and_the_namespace_takes_the_pods() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let lab = Lab::start(&folder.path().join("lab"))?;
    let place = folder.path();
    let definitions = fixtures().join("definitions.yaml");
    apply(&lab, &definitions, &[])?;
    lab.kubectl(&[
        "wait",
        "--for=condition=Established",
        "crd",
        "--all",
        "--timeout=60s",
    ])?;
    let certificates =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cert-manager"}});
    let mut begun = vec![certificates];
    begun.extend(filled("local"));
    begun.extend(filled_from(MONITORING[0]));
    begun.retain(|it| it["kind"] == "Namespace" || it["kind"] == "ServiceAccount");
    apply(&lab, &write(place, "begun", begun)?, &[])?;
    let overlays = OVERLAYS.map(|overlay| (overlay.to_owned(), filled(overlay)));
    let monitoring = MONITORING.map(|folder| (folder.replace('/', "-"), filled_from(folder)));
    for (overlay, objects) in overlays.into_iter().chain(monitoring) {
        let pods = objects.iter().filter_map(pod).collect();
        for (name, objects) in [("objects", objects), ("pods", pods)] {
            let file = write(place, &format!("{overlay}-{name}"), objects)?;
            apply(&lab, &file, &["--dry-run=server", "--validate=strict"])?;
        }
    }
    refuses_what_is_wrong(&lab, place)?;
    planners_change_nothing(&lab, place)?;
    drillers_make_and_end_the_one_namespace_of_drills(&lab, place)
}

fn drillers_make_and_end_the_one_namespace_of_drills(lab: &Lab, place: &Path) -> Result<()> {
    apply(lab, &write(place, "drillers", filled_from(DRILLERS))?, &[])?;
    let driller = ["--as=ada", "--as-group=platform:drillers"];
    let namespace =
        |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let own = write(place, "own", vec![namespace("platform-drill")])?;
    apply(lab, &own, &driller)?;
    let other = write(place, "other", vec![namespace("another")])?;
    let refused = apply(lab, &other, &driller).unwrap_err().to_string();
    assert!(refused.contains("cannot patch resource"), "{refused}");
    let end = |name| {
        let words = ["delete", "namespace", name, "--wait=false"];
        lab.kubectl(&[&words[..], &driller].concat())
    };
    assert!(end("platform").is_err());
    end("platform-drill").map(|_| ())
}

/// Who is in the group of planners may have a dry run of what a deployer may do, and nothing else.
fn planners_change_nothing(lab: &Lab, place: &Path) -> Result<()> {
    let rights = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
    let mut held = filled("production");
    held.retain(|it| {
        let kind = it["kind"].as_str().unwrap_or_default();
        rights.contains(&kind) || kind.starts_with("ValidatingAdmissionPolicy")
    });
    apply(lab, &write(place, "rights", held)?, &[])?;
    let metadata = json!({"name": "planned", "namespace": "platform"});
    let planned = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata});
    let file = write(place, "planned", vec![planned])?;
    let deployer = ["--as=ada", "--as-group=platform:deployers"];
    let planner = [&deployer[..], &["--as-group=platform:planners"]].concat();
    let dry = "--dry-run=server";
    // The server takes a new policy up in its own time.
    let deadline = Instant::now() + Duration::from_secs(30);
    let refused = loop {
        match apply(lab, &file, &planner) {
            Err(refused) => break refused.to_string(),
            Ok(()) => anyhow::ensure!(Instant::now() < deadline, "a planner wrote an object"),
        }
    };
    assert!(refused.contains("planners change nothing"), "{refused}");
    apply(lab, &file, &[&planner[..], &[dry]].concat())?;
    apply(lab, &file, &deployer)?;
    let delete = ["delete", "configmap", "planned", "--namespace=platform"];
    let kept = lab.kubectl(&[&delete[..], &planner].concat()).unwrap_err();
    assert!(
        kept.to_string().contains("planners change nothing"),
        "{kept}"
    );
    lab.kubectl(&[&delete[..], &deployer].concat()).map(|_| ())
}

/// The server does look: a field with a wrong name and a pod that could become root are refused.
fn refuses_what_is_wrong(lab: &Lab, place: &Path) -> Result<()> {
    let mut objects = filled("local");
    let api = objects
        .iter_mut()
        .find(|it| it["kind"] == "Deployment")
        .unwrap();
    let mut root = pod(api).unwrap();
    root["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = json!(true);
    api["spec"]["template"]["spec"]["containers"][0]["redinessProbe"] = json!({});
    let misspelt = api.clone();
    for (name, object, told) in [
        ("misspelt", misspelt, "redinessProbe"),
        ("root", root, "allowPrivilegeEscalation"),
    ] {
        let file = write(place, name, vec![object])?;
        let refused = apply(lab, &file, &["--dry-run=server", "--validate=strict"]).unwrap_err();
        assert!(refused.to_string().contains(told), "{refused}");
    }
    Ok(())
}

fn apply(lab: &Lab, file: &Path, options: &[&str]) -> Result<()> {
    let file = file.display().to_string();
    let apply = ["apply", "--server-side", "--filename", &file];
    lab.kubectl(&[&apply, options].concat()).map(|_| ())
}

fn write(folder: &Path, name: &str, objects: Vec<Value>) -> Result<PathBuf> {
    let file = folder.join(format!("{name}.json"));
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    fs::write(&file, serde_json::to_vec(&list)?)?;
    Ok(file)
}

/// The pod that a workload makes: what the namespace judges.
fn pod(object: &Value) -> Option<Value> {
    let makes = ["Deployment", "StatefulSet", "DaemonSet", "Job"];
    let kind = object["kind"].as_str()?;
    let mut pod = makes
        .contains(&kind)
        .then(|| object["spec"]["template"].clone())?;
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    pod["metadata"]["name"] = object["metadata"]["name"].clone();
    pod["metadata"]["namespace"] = object["metadata"]["namespace"].clone();
    // A StatefulSet adds the volumes that it claims.
    for claim in object["spec"]["volumeClaimTemplates"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let volume = json!({"name": claim["metadata"]["name"], "emptyDir": {}});
        pod["spec"]["volumes"].as_array_mut()?.push(volume);
    }
    Some(pod)
}
