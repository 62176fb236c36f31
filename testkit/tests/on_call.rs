//! The escalation policy of the repository, minute by minute.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::Duration,
};

use testkit::on_call::{Alert, Book, HandMoved, NotOpen, OnCall, Policy, Status, Way};

fn written() -> String {
    let file = "../infra/monitoring/escalation.yaml";
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Of the repository, but for the watchdog, who needs to say nothing.
fn book() -> Book {
    let patient = written().replace("silence: 5m", "silence: 10000m");
    Book::new(Policy::read(&patient).unwrap())
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

fn alert(name: &str, severity: &str) -> Alert {
    let labels = [("alertname", name), ("severity", severity)];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Alert {
        status: Status::Firing,
        labels: labels.into(),
        annotations: BTreeMap::new(),
        fingerprint: name.to_lowercase(),
    }
}

fn over(alert: &Alert) -> Alert {
    Alert {
        status: Status::Resolved,
        ..alert.clone()
    }
}

/// In which minute, and whom.
fn called(book: &Book) -> Vec<(u64, &str)> {
    let calls = book.calls().iter();
    calls
        .map(|call| (call.at.as_secs() / 60, call.whom.as_str()))
        .collect()
}

#[test]
fn an_unacknowledged_p1_escalates_after_five_minutes_and_goes_on() {
    let mut book = book();
    book.take(minutes(0), &alert("DatabaseDown", "P1"));
    book.pass(minutes(5) - Duration::from_secs(1));
    assert_eq!(called(&book), [(0, "on-call")]);
    book.pass(minutes(20));
    let expected = [
        (0, "on-call"),
        (5, "second-on-call"),
        (10, "engineering-lead"),
        (15, "engineering-lead"),
        (20, "engineering-lead"),
    ];
    assert_eq!(called(&book), expected);
    assert!(book.calls().iter().all(|call| call.by == Way::Page));
}

#[test]
fn an_unacknowledged_p2_escalates_after_fifteen_minutes() {
    let mut book = book();
    book.take(minutes(0), &alert("ResponseTimeHigh", "P2"));
    book.pass(minutes(14));
    assert_eq!(called(&book), [(0, "on-call")]);
    book.pass(minutes(15));
    assert_eq!(called(&book), [(0, "on-call"), (15, "second-on-call")]);
}

#[test]
fn who_takes_it_up_ends_the_escalation() {
    let mut book = book();
    book.take(minutes(0), &alert("DatabaseDown", "P1"));
    book.acknowledge(minutes(4), "databasedown", "ada").unwrap();
    book.pass(minutes(60));
    assert_eq!(called(&book), [(0, "on-call")]);
    let open: Vec<_> = book.open().collect();
    assert_eq!(open, [("databasedown", Some("ada"))]);
    let nothing = book.acknowledge(minutes(61), "another", "ada");
    assert_eq!(nothing, Err(NotOpen("another".into())));
}

#[test]
fn an_alert_that_is_over_calls_nobody_and_calls_again_when_it_comes_back() {
    let mut book = book();
    let down = alert("DatabaseDown", "P1");
    book.take(minutes(0), &down);
    book.take(minutes(3), &over(&down));
    book.pass(minutes(30));
    assert_eq!(called(&book), [(0, "on-call")]);
    book.take(minutes(31), &down);
    assert_eq!(called(&book), [(0, "on-call"), (31, "on-call")]);
}

#[test]
fn the_same_alert_again_calls_nobody_twice() {
    let mut book = book();
    for minute in 0..4 {
        book.take(minutes(minute), &alert("DatabaseDown", "P1"));
    }
    assert_eq!(called(&book), [(0, "on-call")]);
}

#[test]
fn a_p3_is_a_mail_and_a_p4_a_line_and_neither_ever_escalates() {
    let mut book = book();
    book.take(minutes(0), &alert("DiskUsageHigh", "P3"));
    book.take(minutes(0), &alert("SlowStatements", "P4"));
    book.pass(minutes(24 * 60));
    assert_eq!(called(&book), [(0, "operations"), (0, "morning-review")]);
    let ways: Vec<Way> = book.calls().iter().map(|call| call.by).collect();
    assert_eq!(ways, [Way::Mail, Way::Review]);
}

#[test]
fn silence_of_the_watchdog_is_a_p1_that_ends_with_its_next_word() {
    let mut book = Book::new(Policy::read(&written()).unwrap());
    let word = alert("Watchdog", "P4");
    for minute in 0..60 {
        book.take(minutes(minute), &word);
    }
    book.pass(minutes(63));
    assert!(book.calls().is_empty(), "{:?}", book.calls());
    book.pass(minutes(69));
    // The last word was in minute 59.
    assert_eq!(called(&book), [(64, "on-call"), (69, "second-on-call")]);
    for minute in 70..100 {
        book.take(minutes(minute), &word);
    }
    assert_eq!(book.calls().len(), 2, "{:?}", book.calls());
}

#[test]
fn calls_of_several_incidents_stand_in_the_order_of_time() {
    let mut book = book();
    book.take(minutes(0), &alert("Z", "P1"));
    book.take(minutes(1), &alert("A", "P1"));
    book.pass(minutes(12));
    let minutes: Vec<u64> = called(&book)
        .into_iter()
        .map(|(minute, _)| minute)
        .collect();
    assert_eq!(minutes, [0, 1, 5, 6, 10, 11]);
}

#[test]
fn an_alert_that_does_not_say_how_bad_it_is_calls_somebody() {
    let mut book = book();
    book.take(minutes(0), &alert("New", "critical"));
    assert_eq!(book.calls()[0].by, Way::Page);
}

#[test]
fn a_policy_that_leaves_something_open_is_refused() {
    let changed = |from: &str, to: &str| {
        let text = written();
        assert!(text.contains(from), "{from}");
        format!("{:#}", Policy::read(&text.replace(from, to)).unwrap_err())
    };
    for (from, to, told) in [
        ("severity: P4\n", "severity: P3\n", "P3 has two policies"),
        (
            "    acknowledge_within: 15m\n",
            "",
            "P2: a page must be taken up",
        ),
        (
            "by: mail\n",
            "by: mail\n    acknowledge_within: 5m\n",
            "P3: only a page escalates",
        ),
        (
            "within: 5m",
            "within: 5 minutes",
            "'5 minutes' is not a number of minutes",
        ),
        ("within: 5m", "within: 0m", "no time at all"),
        ("version: 1", "version: 2", "version 2 is not read"),
        (
            "levels: [operations]",
            "levels: [one, two]",
            "P3: one that does not escalate",
        ),
        ("by: review", "by: pigeon", "pigeon"),
    ] {
        let said = changed(from, to);
        assert!(said.contains(told), "{to}: {said}");
    }
}

#[test]
fn alertmanager_hands_over_people_acknowledge_and_nonsense_is_refused() {
    let clock = Arc::new(HandMoved::default());
    let policy = Policy::read(&written()).unwrap();
    let on_call = OnCall::start(policy, clock.clone(), 0).unwrap();
    let alert = r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"DatabaseDown","severity":"P1"},"annotations":{"summary":"gone"},"fingerprint":"f1"}]}"#;
    assert_eq!(ask(&on_call, "POST", "/p1", alert).0, 200);
    clock.pass(Duration::from_secs(299));
    assert_eq!(on_call.calls().len(), 1);
    assert_eq!(on_call.calls()[0].summary, "gone");
    assert_eq!(ask(&on_call, "POST", "/acknowledge/f1", "ada").0, 200);
    clock.pass(Duration::from_secs(3600));
    let calls = on_call.calls();
    assert!(
        calls
            .iter()
            .all(|call| call.alert == "Watchdog" || call.at == Duration::ZERO)
    );
    let (status, said) = ask(&on_call, "GET", "/calls", "");
    assert_eq!(status, 200);
    assert!(said.contains(r#"["f1","ada"]"#), "{said}");
    assert_eq!(ask(&on_call, "POST", "/acknowledge/f2", "ada").0, 404);
    assert_eq!(ask(&on_call, "POST", "/", "{}").0, 400);
    assert_eq!(
        ask(&on_call, "POST", "/", r#"{"version":"9","alerts":[]}"#).0,
        400
    );
    assert_eq!(ask(&on_call, "GET", "/", "").0, 404);
}

fn ask(on_call: &OnCall, method: &str, path: &str, body: &str) -> (u16, String) {
    let url = on_call.url();
    let mut tcp = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    tcp.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut said = String::new();
    tcp.read_to_string(&mut said).unwrap();
    let status = said.split(' ').nth(1).unwrap().parse().unwrap();
    (status, said.split_once("\r\n\r\n").unwrap().1.to_owned())
}
