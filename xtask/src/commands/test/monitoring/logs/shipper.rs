//! Fluent Bit's configuration, read strictly: a name that its documentation does not know is refused, as the program would pass it over.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// Where the log of the platform's pods lies on a node.
const PLATFORM: &str = "/var/log/containers/*_platform_*.log";

/// What is read, and to whom it is handed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipper {
    service: Service,
    pipeline: Stages,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stages {
    inputs: [Tail; 1],
    filters: [Kubernetes; 1],
    outputs: [Http; 1],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what is there to be known, not to be judged")]
struct Service {
    flush: u32,
    http_server: String,
    http_listen: String,
    http_port: u16,
    #[serde(rename = "storage.path")]
    storage: String,
    #[serde(rename = "storage.sync")]
    sync: String,
    #[serde(rename = "storage.max_chunks_up")]
    chunks: u32,
    #[serde(rename = "storage.metrics")]
    metrics: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tail {
    name: String,
    path: String,
    #[serde(rename = "multiline.parser")]
    parser: String,
    tag: String,
    db: String,
    #[serde(rename = "storage.type")]
    storage: String,
    skip_long_lines: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kubernetes {
    name: String,
    #[serde(rename = "match")]
    matches: String,
    merge_log: String,
    keep_log: String,
    labels: String,
    annotations: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Http {
    name: String,
    alias: String,
    #[serde(rename = "match")]
    matches: String,
    host: String,
    port: u16,
    uri: String,
    format: String,
    json_date_key: String,
    json_date_format: String,
    compress: String,
    tls: String,
    #[serde(rename = "tls.verify")]
    verify: String,
    #[serde(rename = "tls.ca_file")]
    authority: String,
    #[serde(rename = "tls.crt_file")]
    certificate: String,
    #[serde(rename = "tls.key_file")]
    key: String,
    #[serde(rename = "storage.total_limit_size")]
    limit: String,
    retry_limit: String,
}

impl Shipper {
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)?;
        serde_yaml::from_str(&text).context("fluent-bit.yaml")
    }

    /// Under which name a record tells when it was written.
    pub fn time_key(&self) -> &str {
        &self.pipeline.outputs[0].json_date_key
    }

    /// Whether a line of JSON becomes fields.
    pub fn merges(&self) -> bool {
        self.pipeline.filters[0].merge_log == "on"
    }

    /// Each stage passes on to the next; nothing is in the clear, and nothing is given up.
    pub fn faults(&self, ports: &[u64]) -> Vec<String> {
        let all = self.as_read().into_iter().chain(self.as_handed(ports));
        let wrong = all.filter(|(_, is_right)| !is_right);
        let told =
            wrong.map(|(what, _)| format!("fluent-bit.yaml: {what} is not what it should be"));
        told.collect()
    }

    fn as_read(&self) -> Vec<(&'static str, bool)> {
        let (input, filter) = (&self.pipeline.inputs[0], &self.pipeline.filters[0]);
        let kept = self.service.storage.trim_end_matches("waiting");
        vec![
            ("inputs.name", input.name == "tail" && input.parser == "cri"),
            ("inputs.path", input.path == PLATFORM),
            ("inputs.db", input.db.starts_with(kept)),
            ("inputs.storage.type", input.storage == "filesystem"),
            ("inputs.skip_long_lines", input.skip_long_lines == "on"),
            ("filters.name", filter.name == "kubernetes"),
            ("filters.keep_log", filter.keep_log == "off"),
            ("filters.labels", filter.labels == "on"),
            ("filters.annotations", filter.annotations == "off"),
            ("filters.match", input.tag == filter.matches),
        ]
    }

    fn as_handed(&self, ports: &[u64]) -> Vec<(&'static str, bool)> {
        let output = &self.pipeline.outputs[0];
        let mounted = |path: &str| path.starts_with("/etc/fluent-bit/tls/");
        vec![
            ("outputs.name", output.name == "http"),
            ("outputs.alias", output.alias == "logstash"),
            (
                "outputs.match",
                self.pipeline.inputs[0].tag == output.matches,
            ),
            ("outputs.host", output.host == "logstash.monitoring.svc"),
            ("outputs.uri", output.uri == "/"),
            ("outputs.port", ports.contains(&u64::from(output.port))),
            ("outputs.format", output.format == "json"),
            ("outputs.compress", output.compress == "gzip"),
            (
                "outputs.json_date_format",
                output.json_date_format == "iso8601",
            ),
            ("outputs.tls", output.tls == "on" && output.verify == "on"),
            ("outputs.tls.ca_file", mounted(&output.authority)),
            ("outputs.tls.crt_file", mounted(&output.certificate)),
            ("outputs.tls.key_file", mounted(&output.key)),
            ("outputs.retry_limit", output.retry_limit == "no_limits"),
            ("outputs.storage.total_limit_size", output.limit == "1G"),
        ]
    }
}
