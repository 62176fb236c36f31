//! Secrets changed under the real application on a real PostgreSQL, while it answers.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::place::Place;
use crate::service::Service;

/// Clients at once.
const CLIENTS: usize = 4;

/// Two processes of the application on one database, and clients that ask both.
struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn on(services: &[Arc<Service>]) -> Self {
        let (stop, asked) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        assert_eq!(services[0].sign_up("client"), 201);
        let token = services[0].sign_in("client");
        let clients = (0..CLIENTS).map(|number| {
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            let (services, token) = (services.to_vec(), token.clone());
            std::thread::spawn(move || {
                client(number, &services, &token, (stop.as_ref(), asked.as_ref()))
            })
        });
        let clients = clients.collect();
        Self {
            stop,
            asked,
            clients,
        }
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// Until so many more were answered.
    fn goes_on_for(&self, more: u64) {
        let (until, deadline) = (
            self.asked() + more,
            Instant::now() + Duration::from_secs(120),
        );
        while self.asked() < until {
            assert!(
                Instant::now() < deadline,
                "{} requests were answered",
                self.asked()
            );
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// How many were asked; every failure with its words.
    fn end(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        let failures = self
            .clients
            .into_iter()
            .flat_map(|client| client.join().unwrap());
        let failures = failures.collect();
        (self.asked.load(Ordering::SeqCst), failures)
    }
}

/// Reads and writes with the token of before, and now and then signs in anew: by the one, used at the other.
fn client(
    number: usize,
    services: &[Arc<Service>],
    token: &str,
    (stop, asked): (&AtomicBool, &AtomicU64),
) -> Vec<String> {
    let mut failures = Vec::new();
    let mut newest = token.to_owned();
    for turn in 0_usize.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let service = &services[turn % services.len()];
        let other = &services[(turn + 1) % services.len()];
        let statuses = match turn % 50 {
            0 => {
                newest = service.sign_in("client");
                vec![(
                    "token of another process",
                    other.get_as(&newest, "/api/posts"),
                )]
            }
            1 => vec![(
                "write",
                service.post_as(&newest, &format!("{number} {turn}")),
            )],
            turn if turn % 2 == 0 => vec![("old token", service.get_as(token, "/api/posts"))],
            _ => vec![("new token", service.get_as(&newest, "/api/posts"))],
        };
        for (what, status) in statuses {
            asked.fetch_add(1, Ordering::SeqCst);
            if !(200..300).contains(&status) {
                failures.push(format!("{what}: {status}"));
            }
        }
    }
    failures
}

fn platform() -> (Place, Vec<Arc<Service>>) {
    let place = Place::postgres();
    place.run(&["secrets", "init", "--yes"]).expect(0);
    let services = (0..2).map(|_| {
        let secrets = place.file("secrets.json");
        Arc::new(Service::following(&place.file("database.json"), &secrets))
    });
    let services = services.collect();
    (place, services)
}

fn rotate(place: &Place, words: &[&str]) -> crate::place::Ended {
    let mut all = vec!["secrets", "rotate"];
    all.extend(words);
    all.push("--yes");
    place.run(&all)
}

fn status(place: &Place) -> Value {
    place.run(&["secrets", "status"]).document()
}

fn of<'a>(status: &'a Value, secret: &str) -> &'a Value {
    let all = status["secrets"].as_array().unwrap().iter();
    let mut named = all.filter(|it| it["secret"] == secret);
    named.next().unwrap_or_else(|| panic!("{status}"))
}

fn user(place: &Place) -> String {
    let url = place.descriptor()["url"].as_str().unwrap().to_owned();
    url.split("://")
        .nth(1)
        .unwrap()
        .split('@')
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn no_request_fails_while_credentials_and_keys_are_rotated_and_drilled() {
    let (place, services) = platform();
    let load = Load::on(&services);
    load.goes_on_for(500);
    assert_eq!(user(&place), "app_login");
    for login in ["app_login_b", "app_login"] {
        let result = rotate(&place, &["database"]).expect(0).result();
        assert_eq!(result["login"], login, "{result}");
        assert_eq!(result["processes"].as_array().unwrap().len(), 2);
        assert_eq!(user(&place), login);
        load.goes_on_for(300);
    }
    let drilled = rotate(&place, &["database", "--drill"]).expect(0).result();
    assert!(
        drilled["drill"]["back_seconds"].as_f64().unwrap() > 0.0,
        "{drilled}"
    );
    assert_eq!(user(&place), "app_login");
    let result = rotate(&place, &["jwt"]).expect(0).result();
    assert!(result["before_needed_until"].is_string(), "{result}");
    load.goes_on_for(500);

    let standing = status(&place);
    let sessions = of(&standing, "database")["sessions"].as_array().unwrap();
    assert!(
        sessions
            .iter()
            .all(|session| session["login"] == "app_login"),
        "{standing}"
    );
    let again = rotate(&place, &["jwt"]).expect(4);
    assert!(
        again.said().contains("secrets rotate jwt --finish"),
        "{}",
        again.said()
    );
    let (asked, failures) = load.end();
    assert_eq!(failures, Vec::<String>::new(), "of {asked} requests");
    assert!(asked > 2000, "{asked} requests say little");
    let told = writeln!(
        std::io::stderr(),
        "{asked} requests, none failed; {drilled}"
    );
    told.unwrap();
}

#[test]
fn a_process_that_hangs_is_named_keeps_its_login_and_is_waited_for_by_resume() {
    let (place, services) = platform();
    services[1].freeze(true);
    let stopped = rotate(&place, &["database", "--within", "3s"]).expect(7);
    let said = stopped.said();
    let operation = place.open_operation().unwrap();
    assert!(
        said.contains(&format!("operation resume {operation}")),
        "{said}"
    );
    assert!(said.contains("uses generation"), "{said}");
    let sessions = of(&status(&place), "database")["sessions"].clone();
    let logins = sessions
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["login"].as_str().unwrap());
    assert!(
        logins.clone().any(|login| login == "app_login"),
        "its sessions are ended: {sessions}"
    );
    services[1].freeze(false);
    assert_eq!(services[1].sign_up("ada"), 201, "it was locked out");
    place
        .run(&["operation", "resume", &operation, "--yes"])
        .expect(0);
    assert_eq!(user(&place), "app_login_b");
    let overdue = place.run(&["secrets", "status"]);
    assert_eq!(overdue.code, Some(0), "{}", overdue.said());
}

#[test]
fn an_environment_from_before_rotates_what_its_files_hold() {
    let place = Place::postgres();
    let first = std::fs::read_to_string(place.file("app_login.password")).unwrap();
    let key = "a key that was here before there were versions";
    let text = format!("{{\"JWT_SECRET\": \"{key}\", \"SOMETHING\": \"else\"}}\n");
    std::fs::write(place.file("secrets.json"), text).unwrap();
    let standing = status(&place);
    assert_eq!(of(&standing, "jwt")["versions"][0]["id"], "found");
    assert!(
        standing["findings"][0]["what"]
            .as_str()
            .unwrap()
            .contains("SOMETHING")
    );
    rotate(&place, &["jwt"]).expect(0);
    rotate(&place, &["database"]).expect(0);
    let file: Value =
        serde_json::from_slice(&std::fs::read(place.file("secrets.json")).unwrap()).unwrap();
    assert_eq!(file["JWT_SECRET_PREVIOUS"], key);
    assert_eq!(file["SOMETHING"], "else");
    let kept = std::fs::read_to_string(place.file("app_login.password")).unwrap();
    assert_eq!(kept, first, "the password in use was touched");
    assert_eq!(user(&place), "app_login_b");
}

#[test]
fn a_file_that_somebody_changed_is_not_overwritten() {
    let place = Place::postgres();
    place.run(&["secrets", "init", "--yes"]).expect(0);
    rotate(&place, &["api-key"]).expect(0);
    let path = place.file("secrets.json");
    let mut file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    file["API_KEY"] = "by-hand-and-longer-than-that".into();
    std::fs::write(&path, file.to_string()).unwrap();
    let refused = rotate(&place, &["api-key"]);
    assert!(
        refused.said().contains("changed by hand"),
        "{}",
        refused.said()
    );
    assert!(!refused.said().contains("by-hand-and-longer"));
    assert_eq!(refused.code, Some(4), "{}", refused.said());
}

#[test]
fn a_restored_database_is_served_with_the_login_in_use() {
    let (place, services) = platform();
    place.back_up();
    rotate(&place, &["database"]).expect(0);
    place.cut_over().expect(0);
    assert_eq!(user(&place), "app_login_b");
    assert_eq!(services[0].sign_up("after"), 201);
    rotate(&place, &["database"]).expect(0);
    assert_eq!(user(&place), "app_login");
    assert_eq!(services[1].sign_up("later"), 201);
}
