//! The registry holds to its own rules.

use super::*;

#[test]
fn what_is_named_like_a_secret_is_one_and_no_name_stands_twice() {
    for (at, variable) in VARIABLES.iter().enumerate() {
        let name = variable.name;
        let named_so = [
            "_SECRET",
            "_SECRET_NEXT",
            "_SECRET_PREVIOUS",
            "_KEY",
            "_KEY_PREVIOUS",
            "_PASSWORD",
        ]
        .iter()
        .any(|end| name.ends_with(end));
        // The path of a key is none.
        let named_so = named_so && !name.contains("TLS");
        assert!(!named_so || is_secret(name), "{name}");
        let address = name.ends_with("_URL") || name.ends_with("_ENDPOINT");
        assert!(!address || variable.kind != Kind::Plain, "{name}");
        assert!(
            VARIABLES[..at].iter().all(|other| other.name != name),
            "{name}"
        );
    }
}
