//! The commands of the runbook, run as they stand there.

use testkit::documents::{commands, words};
use testkit::registry::Registry;

use crate::place::Place;

#[test]
fn the_commands_of_the_runbook_image_run() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runbooks/image.md");
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    let mut ran = 0;
    for command in commands(&std::fs::read_to_string(file).unwrap(), "opsctl") {
        let mut words = words(&command);
        words.remove(0);
        for word in &mut words {
            *word = match word.as_str() {
                "registry.example/team/app" => format!("{}/team/app", registry.host()),
                "<tag>" => staging(&place),
                "<id>" => interrupted(&place),
                _ => continue,
            };
        }
        words.push("--yes".into());
        place.run(&words.join(" ")).expect(0);
        ran += 1;
    }
    assert!(ran >= 7, "{ran} commands");
}

/// The staging tag that was pushed a command before.
fn staging(place: &Place) -> String {
    let listed = place.run("image list").expect(0).document();
    listed["images"][0]["tag"].as_str().unwrap().to_owned()
}

fn interrupted(place: &Place) -> String {
    place.change("two");
    let killed = place.run_with("image build --push", &[("OPSCTL_FAULT", "kill-at:4")]);
    assert_eq!(killed.code, None, "not killed: {killed:?}");
    place.open_operation().unwrap()
}
