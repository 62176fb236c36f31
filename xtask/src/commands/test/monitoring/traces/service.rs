//! The service, told where the collector is.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use testkit::leash::Leash;

use super::{super::ENVIRONMENT, COMES, site::Site};
use crate::commands::test::platform::Platform;

/// Whoever signs up; told to nobody.
pub const PASSWORD: &str = "a password that is told to nobody";
const PATIENCE: Duration = Duration::from_secs(30);

/// A process of it; ends with this value.
pub struct Service {
    process: Leash,
    address: String,
}

impl Service {
    /// Beside the platform, on its database. Of the traces that it begins itself it keeps none.
    pub fn start(platform: &Platform, site: &Site) -> Result<Self> {
        let endpoint = format!("https://localhost:{}", site.ports.spans);
        let authority = site.authority_file();
        let process = platform.service(
            ENVIRONMENT,
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", &authority),
                ("OTEL_TRACES_SAMPLER_ARG", "0"),
            ],
        )?;
        let mut service = Self {
            process,
            address: String::new(),
        };
        COMES.until("the service", || {
            let lines = service.lines();
            let address = lines.iter().find_map(|line| line["address"].as_str());
            service.address = address.unwrap_or_default().to_owned();
            Ok(!service.address.is_empty())
        })?;
        Ok(service)
    }

    /// What it has written down.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The same, line by line.
    pub fn lines(&self) -> Vec<Value> {
        let log = self.log();
        let lines = log.lines().map(serde_json::from_str);
        lines.map_while(Result::ok).collect()
    }

    /// Signs somebody up within a trace of ours; how long that took.
    pub fn sign_up(&self, who: &str, trace: &Parent<'_>) -> Result<Duration> {
        let began = Instant::now();
        // What is no harmless word is not taken for an id.
        let name = who.split('@').next().unwrap_or(who);
        let body = format!(r#"{{"email":"{who}","password":"{PASSWORD}"}}"#);
        let mut tcp = TcpStream::connect(&self.address)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        write!(
            tcp,
            "POST /api/users HTTP/1.0\r\nhost: {}\r\ncontent-type: application/json\r\ntraceparent: {}\r\nx-request-id: {name}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            trace.header(),
            body.len(),
        )?;
        let mut said = String::new();
        tcp.read_to_string(&mut said)?;
        ensure!(
            said.lines().next().is_some_and(|it| it.contains(" 201 ")),
            "the service answers {said}"
        );
        Ok(began.elapsed())
    }
}

/// What a client says of the trace that its request belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Parent<'a> {
    pub trace: &'a str,
    pub span: &'a str,
    pub kept: Kept,
}

/// Whether whoever began the trace wants it kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Yes,
    No,
}

impl Parent<'_> {
    fn header(&self) -> String {
        let flags = match self.kept {
            Kept::Yes => "01",
            Kept::No => "00",
        };
        format!("00-{}-{}-{flags}", self.trace, self.span)
    }
}

/// Every value that the service holds as a secret.
pub fn secrets(platform: &Platform) -> Result<Vec<String>> {
    let text = fs::read_to_string(platform.secrets_file(ENVIRONMENT))?;
    let held: Value = serde_json::from_str(&text).context("the secrets are no JSON")?;
    let values = held.as_object().into_iter().flat_map(|it| it.values());
    let texts = values.filter_map(|it| it.as_str().map(str::to_owned));
    // The number of the revision is none.
    let all: Vec<_> = texts.filter(|it| it.len() >= 16).collect();
    ensure!(!all.is_empty(), "the service holds no secret");
    Ok(all)
}
