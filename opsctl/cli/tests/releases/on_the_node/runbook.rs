//! The commands of the runbook, run as they stand there.

use serde_json::json;
use testkit::documents::{commands, words};

use crate::place::Place;

/// Where the commands run.
const THERE: [&str; 2] = ["--env", "local-cluster"];

#[test]
fn the_commands_of_the_runbook_deploy_run() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runbooks/deploy.md");
    let place = Place::with_postgres("runbook");
    let mut ran = 0;
    for command in commands(&std::fs::read_to_string(file).unwrap(), "opsctl") {
        // The runbook of images has that, and nobody else's environment is here.
        if command.contains("image build") || !command.contains(THERE[1]) {
            continue;
        }
        prepare(&place, &command);
        let ended = place.run_words(&filled(&place, &command));
        let expected = if command.contains("--exit-code") {
            3
        } else {
            0
        };
        assert_eq!(ended.code, Some(expected), "{command}: {}", ended.stderr);
        ran += 1;
    }
    assert!(ran >= 20, "{ran} commands");
}

/// What the runbook takes for granted at that place.
fn prepare(place: &Place, command: &str) {
    if command.contains("--plan-out") {
        // Another one each time: without a change there is no plan.
        place.level(&format!("planned-{}", place.ends().len()));
    }
    if command.contains("history show 3") {
        let mut broken = place.manifests("broken");
        broken.container()["command"] = json!(["/nowhere"]);
        place.release(&broken);
        place.run("deploy --yes").expect(6);
        place.level("planned");
    }
    if command.contains("--exit-code") {
        let edit = json!({"data": {"level": "by hand"}});
        place.patch("configmap/settings", &edit);
    }
}

/// The command's words, with the names of this place for those of the runbook.
fn filled(place: &Place, command: &str) -> Vec<String> {
    let mut words = words(command);
    words.remove(0);
    words.retain(|word| !THERE.contains(&word.as_str()));
    for word in &mut words {
        *word = match word.as_str() {
            "v0.1.0" => "v1.0.0".to_owned(),
            "<operation>" => interrupted(place),
            _ => continue,
        };
    }
    words
}

fn interrupted(place: &Place) -> String {
    place.open_operation().unwrap_or_else(|| {
        place.level(&format!("interrupted-{}", place.ends().len()));
        let killed = place.run_with("deploy --yes", "kill-at:8");
        assert_eq!(killed.code, None, "not killed: {killed:?}");
        place.open_operation().unwrap()
    })
}
