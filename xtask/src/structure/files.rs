//! What a Rust file must look like from outside: its name, its length, its first line, what it may mention.

use super::Fault;

/// The most lines a source file may have.
const LONGEST_SOURCE: usize = 300;
/// The most lines a file of tests may have.
const LONGEST_TEST: usize = 400;
/// The most lines a `main.rs` may have.
const LONGEST_MAIN: usize = 15;
/// Names that say nothing about what is inside.
const HOMELESS: [&str; 8] = [
    "common",
    "helper",
    "helpers",
    "manager",
    "misc",
    "util",
    "utilities",
    "utils",
];
/// What the core must not mention, and why.
const OUTSIDE_CORE: [(&str, &str); 4] = [
    ("println!", "the core never prints: it emits events"),
    (
        "std::env::",
        "the core reads no environment: values are handed in",
    ),
    ("std::io::stdout", "the core knows no terminal"),
    ("std::io::stderr", "the core knows no terminal"),
];

/// A name that hides what is inside.
pub fn fault_in_name(file: &str) -> Option<Fault> {
    let homeless = file
        .split('/')
        .map(|part| part.split('.').next().unwrap_or(part))
        .find(|part| HOMELESS.contains(part))?;
    let rule = format!("'{homeless}' names no concept: call it what it is");
    Some(Fault::of_file(file, rule))
}

/// Everything that is wrong with a Rust file.
pub fn faults_in(file: &str, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(fault_in_length(file, text));
    faults.extend(fault_in_opening(file, text));
    if file.starts_with("opsctl/core/src/") {
        faults.extend(mentions_of_outside(file, text));
    }
    if file.contains("/src/") {
        faults.extend(server_in_unit_test(file, text));
    }
    faults
}

fn fault_in_length(file: &str, text: &str) -> Option<Fault> {
    let limit = match () {
        () if file.ends_with("/src/main.rs") => LONGEST_MAIN,
        () if is_test(file) => LONGEST_TEST,
        () => LONGEST_SOURCE,
    };
    let lines = text.lines().count();
    let rule = format!("{lines} lines; {limit} is the most");
    (lines > limit).then(|| Fault::of_file(file, rule))
}

fn fault_in_opening(file: &str, text: &str) -> Option<Fault> {
    let rule = "must open with `//!`: what it owns and what it never does";
    (!text.starts_with("//! ")).then(|| Fault::of_file(file, rule))
}

fn mentions_of_outside(file: &str, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let code = line.split("//").next().unwrap_or(line);
        for (word, why) in OUTSIDE_CORE {
            if code.contains(word) {
                faults.push(Fault {
                    file: file.to_owned(),
                    line: Some(number),
                    rule: why.to_owned(),
                });
            }
        }
    }
    faults
}

/// A test that starts a server belongs to `tests/`, so that `cargo xtask test unit` needs nothing installed.
fn server_in_unit_test(file: &str, text: &str) -> Option<Fault> {
    if file.starts_with("testkit/") || file.starts_with("xtask/") {
        return None;
    }
    let (number, _) = (1..).zip(text.lines()).find(|(_, line)| {
        line.contains("testkit::postgres") || line.contains("testkit::Postgres")
    })?;
    Some(Fault {
        file: file.to_owned(),
        line: Some(number),
        rule: "a test that starts a server belongs to the crate's tests/ folder".to_owned(),
    })
}

fn is_test(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(file: &str, text: &str) -> Vec<String> {
        let faults = faults_in(file, text).into_iter();
        faults.map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn a_file_that_is_too_long_is_named_with_its_length() {
        let text = "//! Long.\n".repeat(301);
        assert_eq!(
            rules("app/src/users.rs", &text),
            ["app/src/users.rs: 301 lines; 300 is the most"]
        );
        assert!(rules("app/tests/users.rs", &text).is_empty());
    }

    #[test]
    fn a_main_file_only_starts_the_program() {
        let text = "//! Starts.\n".repeat(16);
        assert_eq!(
            rules("app/src/main.rs", &text),
            ["app/src/main.rs: 16 lines; 15 is the most"]
        );
    }

    #[test]
    fn a_file_without_its_opening_words_is_found() {
        assert_eq!(rules("app/src/users.rs", "use std::fmt;\n").len(), 1);
    }

    #[test]
    fn the_core_is_told_the_line_on_which_it_reaches_outside() {
        let text = "//! Core.\n\nfn f() { println!(); }\n// println! in a comment is fine\n";
        assert_eq!(
            rules("opsctl/core/src/x.rs", text),
            ["opsctl/core/src/x.rs:3: the core never prints: it emits events"]
        );
    }

    #[test]
    fn a_unit_test_that_starts_a_server_is_found() {
        let text = "//! Pool.\nuse testkit::Postgres;\n";
        assert_eq!(rules("app/src/pool.rs", text).len(), 1);
        assert!(rules("app/tests/pool.rs", text).is_empty());
    }

    #[test]
    fn a_name_that_says_nothing_is_refused_anywhere_in_the_path() {
        assert!(fault_in_name("app/src/utils.rs").is_some());
        assert!(fault_in_name("app/src/common/pool.rs").is_some());
        assert!(fault_in_name("app/src/commonplace.rs").is_none());
    }
}
