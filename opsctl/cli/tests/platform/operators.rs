//! Two people at once, and one who changes her mind.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Ended, Place};

const ON: [&str; 3] = ["maintenance", "on", "--yes"];
const OFF: [&str; 3] = ["maintenance", "off", "--yes"];

/// A command that stands still at one of its boundaries.
struct Paused {
    child: Child,
    file: PathBuf,
}

impl Paused {
    fn at(place: &Place, boundary: usize, words: &[&str]) -> Self {
        let file = place.file("paused");
        let child = place
            .command(words)
            .env(
                "OPSCTL_FAULT",
                format!("pause-at:{boundary}:{}", file.display()),
            )
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let paused = Self { child, file };
        until("it pauses", || paused.file.exists());
        paused
    }

    fn go_on(&self) {
        std::fs::remove_file(&self.file).unwrap();
    }

    fn interrupt(&self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
    }

    /// Reads what it says until a line holds these words.
    fn says(&mut self, words: &str) -> String {
        let mut said = String::new();
        let log = BufReader::new(self.child.stderr.as_mut().unwrap());
        for line in log.lines() {
            said.push_str(&line.unwrap());
            said.push('\n');
            if said.contains(words) {
                return said;
            }
        }
        panic!("it ended without saying '{words}': {said}");
    }

    fn ends(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        let log = self.child.stderr.as_mut().unwrap();
        log.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "still waiting: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

fn holder(place: &Place) -> serde_json::Value {
    let locks: serde_json::Value =
        serde_json::from_str(&place.run(&["lock", "status"]).expect(0).stdout).unwrap();
    let locks = locks["locks"].as_array().unwrap().clone();
    let database = locks.iter().find(|lock| lock["resource"] == "database");
    database.unwrap()["record"]["holder"].clone()
}

#[test]
fn the_second_operator_is_told_who_works_and_may_wait() {
    let place = Place::new();
    let seed = [
        "data",
        "seed",
        "--yes",
        "--users=1",
        "--posts=1",
        "--comments=1",
    ];
    let first = Paused::at(&place, 1, &seed);
    let refused = Ended::of(place.command(&ON).output().unwrap()).expect(5);
    let told = refused.stderr;
    assert!(told.contains("is held: data-seed-"), "{told}");
    assert!(told.contains("operation attach"), "{told}");
    let waiting = [&seed[..], &["--lock-wait", "60s"]].concat();
    let waiting = place.command(&waiting).spawn().unwrap();
    first.go_on();
    assert_eq!(first.ends().0, Some(0));
    assert!(waiting.wait_with_output().unwrap().status.success());
}

#[test]
fn a_backup_and_a_drill_go_on_beside_a_lock_that_the_living_keep() {
    let place = Place::new();
    let first = Paused::at(&place, 1, &ON);
    place.back_up();
    place
        .run(&["lock", "release", "database", "--yes"])
        .expect(5);
    first.go_on();
    assert_eq!(first.ends().0, Some(0));
}

#[test]
fn an_interrupt_stops_at_a_boundary_and_the_command_it_prints_goes_on() {
    let place = Place::new();
    let mut first = Paused::at(&place, 1, &ON);
    first.interrupt();
    first.says("stopping at the next step boundary");
    first.go_on();
    let (code, said) = first.ends();
    assert_eq!(code, Some(7), "{said}");
    let operation = place.open_operation().unwrap();
    let resume = format!("opsctl --env local operation resume {operation}");
    assert!(said.contains(&resume), "{said}");
    assert!(holder(&place).is_null());
    place.run(&OFF).expect(5);
    place.run(&["operation", "resume", &operation]).expect(0);
    assert_eq!(place.open_operation(), None);
}

#[test]
fn a_second_interrupt_ends_at_once_and_says_what_nobody_knows() {
    let place = Place::new();
    let mut first = Paused::at(&place, 1, &ON);
    first.interrupt();
    first.says("once more ends at once");
    first.interrupt();
    let (code, said) = first.ends();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("what") && said.contains("unknown"), "{said}");
    assert!(
        !holder(&place).is_null(),
        "the lock stays until its lease has run out"
    );
    std::fs::remove_file(place.file("paused")).unwrap();
    let operation = place.open_operation().unwrap();
    place
        .run(&["operation", "resume", &operation, "--lock-wait", "30s"])
        .expect(0);
    assert_eq!(place.open_operation(), None);
}
