//! The real application, reading its secrets from the account, and the people who use it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::REGION;

const PASSWORD: &str = "a long password of a test";

/// A process that runs until it is dropped.
pub struct App {
    child: Child,
    pub address: SocketAddr,
    pub metrics: SocketAddr,
    /// What it reads (`SECRETS_MANAGER_IDS`).
    pub ids: String,
    _folder: tempfile::TempDir,
}

impl App {
    /// Starts it and waits until it is ready.
    pub fn start(aws: &testkit_aws::Aws, ids: &str) -> Self {
        let folder = testkit::files::quick_tempdir().unwrap();
        let keys = &aws.account().keys;
        let mut child = Command::new(testkit::application::program())
            .args(["--role", "all"])
            .env_clear()
            .envs([
                ("AWS_ENDPOINT_URL", aws.url().as_str()),
                ("AWS_REGION", REGION),
                ("AWS_ACCESS_KEY_ID", &keys.access_key_id),
                ("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("SECRETS_MANAGER_IDS", ids),
                ("SECRETS_INTERVAL", "1"),
                ("HEARTBEAT_INTERVAL", "1"),
                ("APP_PORT", "0"),
                ("METRICS_PORT", "0"),
                ("RATE_LIMIT_USER", "4294967295"),
                ("RATE_LIMIT_ADDRESS", "4294967295"),
                ("LOG_LEVEL", "ERROR"),
            ])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        let address = |name: &str| {
            let text = said[name].as_str();
            text.unwrap_or_else(|| panic!("it said {line}"))
                .parse()
                .unwrap()
        };
        let app = Self {
            address: address("address"),
            metrics: address("metrics"),
            ids: ids.to_owned(),
            child,
            _folder: folder,
        };
        // Nobody reads the rest, and a full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let ready = || status(ask(app.address, "GET", "/health/ready", None)) == 200;
        until("it is ready", ready);
        app
    }

    /// Stops it in its tracks, or lets it go on.
    pub fn freeze(&self, frozen: bool) {
        let signal = if frozen { "-STOP" } else { "-CONT" };
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    pub fn sign_up(&self, name: &str) -> u16 {
        let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        status(ask(self.address, "POST", "/api/users", Some((&body, ""))))
    }

    pub fn sign_in(&self, name: &str) -> String {
        let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        let (status, answer) =
            ask(self.address, "POST", "/auth/login", Some((&body, ""))).unwrap_or_default();
        let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        let token = answer["access_token"].as_str();
        token
            .unwrap_or_else(|| panic!("signing in answers {status}"))
            .to_owned()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Waits, with a deadline.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(90);
    while !done() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn status(answer: Option<(u16, String)>) -> u16 {
    answer.map_or(0, |(status, _)| status)
}

/// One request; `None` when nobody answers. With a body it is sent as whoever holds the token.
pub fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    sent: Option<(&Value, &str)>,
) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(3)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let body = sent.map(|(body, _)| body).filter(|body| !body.is_null());
    let body = body.map(Value::to_string).unwrap_or_default();
    let token = sent.map_or("", |(_, token)| token);
    let authorization = match token {
        "" => String::new(),
        token => format!("Authorization: Bearer {token}\r\n"),
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{authorization}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, body.to_owned()))
}

/// Requests without a pause, to one process after the other.
pub struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    pub fn on(apps: &[App]) -> Self {
        assert_eq!(apps[0].sign_up("client"), 201);
        let token = apps[0].sign_in("client");
        let addresses: Vec<SocketAddr> = apps.iter().map(|app| app.address).collect();
        let (stop, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let client = |_| {
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            let (addresses, token) = (addresses.clone(), token.clone());
            std::thread::spawn(move || {
                let mut failures = Vec::new();
                for turn in 0_usize.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    failures.extend(one(&addresses, &token, turn));
                    asked.fetch_add(1, Ordering::SeqCst);
                }
                failures
            })
        };
        let clients = (0..3).map(client).collect();
        Self {
            stop,
            asked,
            clients,
        }
    }

    /// Until so many more were answered.
    pub fn goes_on_for(&self, more: usize) {
        let wanted = self.asked.load(Ordering::SeqCst) + more;
        until("requests are answered", || {
            self.asked.load(Ordering::SeqCst) >= wanted
        });
    }

    /// How many were asked, and each failure.
    pub fn end(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        let clients = self.clients.into_iter();
        let failures = clients.flat_map(|client| client.join().unwrap()).collect();
        (self.asked.load(Ordering::SeqCst), failures)
    }
}

/// What went wrong with one request.
fn one(addresses: &[SocketAddr], token: &str, turn: usize) -> Option<String> {
    let address = addresses[turn % addresses.len()];
    let post = json!({"title": "a title", "content": format!("turn {turn}")});
    let (what, answer) = match turn % 10 {
        0 => (
            "write",
            ask(address, "POST", "/api/posts", Some((&post, token))),
        ),
        _ => (
            "read",
            ask(address, "GET", "/api/posts", Some((&Value::Null, token))),
        ),
    };
    let status = status(answer);
    (!(200..300).contains(&status)).then(|| format!("{what}: {status}"))
}
