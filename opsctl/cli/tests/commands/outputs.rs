//! What programs read is JSON, what people read fits their terminal, and neither mixes with the other.

use serde_json::Value;

use crate::place::Place;

#[test]
fn reads_are_one_document() {
    let place = Place::new();
    for words in [
        "config show",
        "operation list",
        "lock status",
        "backup list",
        "migrate status",
        "restore list",
        "evidence list",
        "maintenance off --dry-run",
    ] {
        let ended = place.run(&format!("{words} --output json"));
        assert_eq!(ended.code, Some(0), "{words}: {}", ended.stderr);
        let parsed: Result<Value, _> = serde_json::from_str(&ended.stdout);
        assert!(parsed.is_ok(), "{words}: {}", ended.stdout);
    }
}

#[test]
fn operations_are_lines_the_first_of_which_carries_the_version() {
    let place = Place::new();
    let ended = place.run("maintenance off --output json");
    assert_eq!(ended.code, Some(0));
    let lines: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["type"], "stream");
    assert_eq!(lines[0]["version"], 1);
    assert_eq!(lines.last().unwrap()["type"], "result");
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_failure_is_a_line_too_and_a_pipeline_gets_its_annotation() {
    let place = Place::new();
    let ended = place.run("maintenance on --output json");
    let last: Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["type"], "error");
    assert_eq!(last["exit_code"], 4);
    let ended = place.run_with("maintenance on", &[("GITHUB_ACTIONS", "true")]);
    assert!(
        ended.stderr.contains("::error title=opsctl::"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_stream_is_also_kept_in_a_file() {
    let place = Place::new();
    let file = place.file("stream.jsonl");
    let ended = place.run(&format!("maintenance off --json-into {}", file.display()));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "the mode is normal; no process runs\n");
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept.lines().count() > 3);
    for line in kept.lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
}

#[test]
fn the_help_ends_with_every_exit_code() {
    let ended = Place::with("").run("--help");
    assert_eq!(ended.code, Some(0));
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "130"] {
        let line = format!("{code:>5}  ");
        assert!(ended.stdout.contains(&line), "{code}: {}", ended.stdout);
    }
}

#[test]
fn colours_come_only_when_they_are_asked_for() {
    let place = Place::new();
    let plain = place.run("maintenance on");
    assert!(!plain.stderr.contains('\u{1b}'), "{}", plain.stderr);
    let painted = place.run("maintenance on --color always");
    assert!(painted.stderr.contains('\u{1b}'), "{}", painted.stderr);
}

#[test]
fn plans_and_the_configuration_fit_a_terminal_of_eighty_columns() {
    let place = Place::new();
    place.run("backup create");
    for words in [
        "drill restore --dry-run",
        "restore --cut-over --dry-run",
        "config show",
    ] {
        let words = format!("{words} --output human");
        let ended = place.run_with(&words, &[("PATH", "/usr/bin:/bin")]);
        assert_eq!(ended.code, Some(0), "{words}: {}", ended.stderr);
        for line in ended.stdout.lines() {
            // An id is never parted: it is there to be copied.
            let id = line.split_whitespace().any(|word| word.len() > 30);
            assert!(id || line.chars().count() <= 80, "{words}: {line}");
        }
    }
}
