//! Who exports which metric. The service is started and read; others are listed with the version that `k8s/monitoring` deploys.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::{
    ENVIRONMENT,
    expressions::{Expression, metrics},
};
use crate::{checkout::Checkout, commands::test::platform::Platform};

/// What Prometheus adds by itself.
const OF_PROMETHEUS: [&str; 2] = ["up", "ALERTS"];
const PATIENCE: Duration = Duration::from_secs(30);
/// Where the service's own sources lie.
const APP: &str = "app/src/";

/// One line of `exporters.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exporter {
    exporter: String,
    /// The file that deploys it.
    deployed_by: String,
    #[serde(default)]
    metrics: Vec<String>,
    /// Read from the running program instead.
    #[serde(default)]
    read: bool,
    /// Exported where more runs than on one machine: held against the names in its sources.
    #[serde(default)]
    registered: Vec<String>,
}

/// Every metric that somebody exports.
#[derive(Debug, Default)]
pub struct Exported(BTreeSet<String>);

impl Exported {
    /// The metrics that nobody exports and no rule records, each with whoever names it.
    pub fn unknown_in(&self, expressions: Vec<Expression>) -> Vec<String> {
        let recorded: BTreeSet<_> = expressions
            .iter()
            .filter_map(|it| it.records.clone())
            .collect();
        let mut faults = Vec::new();
        for expression in &expressions {
            let names = metrics(&expression.text).unwrap_or_default();
            for name in names {
                if !self.0.contains(&name) && !recorded.contains(&name) {
                    let of = &expression.of;
                    faults.push(format!(
                        "{of}: nobody exports {name} (exporters.yaml says who exports what)"
                    ));
                }
            }
        }
        faults
    }

    /// With what rules record.
    pub fn with(mut self, more: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(more);
        self
    }
}

/// Reads the list and the running programs.
pub fn exported(checkout: &Checkout, place: &Path, platform: &Platform) -> Result<Exported> {
    let text = fs::read_to_string(place.join("exporters.yaml"))?;
    let listed: Vec<Exporter> = serde_yaml::from_str(&text).context("exporters.yaml")?;
    let running = running(platform)?;
    let mut all: BTreeSet<String> = OF_PROMETHEUS.map(str::to_owned).into();
    for exporter in &listed {
        let name = &exporter.exporter;
        let file = checkout.root.join(&exporter.deployed_by);
        ensure!(
            file.exists(),
            "{name} is deployed by {}, which is not there",
            file.display()
        );
        if exporter.read {
            let read = running
                .get(name)
                .with_context(|| format!("nobody started {name}"))?;
            all.extend(read.iter().cloned());
        }
        registered(checkout, exporter)?;
        all.extend(exporter.metrics.iter().chain(&exporter.registered).cloned());
    }
    let recorded = super::alerts::expressions(&place.join("prometheus/rules"))?;
    Ok(Exported(all).with(recorded.into_iter().filter_map(|it| it.records)))
}

/// A name that the sources do not know is exported by nobody.
fn registered(checkout: &Checkout, exporter: &Exporter) -> Result<()> {
    if exporter.registered.is_empty() {
        return Ok(());
    }
    let mut sources = String::new();
    let files = checkout.files()?.into_iter();
    for file in files.filter(|file| file.starts_with(APP) && file.ends_with(".rs")) {
        sources.push_str(&fs::read_to_string(checkout.root.join(file))?);
    }
    for name in &exporter.registered {
        let known = ["", "_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|end| name.strip_suffix(*end))
            .any(|name| sources.contains(&format!("\"{name}\"")));
        ensure!(
            known,
            "exporters.yaml: {} registers no {name}",
            exporter.exporter
        );
    }
    Ok(())
}

/// What the programs of this repository export, each read while it runs.
fn running(platform: &Platform) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let app = read(&platform.measurements(ENVIRONMENT)?)?;
    let opsctl = platform.opsctl(&["metrics"])?;
    let both = [("app", app), ("opsctl", opsctl)];
    Ok(both
        .map(|(name, text)| (name.to_owned(), names(&text)))
        .into())
}

/// The names of the samples in Prometheus's text format.
fn names(text: &str) -> BTreeSet<String> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let names = samples.filter_map(|line| line.split(['{', ' ']).next());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What stands at `/metrics` of an address.
pub fn read(address: &str) -> Result<String> {
    get(address, "/metrics")
}

/// What stands at a path of an address.
pub fn get(address: &str, path: &str) -> Result<String> {
    let mut tcp = TcpStream::connect(address).with_context(|| address.to_owned())?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    write!(tcp, "GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n")?;
    let mut said = String::new();
    tcp.read_to_string(&mut said)?;
    match said.split_once("\r\n\r\n") {
        Some((head, body)) if head.contains(" 200 ") => Ok(body.to_owned()),
        _ => bail!("{address}{path} answers {said}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_over_a_metric_that_does_not_exist_is_told_with_its_name() {
        let exported = Exported::default().with(["a_total".to_owned()]);
        let rule = |text: &str, records: Option<&str>| Expression {
            of: "A".to_owned(),
            text: text.to_owned(),
            records: records.map(str::to_owned),
        };
        let rules = vec![
            rule("rate(a_total[5m])", Some("a:rate")),
            rule("a:rate > b", None),
        ];
        let faults = exported.unknown_in(rules);
        assert_eq!(
            faults,
            ["A: nobody exports b (exporters.yaml says who exports what)"]
        );
    }

    #[test]
    fn samples_are_known_by_their_names() {
        let text = "# HELP a x\n# TYPE a counter\na{b=\"c\"} 1\nd 2\n\n";
        assert_eq!(
            names(text),
            BTreeSet::from(["a".to_owned(), "d".to_owned()])
        );
    }
}
