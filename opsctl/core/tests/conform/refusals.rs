//! A list that is wrong is refused, with the file, the line and what is wrong.

use std::collections::BTreeMap;

use opsctl_core::conform::read;

const CONTENTS: &str = "version: 1\ndocument: {title: A document, lines: 9}\ncomponents: components.yaml\n\
                        chapters: [{title: A chapter, file: lines.yaml, lines: [1, 2]}]\n";
const GOOD: &str = "lines:
  - id: a.first
    at: 1
    section: A
    text: It holds
    offline:
      - text: {file: a.txt, has: word}
  - id: a.second
    at: 2
    section: A
    text: It will
    planned: nobody has built it
";

fn refusal(lines: &str) -> String {
    let files: BTreeMap<String, String> = [
        ("conformance.yaml", CONTENTS),
        ("components.yaml", "components: []\n"),
        ("lines.yaml", lines),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    read(&files).map_or_else(|failure| failure.to_string(), |_| "none".into())
}

fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from));
    refusal(&GOOD.replace(from, to))
}

#[test]
fn a_good_list_is_read() {
    assert_eq!(refusal(GOOD), "none");
}

#[test]
fn an_id_that_is_given_twice_is_refused_with_both_places() {
    assert_eq!(
        changed("a.second", "a.first"),
        "lines.yaml:8: the id 'a.first' stands in lines.yaml:2 already"
    );
}

#[test]
fn an_unknown_word_is_refused_with_its_line() {
    let refusal = changed("    planned:", "    plannned:");
    assert!(refusal.starts_with("lines.yaml:12 is wrong: "), "{refusal}");
    assert!(refusal.contains("unknown field `plannned`"), "{refusal}");
}

#[test]
fn an_unknown_check_or_field_of_one_is_refused_with_its_line() {
    let refusal = changed("text: {file", "texts: {file");
    assert!(refusal.starts_with("lines.yaml:7 is wrong: "), "{refusal}");
    assert!(refusal.contains("there is no check 'texts'"), "{refusal}");
    let refusal = changed("has: word", "has: word, wide: 1");
    assert!(refusal.contains("unknown field `wide`"), "{refusal}");
    let refusal = changed("has: word", "has: word, is: word");
    assert!(
        refusal.contains("it says 'is' and 'has': one is enough"),
        "{refusal}"
    );
}

#[test]
fn a_line_that_nothing_proves_is_refused() {
    let refusal = changed("    planned: nobody has built it\n", "");
    assert!(
        refusal.starts_with("lines.yaml:8: 'a.second': nothing proves it"),
        "{refusal}"
    );
    let refusal = changed("planned: nobody has built it", "planned: ''");
    assert!(refusal.contains("`planned:` says no reason"), "{refusal}");
}

#[test]
fn a_promise_that_is_left_out_is_refused() {
    assert_eq!(
        changed("at: 2", "at: 1"),
        "lines.yaml: line 2 of the specification promises something, and nothing here proves it"
    );
    let refusal = changed("at: 2", "at: 2-3");
    assert!(
        refusal.contains("line 3 of the specification is not among the lines"),
        "{refusal}"
    );
}

#[test]
fn code_that_is_not_there_is_refused() {
    let refusal = changed(
        "text: It will",
        "text: It will\n    code: [app/src/gone.rs]",
    );
    assert_eq!(
        refusal,
        "lines.yaml:8: 'a.second': there is no app/src/gone.rs"
    );
}
