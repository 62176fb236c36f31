//! What the specification asks of the manifests, in every overlay, and that what they tell app is what app reads.

use serde_json::{Value, json};

use super::overlays::{OVERLAYS, filled, repository};

const ROLES: [&str; 3] = ["api", "auth", "worker"];

fn one<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let mut found = objects
        .iter()
        .filter(|it| it["kind"] == kind && it["metadata"]["name"] == name);
    found.next().unwrap_or_else(|| panic!("no {kind} {name}"))
}

fn pod(objects: &[Value], role: &str) -> Value {
    one(objects, "Deployment", role)["spec"]["template"]["spec"].clone()
}

fn container(objects: &[Value], role: &str) -> Value {
    pod(objects, role)["containers"][0].clone()
}

#[test]
fn api_starts_with_three_pods_scales_to_ten_at_80_percent_and_is_replaced_one_by_one() {
    for overlay in OVERLAYS {
        let objects = filled(overlay);
        let (api, scaling) = (
            &one(&objects, "Deployment", "api")["spec"],
            &one(&objects, "HorizontalPodAutoscaler", "api")["spec"],
        );
        assert_eq!(api["replicas"], 3);
        assert_eq!(
            (&scaling["minReplicas"], &scaling["maxReplicas"]),
            (&json!(3), &json!(10))
        );
        let target = &scaling["metrics"][0]["resource"];
        assert_eq!(target["name"], "cpu");
        assert_eq!(
            target["target"],
            json!({"type": "Utilization", "averageUtilization": 80})
        );
        for role in ROLES {
            let strategy = &one(&objects, "Deployment", role)["spec"]["strategy"];
            assert_eq!(
                strategy["rollingUpdate"],
                json!({"maxSurge": 1, "maxUnavailable": 0})
            );
            let budget = &one(&objects, "PodDisruptionBudget", role)["spec"];
            assert_eq!(budget["maxUnavailable"], 1);
        }
    }
}

#[test]
fn api_is_sure_of_half_a_core_and_has_no_limit_on_it() {
    for overlay in ["development", "staging", "production"] {
        let resources = &container(&filled(overlay), "api")["resources"];
        assert_eq!(
            resources["requests"],
            json!({"cpu": "500m", "memory": "512Mi"})
        );
        assert_eq!(resources["limits"], json!({"memory": "1Gi"}));
    }
}

#[test]
fn no_pod_is_more_than_it_must_be() {
    for overlay in OVERLAYS {
        let objects = filled(overlay);
        for role in ROLES {
            let (pod, container) = (pod(&objects, role), container(&objects, role));
            assert_eq!(pod["automountServiceAccountToken"], false);
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
            assert_eq!(
                pod["securityContext"]["seccompProfile"]["type"],
                "RuntimeDefault"
            );
            let security = json!({
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            });
            assert_eq!(container["securityContext"], security);
            let account = one(&objects, "ServiceAccount", role);
            assert_eq!(account["automountServiceAccountToken"], false);
            assert_eq!(pod["serviceAccountName"], role);
        }
        let labels = &one(&objects, "Namespace", "platform")["metadata"]["labels"];
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
        assert_eq!(labels["elbv2.k8s.aws/pod-readiness-gate-inject"], "enabled");
        let nobody = &one(&objects, "NetworkPolicy", "nobody")["spec"];
        assert_eq!(
            nobody,
            &json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
        );
    }
}

#[test]
fn probes_ask_over_tls_and_an_ending_fits_into_its_time() {
    for overlay in OVERLAYS {
        let objects = filled(overlay);
        for role in ROLES {
            let (pod, container) = (pod(&objects, role), container(&objects, role));
            for (probe, path) in [
                ("startupProbe", "/health/live"),
                ("readinessProbe", "/health/ready"),
                ("livenessProbe", "/health/live"),
            ] {
                let asked = json!({"path": path, "port": "https", "scheme": "HTTPS"});
                assert_eq!(container[probe]["httpGet"], asked, "{role} {probe}");
            }
            let wait = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64();
            // SHUTDOWN_GRACE, and what app gives requests, tasks and the database.
            let ending = wait.unwrap_or(0) + 5 + 15 + 5 + 5;
            assert!(ending < pod["terminationGracePeriodSeconds"].as_u64().unwrap());
            assert_eq!(wait.is_some(), role != "worker");
        }
    }
}

#[test]
fn secrets_are_read_by_the_pod_itself_in_the_cloud_and_mounted_on_one_machine() {
    let named = |objects: &[Value], name: &str| {
        let container = container(objects, "api");
        let env = container["env"].as_array().unwrap().clone();
        let found = env.into_iter().find(|variable| variable["name"] == name);
        found.map(|variable| variable["value"].as_str().unwrap().to_owned())
    };
    let local = filled("local");
    assert_eq!(
        named(&local, "SECRETS_DIR").as_deref(),
        Some("/etc/app/secrets")
    );
    for overlay in ["development", "staging", "production"] {
        let objects = filled(overlay);
        let ids = named(&objects, "SECRETS_MANAGER_IDS");
        assert_eq!(ids.as_deref(), Some("platform/api-key,platform/database"));
        assert_eq!(named(&objects, "APP_ENV").as_deref(), Some(overlay));
        assert!(objects.iter().all(|object| object["kind"] != "Secret"));
        for role in ROLES {
            let account = &one(&objects, "ServiceAccount", role)["metadata"]["annotations"];
            let own = format!("arn:aws:iam::000000000000:role/platform-{role}");
            assert_eq!(account["eks.amazonaws.com/role-arn"], own);
            let certificate = &one(&objects, "Certificate", role)["spec"];
            assert_eq!(certificate["secretName"], format!("{role}-tls"));
        }
    }
}

#[test]
fn every_variable_is_one_that_app_reads() {
    let reference = repository().join("docs/environment-variables.md");
    let reference = std::fs::read_to_string(reference).unwrap();
    for overlay in OVERLAYS {
        let objects = filled(overlay);
        for role in ROLES {
            for variable in container(&objects, role)["env"].as_array().unwrap() {
                let name = variable["name"].as_str().unwrap();
                assert!(
                    reference.contains(&format!("| `{name}` |")),
                    "{name} of {role}"
                );
                assert!(variable["value"].is_string(), "{name} of {role}");
            }
        }
    }
}

#[test]
fn whatever_a_deployer_may_write_a_planner_may_only_try() {
    let objects = filled("production");
    let policy = one(&objects, "ValidatingAdmissionPolicy", "platform-planners");
    let held = &policy["spec"]["matchConstraints"]["resourceRules"][0]["apiGroups"];
    let writes = |rule: &Value| {
        let verbs = rule["verbs"].as_array().into_iter().flatten();
        let mut verbs = verbs.filter_map(Value::as_str);
        verbs.any(|verb| !["get", "list", "watch"].contains(&verb))
    };
    let mut seen = 0;
    for role in objects.iter().filter(|it| {
        let kind = it["kind"].as_str().unwrap_or_default();
        ["Role", "ClusterRole"].contains(&kind)
    }) {
        for rule in role["rules"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| writes(it))
        {
            for group in rule["apiGroups"].as_array().unwrap() {
                seen += 1;
                assert!(held.as_array().unwrap().contains(group), "{group}");
            }
        }
    }
    assert!(seen >= 8, "only {seen} groups of kinds are written");
}
