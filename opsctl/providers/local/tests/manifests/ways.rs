//! Who asks whom, as configurations say it, and whether the network lets them: the way must be open on both sides, and whoever is asked
//! must show a certificate of that name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::overlays::filled_from;

const ENVIRONMENTS: [&str; 2] = ["staging", "production"];

/// A workload, by its namespace and its name.
type Place = (String, String);

/// Somebody's address of a service within the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    from: Place,
    to: Place,
    port: u64,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn place(object: &Value) -> Place {
    let metadata = &object["metadata"];
    (
        text(&metadata["namespace"]).into(),
        text(&metadata["name"]).into(),
    )
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The platform and what watches it.
fn environment(name: &str) -> Vec<Value> {
    let mut objects = filled_from(&format!("k8s/overlays/{name}"));
    objects.extend(filled_from(&format!("k8s/monitoring/{name}")));
    objects
}

fn pods(objects: &[Value]) -> impl Iterator<Item = &Value> {
    let has_pods = |it: &&Value| it["spec"]["template"]["spec"]["containers"].is_array();
    objects.iter().filter(has_pods)
}

/// Whatever a workload is told: its arguments, its variables, the files that it mounts.
fn told(objects: &[Value], workload: &Value) -> String {
    let pod = &workload["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let namespace = place(workload).0;
    let mut all = format!("{}\n", container["args"]);
    for variable in list(&container["env"]) {
        all.push_str(text(&variable["value"]));
        all.push('\n');
    }
    for volume in list(&pod["volumes"]) {
        let name = text(&volume["configMap"]["name"]);
        let wanted = (namespace.clone(), name.to_owned());
        let of = |it: &&Value| it["kind"] == "ConfigMap" && place(it) == wanted;
        let files = objects.iter().find(of).map(|it| &it["data"]);
        let files = files.and_then(Value::as_object).into_iter().flatten();
        for (_, file) in files {
            all.push_str(text(file));
            all.push('\n');
        }
    }
    all
}

/// The addresses `<service>.<namespace>.svc` in a text, with their ports.
fn addresses(text: &str) -> Vec<(Place, u64)> {
    let is_of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let mut found = Vec::new();
    for (at, _) in text.match_indices(".svc") {
        let before = &text[..at];
        let start = before.rfind(|c| !is_of_a_name(c)).map_or(0, |it| it + 1);
        // Of a pod behind a service, its own name comes first.
        let mut names = before[start..].rsplit('.');
        let (Some(namespace), Some(service)) = (names.next(), names.next()) else {
            continue;
        };
        let rest = &text[at + ".svc".len()..];
        // `host:` and `port:` are two lines in some.
        let rest = rest.strip_prefix(':').or_else(|| {
            let next = rest.trim_start().strip_prefix("port:")?;
            Some(next.trim_start())
        });
        let digits = rest
            .unwrap_or_default()
            .split(|c: char| !c.is_ascii_digit());
        if let Some(port) = digits.into_iter().next().and_then(|it| it.parse().ok()) {
            found.push(((namespace.into(), service.into()), port));
        }
    }
    found
}

/// The port of the pods behind a port of a service.
fn of_pods(objects: &[Value], service: &Place, port: u64) -> u64 {
    let is_it = |it: &&Value| it["kind"] == "Service" && place(it) == *service;
    let found = objects.iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("there is no service {service:?}"));
    let mut ports = list(&found["spec"]["ports"]);
    let target = ports
        .find(|it| it["port"] == port)
        .map(|it| &it["targetPort"]);
    let target = target.unwrap_or_else(|| panic!("{service:?} has no port {port}"));
    let behind = pods(objects).filter(|it| place(it) == *service);
    let containers = behind.flat_map(|it| list(&it["spec"]["template"]["spec"]["containers"]));
    let mut named = containers.flat_map(|it| list(&it["ports"]));
    let container = named.find(|it| it["name"] == *target || it["containerPort"] == *target);
    container
        .and_then(|it| it["containerPort"].as_u64())
        .unwrap()
}

fn ways(objects: &[Value]) -> BTreeSet<Way> {
    let mut all = BTreeSet::new();
    for workload in pods(objects) {
        let from = place(workload);
        for (to, port) in addresses(&told(objects, workload)) {
            if to != from {
                let port = of_pods(objects, &to, port);
                let from = from.clone();
                all.insert(Way { from, to, port });
            }
        }
    }
    all
}

fn selects(selector: &Value, of: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    let mut wanted = wanted.map(|(key, value)| of[key] == *value);
    let mut more = list(&selector["matchExpressions"]).map(|it| {
        assert_eq!(it["operator"], "In", "{it}");
        list(&it["values"]).any(|value| of[text(&it["key"])] == *value)
    });
    wanted.all(|it| it) && more.all(|it| it)
}

fn labels(objects: &[Value], of: &Place) -> Value {
    let found = pods(objects).find(|it| place(it) == *of);
    found.unwrap()["spec"]["template"]["metadata"]["labels"].clone()
}

/// Whether a policy of `own`'s namespace lets it speak to, or be spoken to by, the other.
fn is_open(objects: &[Value], [own, other]: [&Place; 2], port: u64, direction: [&str; 2]) -> bool {
    let (ours, theirs) = (labels(objects, own), labels(objects, other));
    let namespace = serde_json::json!({"kubernetes.io/metadata.name": other.0});
    let [rules, peers] = direction;
    let policies = objects.iter().filter(|it| {
        it["kind"] == "NetworkPolicy"
            && place(it).0 == own.0
            && selects(&it["spec"]["podSelector"], &ours)
    });
    let mut rules = policies.flat_map(|it| list(&it["spec"][rules]));
    rules.any(|rule| {
        let on_port = list(&rule["ports"]).any(|it| it["port"] == port);
        let whom = list(&rule[peers]).any(|peer| {
            let there = match &peer["namespaceSelector"] {
                Value::Null => own.0 == other.0 && peer["podSelector"].is_object(),
                selector => selects(selector, &namespace),
            };
            there && selects(&peer["podSelector"], &theirs)
        });
        on_port && whom
    })
}

#[test]
fn every_way_that_a_configuration_names_is_open_on_both_sides() {
    for name in ENVIRONMENTS {
        let objects = environment(name);
        let ways = ways(&objects);
        let mut closed = Vec::new();
        for way in &ways {
            let out = is_open(&objects, [&way.from, &way.to], way.port, ["egress", "to"]);
            let into = is_open(
                &objects,
                [&way.to, &way.from],
                way.port,
                ["ingress", "from"],
            );
            if !out || !into {
                closed.push((way, out, into));
            }
        }
        assert!(closed.is_empty(), "{name}: {closed:#?}");
        // The whole way of a span and of a line.
        for (from, to) in [
            ("api", "otel-collector"),
            ("auth", "otel-collector"),
            ("worker", "otel-collector"),
            ("otel-collector", "jaeger"),
            ("jaeger", "elasticsearch"),
            ("fluent-bit", "logstash"),
            ("logstash", "elasticsearch"),
            ("kibana", "elasticsearch"),
            ("log-setup", "elasticsearch"),
            ("log-setup", "kibana"),
            ("alertmanager", "logstash"),
        ] {
            let is_there = ways.iter().any(|it| it.from.1 == from && it.to.1 == to);
            assert!(
                is_there,
                "{name}: {from} is told nothing of {to}: {ways:#?}"
            );
        }
    }
}

#[test]
fn whoever_is_asked_over_tls_shows_a_certificate_of_that_name() {
    for name in ENVIRONMENTS {
        let objects = environment(name);
        let issued = |way: &Way| {
            let host = format!("{}.{}.svc", way.to.1, way.to.0);
            objects.iter().any(|it| {
                it["kind"] == "Certificate"
                    && place(it).0 == way.to.0
                    && list(&it["spec"]["dnsNames"]).any(|it| *it == host)
            })
        };
        for way in ways(&objects) {
            assert!(issued(&way), "{name}: {way:?}");
        }
    }
}

#[test]
fn addresses_are_found_with_their_ports_wherever_they_stand() {
    let found =
        addresses("url: https://a-b.one.svc:9200/x\n  host: c.two.svc\n  port: 8080\n[d.svc]");
    let place = |namespace: &str, name: &str| (namespace.to_owned(), name.to_owned());
    assert_eq!(
        found,
        [(place("one", "a-b"), 9200), (place("two", "c"), 8080)]
    );
}
