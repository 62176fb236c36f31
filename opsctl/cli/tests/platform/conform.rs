//! This repository's own specification beside the real application, asked from outside: each answer of it, and what nobody can answer here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::certificates::Authority;

use crate::place::{Place, application};
use crate::service::Service;

/// Lines of which something is asked of the service.
const LINES: [&str; 12] = [
    "interaction.client",
    "flow.https",
    "request.https",
    "request.token",
    "request.headers",
    "contract.id",
    "contract.unauthorized",
    "contract.authentication",
    "balancer.https",
    "balancer.health",
    "trace.request_id",
    "encryption.transit",
];
/// The application makes its database ready while it listens, on a machine that may be busy.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The repository beside an environment of one's own.
fn repository(place: &Place) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    for entry in std::fs::read_dir(root.canonicalize().unwrap()).unwrap() {
        let (path, name) = entry.map(|it| (it.path(), it.file_name())).unwrap();
        let own = ["opsctl.yaml", "target", ".git", ".opsctl"].map(std::ffi::OsStr::new);
        if !own.contains(&name.as_os_str()) {
            std::os::unix::fs::symlink(path, place.folder().join(name)).unwrap();
        }
    }
}

fn asked(place: &Place, url: &str, authority: &Path, code: i32) -> Value {
    let authority = authority.display().to_string();
    let words = ["conform", "--url", url];
    let lines = LINES.iter().flat_map(|line| ["--line", line]);
    let all: Vec<&str> = words
        .into_iter()
        .chain(["--authority", &authority])
        .chain(lines)
        .collect();
    let ended = place.run(&all);
    assert_eq!(ended.code, Some(code), "{}", ended.said());
    serde_json::from_str(&ended.stdout).unwrap()
}

/// What was asked from outside: how often each verdict was given, and the reasons of those who know nothing.
fn from_outside(report: &Value) -> (BTreeMap<String, usize>, Vec<String>) {
    let lines = report["lines"].as_array().unwrap().iter();
    let answers = lines.flat_map(|line| line["answers"].as_array().unwrap());
    let outside = answers.filter(|it| ["http", "tls"].map(Value::from).contains(&it["check"]));
    let (mut verdicts, mut unknown) = (BTreeMap::new(), Vec::new());
    for answer in outside {
        let verdict = answer["verdict"].as_str().unwrap().to_owned();
        if verdict != "holds" {
            unknown.push(answer["actual"].as_str().unwrap().to_owned());
        }
        *verdicts.entry(verdict).or_default() += 1;
    }
    (verdicts, unknown)
}

#[test]
fn the_running_service_keeps_what_clients_are_promised_and_what_only_aws_has_is_unknown() {
    application();
    let place = Place::new();
    repository(&place);
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new().unwrap();
    authority
        .issue(&["127.0.0.1"])
        .unwrap()
        .write(folder.path())
        .unwrap();
    let trusted = folder.path().join("ca.crt");
    std::fs::write(&trusted, authority.pem()).unwrap();
    let service = Service::behind_tls(&place.file("database.json"), folder.path());
    let url = format!("https://{}", service.address());

    let began = Instant::now();
    let report = loop {
        let report = asked(&place, &url, &trusted, 9);
        if from_outside(&report).1.is_empty() {
            break report;
        }
        assert!(began.elapsed() < READY_WITHIN, "{report:#}");
    };
    let (verdicts, _) = from_outside(&report);
    assert_eq!(verdicts, BTreeMap::from([("holds".to_owned(), 16)]));
    let lines = report["lines"].as_array().unwrap();
    let verdict = |id: &str| {
        let line = lines.iter().find(|line| line["id"] == id).unwrap();
        line["verdict"].as_str().unwrap()
    };
    for id in [
        "request.token",
        "request.headers",
        "contract.unauthorized",
        "trace.request_id",
    ] {
        assert_eq!(verdict(id), "holds", "{id}");
    }
    // A load balancer of AWS is not here, and a file has no setting `ssl`: that is no reason to call it good.
    for id in ["balancer.https", "balancer.health", "encryption.transit"] {
        assert_eq!(verdict(id), "unknown", "{id}");
    }

    // Somebody else vouches: no answer is believed. Which versions of TLS are spoken shows before anybody is.
    let another = folder.path().join("another.crt");
    std::fs::write(&another, Authority::new().unwrap().pem()).unwrap();
    let (verdicts, _) = from_outside(&asked(&place, &url, &another, 9));
    let expected =
        [("holds", 7), ("unknown", 9)].map(|(verdict, count)| (verdict.to_owned(), count));
    assert_eq!(verdicts, BTreeMap::from(expected));

    drop(service);
    let (verdicts, reasons) = from_outside(&asked(&place, &url, &trusted, 9));
    assert_eq!(verdicts, BTreeMap::from([("unknown".to_owned(), 16)]));
    assert!(reasons.iter().all(|it| it.contains(&url)), "{reasons:?}");
}
