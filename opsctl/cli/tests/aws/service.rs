//! The real application on the account's database and cache.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub struct Service {
    child: Child,
    url: String,
}

impl Service {
    /// Starts it and waits until it listens.
    pub fn start(database: &str, redis: &str) -> Self {
        let mut child = Command::new(testkit::application::program())
            .args(["--role", "all"])
            .env("DATABASE_URL", database)
            .env("REDIS_URL", redis)
            .env("CACHE", "redis")
            .env("JWT_SECRET", "a secret of forty characters for a test!")
            .env("APP_PORT", "0")
            .env("LOG_LEVEL", "ERROR")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let address = announced(&mut log);
        // Nobody else reads it: a full pipe would hold the application up.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let url = format!("http://{address}");
        Self { child, url }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The address that it says it listens at.
fn announced(log: &mut impl BufRead) -> String {
    let mut said = String::new();
    for line in log.lines() {
        let line = line.unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(address) = told["address"].as_str() {
            return address.to_owned();
        }
        said.push_str(&line);
    }
    panic!("it does not listen: {said}")
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
