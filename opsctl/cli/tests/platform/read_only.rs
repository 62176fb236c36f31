//! A state folder that nobody can write to: nothing begins, nothing is lost, reads go on.

use testkit::files::ReadOnly;

use crate::place::{Ended, Place};

#[test]
fn nothing_begins_that_could_not_be_journaled() {
    let place = Place::new();
    place.back_up();
    let before = place.descriptor();
    let closed = ReadOnly::make(&place.file("state")).unwrap();
    for words in [
        &["maintenance", "on", "--yes"][..],
        &["backup", "create"],
        &["drill", "restore"],
        &["restore", "--cut-over", "--confirm", "local"],
    ] {
        let refused = Ended::of(place.command(words).output().unwrap()).expect(1);
        let said = refused.stderr;
        assert!(
            said.contains("state store") || said.contains("state/"),
            "{words:?}: {said}"
        );
        assert!(
            said.contains("Read-only") || said.contains("denied"),
            "{words:?}: {said}"
        );
    }
    for words in [
        &["operation", "list"][..],
        &["backup", "list"],
        &["lock", "status"],
    ] {
        place.run(words).expect(0);
    }
    assert_eq!(place.descriptor(), before);
    drop(closed);
    place.run(&["maintenance", "on", "--yes"]).expect(0);
}
