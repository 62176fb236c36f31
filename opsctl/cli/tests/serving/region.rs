//! A lost region, drilled with the service itself: its release runs on the restored database in a namespace of the drill's own, from images
//! that were replicated, while what serves goes on. It takes minutes and builds the service: `cargo xtask test endurance` runs it.

use std::io::Write;
use std::sync::Arc;

use serde_json::Value;

use crate::clients::{Site, Visitor};
use crate::platform::Ended;
use crate::rehearsal::{Rehearsal, VERSION};

const DRILL: &str = "drill failover --kind region";
const NAMESPACE: &str = "platform-drill";

mod endurance {
    use super::*;

    #[test]
    fn the_release_serves_a_user_on_the_restored_database_while_the_region_is_lost_and_nothing_stays()
     {
        let platform = Arc::new(Rehearsal::start());
        let site: Arc<dyn Site> = platform.clone();
        platform.well(&format!("env bring-up {VERSION} --yes"));
        let visitor = Visitor::of(&site);
        let before = visitor.signs_up("before@example.com");
        platform.well("evidence key");
        platform.well("backup create");
        platform.well("backup copy");
        let planned = platform.well(&format!("{DRILL} --dry-run"));
        let said = format!("{}{}", planned.stdout, planned.stderr);
        assert!(said.contains("workloads: ok: release 1 can run"), "{said}");
        assert!(
            said.contains("no public name and no secret is switched"),
            "{said}"
        );

        let result = platform.result(&format!("{DRILL} --yes"));
        let document = served(&platform, &result);
        assert_eq!(document["region"]["source_answered"], true, "{document}");
        assert!(visitor.knows(before));
        nobody_came(&platform);
        let examined = platform.run("doctor");
        let said = format!("{}{}", examined.stdout, examined.stderr);
        assert!(!said.contains("would fail"), "{said}");

        killed_and_resumed(&platform);

        platform.lose_the_region();
        let result = platform.result(&format!("{DRILL} --yes"));
        let document = served(&platform, &result);
        assert_eq!(document["region"]["source_answered"], false, "{document}");
    }
}

/// The drill's own user is in the restored database alone, which is gone.
fn nobody_came(platform: &Rehearsal) {
    let came = platform.sql("SELECT count(*) FROM users WHERE email LIKE 'failover-drill@%'");
    assert_eq!(came, "0");
}

/// A user was answered by the very release that serves; neither namespace nor database is left.
fn served(platform: &Rehearsal, result: &Value) -> Value {
    let document = result["document"].clone();
    assert_eq!(document["verdict"], "passed", "{document}");
    let run = &document["region"]["workloads"];
    assert_eq!(run["served"], true, "{document}");
    let image = run["images"]["app"].as_str().unwrap();
    let there = format!("{}/app", platform.account.abroad);
    assert!(image.starts_with(&there), "{image}");
    let digest = image.split_once('@').unwrap().1;
    assert!(platform.serving_image().ends_with(digest), "{image}");
    assert_eq!(run["secrets"].as_object().unwrap().len(), 2, "{run}");
    let phases = document["rto"]["phases"].as_array().unwrap();
    assert_eq!(phases.last().unwrap()["name"], "first-request");
    tell(&format!(
        "served after {:.1} s in all: {}",
        document["rto"]["measured_seconds"].as_f64().unwrap(),
        phases
            .iter()
            .map(|it| format!(
                "{} {:.1} s",
                it["name"].as_str().unwrap(),
                it["seconds"].as_f64().unwrap()
            ))
            .collect::<Vec<_>>()
            .join(", ")
    ));
    nothing_is_left(platform);
    document
}

fn nothing_is_left(platform: &Rehearsal) {
    assert_eq!(
        platform
            .namespaces()
            .lines()
            .filter(|it| it.ends_with(NAMESPACE))
            .count(),
        0
    );
    assert_eq!(platform.copy_abroad(), None, "it is still billed");
}

/// Killed while pods of the drill serve, and gone on with.
fn killed_and_resumed(platform: &Rehearsal) {
    let words = format!("{DRILL} --yes");
    let steps = boundaries(platform, &words);
    let at = steps.iter().position(|it| it == "deploy-abroad:applied");
    let killed: Ended = platform.run_with(&words, Some(&format!("kill-at:{}", at.unwrap())));
    assert_eq!(killed.code, None, "{}", killed.stderr);
    assert!(
        platform.namespaces().contains(NAMESPACE),
        "nothing was there"
    );
    let open = open_operation(platform);
    let resumed = platform.result(&format!("operation resume {open} --lock-wait 60s"));
    served(platform, &resumed);
}

/// The boundaries that an undisturbed run passes.
fn boundaries(platform: &Rehearsal, words: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("boundaries");
    let fault = format!("count-into:{}", file.display());
    let ended = platform.run_with(words, Some(&fault));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn open_operation(platform: &Rehearsal) -> String {
    let listed = platform.well("operation list --open --output json").stdout;
    let document: Value = serde_json::from_str(&listed).unwrap();
    let first = &document["operations"][0]["operation"];
    first.as_str().unwrap().to_owned()
}

fn tell(line: &str) {
    let line = format!("{}\n", line.trim_end());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
