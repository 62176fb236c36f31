//! Killed at every boundary of a push, and the registry away in the middle.

use testkit::registry::Registry;

use crate::place::Place;

#[test]
fn a_push_that_was_killed_anywhere_is_resumed_to_its_end() {
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    let push = |number: usize| {
        let host = registry.host();
        format!("image build --push --tag v1.0.{number} --repository {host}/app-{number}")
    };
    let count = place.boundaries(&push(1000));
    assert!(count > 12, "{count} boundaries");
    for at in 0..count {
        let words = format!("{} --lock-wait 30s", push(at));
        let fault = format!("kill-at:{at}");
        let killed = place.run_with(&words, &[("OPSCTL_FAULT", &fault)]);
        assert_eq!(killed.code, None, "not killed at {at}: {killed:?}");
        if let Some(operation) = place.open_operation() {
            let resume = format!("operation resume {operation} --lock-wait 30s");
            place.run(&resume).expect(0);
        }
        assert_eq!(place.open_operation(), None, "killed at {at}");
        let list = format!("image list --repository {}/app-{at}", registry.host());
        let listed = place.run(&list).expect(0).document();
        assert_eq!(listed["images"].as_array().unwrap().len(), 1, "at {at}");
    }
}

#[test]
fn a_push_to_a_registry_that_is_away_fails_with_what_to_look_at() {
    let mut registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    registry.stop().unwrap();
    let failed = place.run("image build --push").expect(1);
    assert!(failed.stdout.contains("can't be reached"), "{failed:?}");
    assert_eq!(place.open_operation(), None);
    registry.start_again().unwrap();
    place.run("image build --push").expect(0);
}
