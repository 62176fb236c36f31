//! Releases whose first new pod is measured beside the old ones, under real requests.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::place::Place;

/// A service with two pods of which so many requests in a hundred fail, and somebody who asks it all the time.
fn manifests(place: &Place, fails: u32, version: &str) {
    let pods = |name: &str, container: Value| {
        json!({"metadata": {"labels": {"app": name}},
            "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]}})
    };
    let web = json!({"name": "web", "image": "app", "args": ["serve", "8080"],
        "env": [{"name": "FAILS", "value": fails.to_string()}, {"name": "VERSION", "value": version}],
        "ports": [{"name": "metrics", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}});
    let client = json!({"name": "client", "image": "app", "args": ["knock", "http://web:8080/"]});
    let documents = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.namespace}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 8080}]}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": pods("web", web)}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "clients"}, "spec": {
            "replicas": 1, "selector": {"matchLabels": {"app": "clients"}},
            "template": pods("clients", client)}}),
    ];
    let texts: Vec<String> = documents.iter().map(Value::to_string).collect();
    place.write("k8s/all.yaml", &texts.join("\n---\n"));
}

fn served(namespace: &'static str) -> Place {
    let place = Place::with_postgres(namespace);
    place.configured(
        &json!({"gate": {"window": "6s", "min_requests": 20, "error_rate": 0.05,
        "p95_ratio": 3, "p95_floor": "400ms"}}),
    );
    manifests(&place, 0, "1");
    place.well("deploy v1.0.0 --yes");
    place
}

fn seen(place: &Place, path: &str) -> String {
    let words = [
        "get",
        "deployment/web",
        "--namespace",
        place.namespace,
        "--output",
        path,
    ];
    place.ground.lab.kubectl(&words).unwrap()
}

/// Waits until a gate holds the roll-out; what `status` says then.
fn held(place: &Place) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let status = place.json("status");
        if status["held"][0].is_object() {
            return status;
        }
        assert!(Instant::now() < deadline, "{status}");
    }
}

/// How many pods of the newest template the picture shows, and how many in all.
fn pods(status: &Value) -> (usize, usize) {
    let all = status["tree"].as_array().unwrap().iter();
    let web = all.filter(|it| it["object"]["name"] == "web");
    let sets: Vec<Value> = web
        .flat_map(|it| it["branches"].as_array().unwrap().clone())
        .collect();
    let count = |set: &Value| set["branches"].as_array().map_or(0, Vec::len);
    let new = sets.iter().filter(|it| it["condition"] != "leaving");
    (new.map(count).sum(), sets.iter().map(count).sum())
}

#[test]
fn a_roll_out_waits_at_its_first_pod_until_that_is_measured_and_then_goes_on() {
    let place = served("gate-passes");
    manifests(&place, 0, "2");
    let (status, followed, ended) = std::thread::scope(|scope| {
        let deploy = scope.spawn(|| place.run("deploy --yes"));
        let status = held(&place);
        let followed = scope.spawn(|| place.run_within("status --follow", Duration::from_secs(90)));
        (status, followed.join().unwrap(), deploy.join().unwrap())
    });
    assert!(
        followed.stderr.contains("held: Deployment"),
        "{}",
        followed.stderr
    );
    assert!(
        followed.stdout.contains("release 2 of"),
        "{}",
        followed.stdout
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(status["held"][0]["stands"], false, "{status}");
    let (new, all) = pods(&status);
    assert!(new <= 1 && all <= 3, "{status}");
    let shown = place.json("history show 2");
    let looks = shown["release"]["closed"]["gate"]
        .as_array()
        .unwrap()
        .clone();
    let verdicts: Vec<&Value> = looks.iter().map(|it| &it["verdict"]).collect();
    assert_eq!(verdicts, ["pass", "pass"], "{looks:?}");
    assert_eq!(
        (&looks[0]["new"]["pods"], &looks[1]["new"]["pods"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(seen(&place, "jsonpath={.spec.minReadySeconds}"), "");
    assert_eq!(place.json("status")["held"], json!([]));
}

#[test]
fn a_release_whose_first_pod_answers_with_errors_is_taken_back_before_a_second_one_is_made() {
    let place = served("gate-fails");
    manifests(&place, 30, "2");
    let ended = place.run("deploy --yes");
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    assert!(ended.stderr.contains("gate-failed"), "{}", ended.stderr);
    assert_eq!(place.ends(), ["succeeded", "rolled_back"]);
    let shown = place.json("history show 2");
    let look = &shown["evidence"]["gate"][0];
    assert_eq!(look["new"]["pods"], 1, "{look}");
    assert!(look["new"]["failed"].as_u64().unwrap() > 5, "{look}");
    assert_eq!(look["old"]["failed"], 0, "{look}");
    let fails = "jsonpath={.spec.template.spec.containers[0].env[0].value}";
    assert_eq!(seen(&place, fails), "0");
    assert_eq!(place.json("status")["healthy"], true);
}

#[test]
fn a_deploy_killed_while_it_measures_leaves_what_says_so_and_is_resumed() {
    let place = served("gate-killed");
    manifests(&place, 0, "2");
    let mut deploy = place.start("deploy --yes");
    let status = held(&place);
    deploy.kill().unwrap();
    deploy.wait().unwrap();
    assert_eq!(place.ends(), ["succeeded", "open"]);
    let operation = status["held"][0]["operation"].as_str().unwrap().to_owned();
    let told = place.well("status").stdout;
    let hint =
        format!("goes on by itself when its time is over: opsctl operation resume {operation}");
    assert!(told.contains(&hint), "{told}");
    place.well(&format!("operation resume {operation}"));
    assert_eq!(place.ends(), ["succeeded"; 2]);
    assert_eq!(seen(&place, "jsonpath={.spec.minReadySeconds}"), "");
    let shown = place.json("history show 2");
    assert_eq!(
        shown["release"]["closed"]["gate"].as_array().unwrap().len(),
        2
    );
}
