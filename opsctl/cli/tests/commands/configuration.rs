//! A wrong `opsctl.yaml` ends with 2, and says where it is wrong.

use crate::place::Place;

fn refused(configuration: &str) -> String {
    let ended = Place::with(configuration).run("config show");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    ended.stderr
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let told = refused("version: 1\nenvironments:\n  local:\n    databse:\n      engine: sqlite\n");
    assert!(told.contains("opsctl.yaml:"), "{told}");
    assert!(told.contains("databse"), "{told}");
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_its_line() {
    let told = refused(
        "version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n    backup:\n      floor: many\n",
    );
    assert!(told.contains("opsctl.yaml:"), "{told}");
}

#[test]
fn a_name_that_is_there_twice_is_refused() {
    let told = refused(
        "version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n  local:\n    database:\n      engine: sqlite\n",
    );
    assert!(told.contains("local"), "{told}");
}

#[test]
fn a_file_for_a_newer_opsctl_names_the_version_to_install() {
    let told = refused("version: 1\nrequires_opsctl: 99.0.0\nenvironments: {}\n");
    assert!(told.contains("install opsctl 99.0.0"), "{told}");
}

#[test]
fn an_unknown_environment_is_refused_with_those_that_there_are() {
    let ended =
        Place::with("version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n")
            .run("--env lokal backup list");
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("it has: local"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("did you mean 'local'?"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_protected_environment_must_be_named() {
    let text = "version: 1\nenvironments:\n  local:\n    protection: protected\n    database:\n      engine: sqlite\n";
    let place = Place::with(text);
    let ended = place.run("config show");
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("add --env local"), "{}", ended.stderr);
    assert_eq!(place.run("--env local config show").code, Some(0));
}
