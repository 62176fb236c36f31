//! The real application, and its clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::place::application;

const SECRET: &str = "a secret of forty characters for a test!";

pub struct Service {
    child: Child,
    address: String,
}

impl Service {
    /// Starts it on what the descriptor says, and waits until it listens.
    pub fn start(descriptor: &Path) -> Self {
        let mut command = Command::new(application());
        command.env("DATABASE_DESCRIPTOR", descriptor);
        command.env("JWT_SECRET", SECRET);
        Self::announced(command).unwrap()
    }

    /// The same with the secrets of a file, which it follows; nobody is asked to slow down.
    pub fn following(descriptor: &Path, secrets: &Path) -> Self {
        let mut command = Command::new(application());
        command
            .env("DATABASE_DESCRIPTOR", descriptor)
            .env("SECRETS_FILE", secrets)
            .env("SECRETS_INTERVAL", "1")
            .env("RATE_LIMIT_USER", "4294967295")
            .env("RATE_LIMIT_ADDRESS", "4294967295");
        Self::announced(command).unwrap()
    }

    /// Starts it on an address that somebody wrote down once; its last words when it refuses.
    pub fn start_on(url: &str) -> Result<Self, String> {
        let mut command = Command::new(application());
        command.env("DATABASE_URL", url).env("JWT_SECRET", SECRET);
        Self::announced(command)
    }

    /// Starts it behind TLS, with the certificate and the key of a folder. Whoever asks it sees when it is ready.
    pub fn behind_tls(descriptor: &Path, certificate: &Path) -> Self {
        let mut command = Command::new(application());
        command.env("DATABASE_DESCRIPTOR", descriptor);
        command.env("JWT_SECRET", SECRET);
        command.env("APP_TLS_CERTIFICATE", certificate.join("tls.crt"));
        command.env("APP_TLS_KEY", certificate.join("tls.key"));
        let (service, _, said) = Self::begun(command);
        assert!(!service.address.is_empty(), "{said}");
        service
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    fn announced(command: Command) -> Result<Self, String> {
        let (service, mut log, mut line) = Self::begun(command);
        if !service.address.is_empty() && service.becomes_ready() {
            return Ok(service);
        }
        drop(service);
        log.read_to_string(&mut line).unwrap();
        Err(line)
    }

    /// With its log, of which the first line says where it listens, or why not.
    fn begun(mut command: Command) -> (Self, BufReader<ChildStderr>, String) {
        let mut child = command
            .args(["--role", "all"])
            .env("APP_PORT", "0")
            .env("HEARTBEAT_INTERVAL", "1")
            .env("LOG_LEVEL", "ERROR")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        let address = said["address"].as_str().map(ToOwned::to_owned);
        let service = Self {
            child,
            address: address.unwrap_or_default(),
        };
        (service, log, line)
    }

    fn becomes_ready(&self) -> bool {
        let begun = std::time::Instant::now();
        while begun.elapsed().as_secs() < 60 {
            match self.try_ask("GET", "/health/ready", &Value::Null) {
                Ok((200, _)) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        false
    }

    /// Signs somebody up; the status of the answer.
    pub fn sign_up(&self, name: &str) -> u16 {
        let body = json!({ "email": format!("{name}@example.org"), "password": "a long password of a test" });
        self.try_ask("POST", "/api/users", &body).unwrap().0
    }

    /// What the process says of its database.
    pub fn ready(&self) -> Value {
        self.try_ask("GET", "/health/ready", &Value::Null)
            .unwrap()
            .1
    }

    /// Signs in; the token of the session.
    pub fn sign_in(&self, name: &str) -> String {
        let body = json!({ "email": format!("{name}@example.org"), "password": "a long password of a test" });
        let (status, answer) = self.try_ask("POST", "/auth/login", &body).unwrap();
        let token = answer["access_token"].as_str();
        token
            .unwrap_or_else(|| panic!("{status}: {answer}"))
            .to_owned()
    }

    /// Asks as somebody; the status of the answer, 0 when there was none.
    pub fn get_as(&self, token: &str, path: &str) -> u16 {
        let asked = self.exchange(("GET", path), &Value::Null, Some(token));
        asked.map_or(0, |(status, _)| status)
    }

    /// Writes a post as somebody; the status of the answer, 0 when there was none.
    pub fn post_as(&self, token: &str, title: &str) -> u16 {
        let body = json!({ "title": title, "content": "while something is rotated" });
        let asked = self.exchange(("POST", "/api/posts"), &body, Some(token));
        asked.map_or(0, |(status, _)| status)
    }

    /// Stops its process where it is, as one that hangs does, or lets it go on.
    pub fn freeze(&self, frozen: bool) {
        let signal = if frozen { "-STOP" } else { "-CONT" };
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> std::io::Result<(u16, Value)> {
        self.exchange((method, path), body, None)
    }

    fn exchange(
        &self,
        (method, path): (&str, &str),
        body: &Value,
        token: Option<&str>,
    ) -> std::io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let who = token.map(|token| format!("authorization: Bearer {token}\r\n"));
        let who = who.unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{who}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest
                    .split(' ')
                    .next()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0);
            }
            if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
