//! Kill -9 in the middle of a cut-over under a running application. The simulated platform walks every
//! boundary on every run; here the real parts die at one boundary of each step that changes something.

use crate::place::Place;

const CUT_OVER: [&str; 4] = ["restore", "--cut-over", "--confirm", "local"];

#[test]
fn a_cut_over_that_was_killed_in_any_step_is_resumed_and_the_application_follows() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    let boundaries = place.boundaries(&CUT_OVER);
    place.undo().expect(0);
    let steps = [
        "fetch",
        "freeze",
        "fence",
        "promote",
        "switch",
        "set-aside",
        "unfreeze",
    ];
    for step in steps {
        let boundary = format!("{step}:applied");
        let at = boundaries
            .iter()
            .position(|known| *known == boundary)
            .unwrap();
        let before = place.descriptor()["lineage_id"].clone();
        let killed = place.run_with(&CUT_OVER, Some(&format!("kill-at:{at}")));
        assert_eq!(
            killed.code, None,
            "not killed after {step}: {}",
            killed.stderr
        );
        let operation = place.open_operation().unwrap();
        assert_eq!(
            service.ready()["status"],
            "ready",
            "reads go on, killed after {step}"
        );
        let words = ["operation", "resume", &operation, "--lock-wait", "30s"];
        place.run(&words).expect(0);
        assert_ne!(
            place.descriptor()["lineage_id"],
            before,
            "killed after {step}"
        );
        assert_eq!(
            service.ready()["lineage_id"],
            place.descriptor()["lineage_id"]
        );
        assert_eq!(service.ready()["mode"], "normal", "killed after {step}");
        assert_eq!(place.open_operation(), None, "killed after {step}");
        place.undo().expect(0);
    }
}
