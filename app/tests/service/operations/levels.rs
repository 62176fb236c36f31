//! The log as a process writes it: the named fields in every line, the five levels and what each is for.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::support::{Client, Engine, Place, Spawned, on_both_engines};

on_both_engines!(
    what_matters_is_said_at_its_level_and_once,
    a_quiet_process_keeps_the_line_of_each_request_and_what_went_wrong,
);

const FIELDS: [&str; 7] = [
    "timestamp",
    "level",
    "service",
    "request_id",
    "user_id",
    "error",
    "duration",
];
const LEVELS: [&str; 5] = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
/// As many failures in a row as are said to be all.
const FAILURES: usize = 20;

/// Log-ins, a post, and then nothing but failures; what was logged of it.
async fn lived_through(place: &Place, level: &str) -> Result<(Vec<Value>, String)> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("LOG_LEVEL", level),
        ("APP_DEBUG", "false"),
        ("DATABASE_SLOW_QUERY", "60000"),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    let client = process.client().await?;
    let (me, id) = client.sign_up("me@example.com").await?;
    let wrong = json!({"email": "me@example.com", "password": "another horse"});
    assert_eq!(client.post("/auth/login", &wrong).await?.status, 401);
    let post = json!({"title": "a", "content": "b", "published": true});
    let post = me.post("/api/posts", &post).await?.text("id");
    place.execute("DROP TABLE comments").await?;
    everything_fails(&me, &format!("/api/posts/{post}/comments")).await?;
    process.signal("-TERM")?;
    let (_, log) = process.end().await?;
    Ok((log, id))
}

async fn everything_fails(me: &Client, path: &str) -> Result<()> {
    for _ in 0..FAILURES {
        let answer = me.get(path).await?;
        assert_eq!(answer.problem(), (500, "internal_error"));
        // Neither a page nor somebody unknown says that the service works.
        assert_eq!(me.get("/").await?.status, 200);
        assert_eq!(me.with_token("nobody").get(path).await?.status, 401);
    }
    Ok(())
}

fn said<'a>(log: &'a [Value], message: &str) -> Vec<&'a Value> {
    log.iter()
        .filter(|line| line["message"] == message)
        .collect()
}

fn one<'a>(log: &'a [Value], message: &str) -> Result<&'a Value> {
    let found = said(log, message).into_iter().next();
    found.with_context(|| format!("{message}: {log:?}"))
}

async fn what_matters_is_said_at_its_level_and_once(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let (log, id) = lived_through(&place, "INFO").await?;
    for line in &log {
        assert!(
            FIELDS.iter().all(|field| line.get(field).is_some()),
            "{line}"
        );
        assert_eq!(line["service"], "app");
        let level = line["level"].as_str().unwrap_or_default();
        assert!(LEVELS.contains(&level) && level != "DEBUG", "{line}");
    }
    for message in ["a user logged in", "a post was created"] {
        let line = one(&log, message)?;
        assert_eq!(
            (&line["level"], &line["user_id"]),
            (&"INFO".into(), &json!(id))
        );
        assert!(line["request_id"].is_string(), "{line}");
    }
    assert_eq!(one(&log, "a log-in was refused")?["level"], "WARNING");
    let failures = said(&log, "the database failed");
    assert_eq!(failures.len(), FAILURES, "each is said once");
    for line in failures {
        assert_eq!(line["level"], "ERROR");
        assert!(
            line["error"]
                .as_str()
                .is_some_and(|error| error.contains("comments"))
        );
        let request = log.iter().find(|other| {
            other["message"] == "answered" && other["request_id"] == line["request_id"]
        });
        assert_eq!(request.context("its request")?["status"], 500);
    }
    let critical = one(&log, "every request fails")?;
    assert_eq!(
        (&critical["level"], &critical["failed"]),
        (&"CRITICAL".into(), &json!(FAILURES))
    );
    Ok(())
}

async fn a_quiet_process_keeps_the_line_of_each_request_and_what_went_wrong(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let (log, id) = lived_through(&place, "WARNING").await?;
    assert!(said(&log, "a user logged in").is_empty(), "{log:?}");
    let requests = said(&log, "answered");
    let written = requests.iter().find(|line| line["route"] == "/api/posts");
    let written = written.with_context(|| format!("{log:?}"))?;
    assert_eq!(
        (&written["user_id"], &written["status"]),
        (&json!(id), &json!(201))
    );
    assert!(written["request_id"].is_string() && written["duration"].is_f64());
    assert_eq!(said(&log, "the database failed").len(), FAILURES);
    assert_eq!(one(&log, "every request fails")?["level"], "CRITICAL");
    Ok(())
}
