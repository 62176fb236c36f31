//! Channels that are told how an operation went: one that listens, one that refuses, one that hangs, one that is away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::Value;

use crate::place::{Ended, Place};

/// The secret part of the address.
const TOKEN: &str = "T0KEN";

/// A channel on a free port; it answers with that status, or never.
struct Channel {
    address: String,
    heard: Receiver<Value>,
}

impl Channel {
    fn that(answers: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/{TOKEN}", listener.local_addr().unwrap());
        let (tell, heard) = channel();
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for connection in listener.incoming() {
                kept.push(answer(connection.unwrap(), answers, &tell));
            }
        });
        Self { address, heard }
    }

    /// What it was told so far.
    fn all(&self) -> Vec<Value> {
        let mut all: Vec<Value> = self.heard.try_iter().collect();
        // The last of them may be on its way from the thread.
        all.extend(self.heard.recv_timeout(Duration::from_millis(200)));
        all.extend(self.heard.try_iter());
        all
    }
}

/// Reads one request; the connection stays open while it is kept.
fn answer(connection: TcpStream, status: Option<&str>, tell: &Sender<Value>) -> TcpStream {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let _nobody_listens = tell.send(serde_json::from_slice(&body).unwrap());
    if let Some(status) = status {
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        (&connection).write_all(head.as_bytes()).unwrap();
    }
    connection
}

/// Takes a backup in a place with such a channel.
fn backup(address: &str, on: &str) -> Ended {
    let place = Place::new();
    let configuration = format!(
        "version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n    webhooks:\n    \
         - url_from: CHANNEL\n      on: {on}\n"
    );
    std::fs::write(place.folder().join("opsctl.yaml"), configuration).unwrap();
    let variables = [
        ("CHANNEL", address),
        ("GITHUB_SERVER_URL", "https://ci.example.com"),
        ("GITHUB_REPOSITORY", "shop/platform"),
        ("GITHUB_RUN_ID", "7"),
    ];
    place.run_with("backup create", &variables)
}

/// It went well all the same, and the address is nowhere to be seen.
fn went_well(ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(TOKEN), "{}", ended.stderr);
    assert!(!ended.stdout.contains(TOKEN), "{}", ended.stdout);
}

#[test]
fn a_channel_that_listens_hears_the_beginning_and_the_end() {
    let channel = Channel::that(Some("204 No Content"));
    let ended = backup(&channel.address, "[started, ended]");
    went_well(&ended);
    assert!(!ended.stderr.contains("not told"), "{}", ended.stderr);
    let heard = channel.all();
    let mut events: Vec<&Value> = heard.iter().map(|it| &it["event"]).collect();
    events.sort_by_key(|it| it.to_string());
    assert_eq!(events, ["ended", "started"]);
    let end = heard.iter().find(|it| it["event"] == "ended").unwrap();
    assert_eq!(
        (&end["environment"], &end["command"]),
        (&"local".into(), &"backup-create".into())
    );
    assert_eq!(
        (&end["outcome"], &end["exit_code"]),
        (&"done".into(), &0.into())
    );
    assert_eq!(
        end["ci_url"],
        "https://ci.example.com/shop/platform/actions/runs/7"
    );
    let text = end["text"].as_str().unwrap();
    assert!(
        text.starts_with("backup-create on local: done after"),
        "{text}"
    );
}

#[test]
fn without_a_wish_only_the_end_is_told() {
    let channel = Channel::that(Some("200 OK"));
    went_well(&backup(&channel.address, "[ended]"));
    assert_eq!(channel.all().len(), 1);
}

#[test]
fn a_channel_that_breaks_is_asked_once_more_and_one_that_refuses_is_not() {
    for (status, times, words) in [
        ("500 Internal Server Error", 2, "it answered 500, twice"),
        ("404 Not Found", 1, "it answered 404"),
    ] {
        let channel = Channel::that(Some(status));
        let ended = backup(&channel.address, "[ended]");
        went_well(&ended);
        let said = format!("the webhook of CHANNEL was not told: {words}");
        assert!(ended.stderr.contains(&said), "{}", ended.stderr);
        assert_eq!(channel.all().len(), times);
    }
}

#[test]
fn a_channel_that_hangs_keeps_nobody_long() {
    let channel = Channel::that(None);
    let began = std::time::Instant::now();
    let ended = backup(&channel.address, "[ended]");
    went_well(&ended);
    assert!(
        ended.stderr.contains("no answer within 3 s, twice"),
        "{}",
        ended.stderr
    );
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_channel_that_is_away_or_has_no_address_is_said() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let away = backup(&format!("http://{free}/{TOKEN}"), "[ended]");
    went_well(&away);
    assert!(away.stderr.contains("was not told"), "{}", away.stderr);
    let unset = backup("", "[ended]");
    went_well(&unset);
    assert!(
        unset.stderr.contains("CHANNEL is not set"),
        "{}",
        unset.stderr
    );
}
