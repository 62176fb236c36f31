//! The way of a line, as far as it can be gone here: lines of the running service, as Fluent Bit hands them over, as the pipeline changes
//! them, as the index maps them, and as Kibana asks for them. The programs in between cannot be had (docs/decisions/0089-telemetry.md):
//! their configuration is read as strictly as they read it, and what they do to a line is done here by their documentation.

mod index;
mod kibana;
mod pipeline;
mod record;
mod setup;
mod shipper;

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Map, Value};

use crate::checkout::Checkout;
use index::Index;
use pipeline::Pipeline;
use shipper::Shipper;

pub use pipeline::require;

/// Follows lines; every fault is told.
pub fn faults(checkout: &Checkout, place: &Path, python: &Path, log: &str) -> Result<Vec<String>> {
    let place = place.join("logs");
    let shipper = Shipper::read(&place.join("fluent-bit.yaml"))?;
    let pipeline = Pipeline::read(checkout, python, &place.join("pipeline.conf"))?;
    let index = Index::read(&place.join("template.json"))?;
    let mut faults = pipeline.faults();
    faults.extend(shipper.faults(&pipeline.ports()));
    let mut documents = Vec::new();
    for line in log.lines() {
        let shipped = record::of(line, &shipper);
        let passed = pipeline.passed("line", shipped);
        ensure!(
            passed.len() == 1,
            "one line became {}: {line}",
            passed.len()
        );
        faults.extend(arrived(line, &passed[0]));
        documents.extend(passed);
    }
    ensure!(
        documents.len() > 20,
        "the service wrote next to nothing: {log}"
    );
    documents.extend(pipeline.passed("review", record::of_an_alert()));
    faults.extend(index.faults(&documents));
    faults.extend(kibana::faults(
        &place.join("saved-objects.ndjson"),
        &index,
        &documents,
    )?);
    faults.extend(setup::faults(checkout)?);
    Ok(faults)
}

/// Whatever the service wrote is there, under its own name, at its own time.
fn arrived(line: &str, document: &Map<String, Value>) -> Vec<String> {
    let Ok(written) = serde_json::from_str::<Map<String, Value>>(line) else {
        return match document.get("log") {
            Some(Value::String(text)) if text == line => Vec::new(),
            other => vec![format!("text that is no JSON became {other:?}: {line}")],
        };
    };
    let changed = written
        .iter()
        .filter(|(name, value)| document.get(*name) != Some(*value));
    let changed = changed.map(|(name, _)| format!("{name} of a line was lost or changed: {line}"));
    let mut faults: Vec<_> = changed.collect();
    if document.get("@timestamp") != written.get("timestamp") {
        faults.push(format!("a line is filed under another time: {line}"));
    }
    faults
}
