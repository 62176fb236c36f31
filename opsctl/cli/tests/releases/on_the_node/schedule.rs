//! What runs with nobody watching, as the API server of a real cluster takes it.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::ground::Ground;

/// Environments of this repository.
const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];

fn rendered(environment: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
    command.args(["--env", environment, "schedule", "render"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let output = command.env_remove("GITHUB_ACTIONS").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn of_kind(manifests: &str, kind: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(manifests);
    let all = documents.map(|it| Value::deserialize(it).unwrap());
    all.filter(|it| it["kind"] == kind).collect()
}

#[test]
fn the_schedules_of_this_repository_are_taken_by_an_api_server_without_a_warning() {
    let ground = Ground::shared();
    // Of the platform's own manifests.
    let platform = include_str!("../../../../../k8s/base/namespace.yaml");
    ground.lab.apply(platform).unwrap();
    for environment in ENVIRONMENTS {
        let manifests = rendered(environment);
        // It says who may be root in there, and has to be real: what is only tried finds it.
        let namespaces = of_kind(&manifests, "Namespace");
        for namespace in &namespaces {
            ground.lab.apply(&namespace.to_string()).unwrap();
        }
        let tried = [
            "apply",
            "--server-side",
            "--dry-run=server",
            "--warnings-as-errors",
            "--force-conflicts",
            "--filename=-",
        ];
        let told = ground.lab.kubectl_reading(&tried, &manifests).unwrap();
        let jobs = of_kind(&manifests, "CronJob");
        assert!(jobs.len() >= 5, "{environment}: {told}");
        for job in jobs {
            let name = job["metadata"]["name"].as_str().unwrap();
            assert!(
                told.contains(&format!(
                    "cronjob.batch/{name} serverside-applied (server dry run)"
                )),
                "{told}"
            );
        }
    }
    // The test would notice: a pod that may do more is warned of.
    let bold = rendered("production").replace("runAsNonRoot: true", "runAsNonRoot: false");
    let tried = [
        "apply",
        "--server-side",
        "--dry-run=server",
        "--warnings-as-errors",
        "--filename=-",
    ];
    let refused = ground.lab.kubectl_reading(&tried, &bold).unwrap_err();
    assert!(
        refused.to_string().contains("would violate PodSecurity"),
        "{refused}"
    );
}
