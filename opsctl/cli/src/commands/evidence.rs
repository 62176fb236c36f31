//! `opsctl evidence`

use std::sync::Arc;

use opsctl_aws::SecretKey;
use opsctl_core::evidence::{Chain, Entry, Evidence, Head, key_id, list, render, verify};
use opsctl_core::ports::EvidenceKeys;
use opsctl_core::{Failure, FailureKind, Result};
use opsctl_local::keys::KeyFile;
use serde_json::{Value, json};

use crate::args::EvidenceCommand;
use crate::output::Table;
use crate::session::Session;

/// Runs an evidence command.
///
/// # Errors
/// When the evidence can't be read.
pub async fn run(session: &Session, command: EvidenceCommand) -> Result<u8> {
    let entries = list(session.store.as_ref()).await?;
    match command {
        EvidenceCommand::List => Ok(list_all(session, &entries)),
        EvidenceCommand::Show { number } => show(session, &entries, number),
        EvidenceCommand::Verify { head } => Ok(check(session, &entries, head.as_deref())),
        EvidenceCommand::Key => key(session).await,
    }
}

fn list_all(session: &Session, entries: &[Entry]) -> u8 {
    let documents: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry.document().ok())
        .collect();
    let value = serde_json::to_value(&documents).unwrap_or_default();
    session.output.answer(&json!({ "evidence": value }), || {
        let mut table = Table::new(&["#", "drill", "finished", "verdict", "rto", "rpo", "backup"]);
        for document in &documents {
            table.row([
                document.sequence.to_string(),
                document.drill.clone(),
                document.finished_at.to_string(),
                format!("{:?}", document.verdict).to_lowercase(),
                measured(document, document.rto.measured_seconds),
                measured(document, document.rpo.measured_seconds),
                match &document.failover {
                    Some(_) => "-".into(),
                    None => document.recovery_point.backup_id.to_string(),
                },
            ]);
        }
        table.render()
    });
    0
}

/// A self-test times no restore.
fn measured(document: &Evidence, seconds: f64) -> String {
    match document.self_test {
        Some(_) => "-".into(),
        None => format!("{seconds:.1} s"),
    }
}

fn show(session: &Session, entries: &[Entry], number: Option<u64>) -> Result<u8> {
    let wanted = match number {
        Some(number) => entries
            .iter()
            .find(|entry| entry.sequence() == Some(number)),
        None => entries.last(),
    };
    let entry = wanted
        .ok_or_else(|| Failure::usage("there is no such evidence").hint("opsctl evidence list"))?;
    let document = entry.document()?;
    let value = serde_json::from_slice::<Value>(&entry.bytes).unwrap_or_default();
    session.output.answer(&value, || render(&document));
    Ok(0)
}

fn check(session: &Session, entries: &[Entry], head: Option<&str>) -> u8 {
    let chain = verify(entries, &session.environment.trusted_keys, head);
    let value = serde_json::to_value(&chain).unwrap_or_default();
    session.output.answer(&value, || describe(&chain));
    if chain.is_whole() {
        0
    } else {
        FailureKind::PromiseBroken.exit_code()
    }
}

fn describe(chain: &Chain) -> String {
    let mut text = String::new();
    for fault in &chain.faults {
        text.push_str(&format!("{}: {}\n", fault.document, fault.detail));
    }
    if chain.is_whole() {
        text.push_str(&format!(
            "{} documents: whole and signed by trusted keys\n",
            chain.documents
        ));
    }
    text.push_str(match chain.head {
        Head::Proven => "tail proven\n",
        Head::NotProven => "tail not proven: give --head with the hash that you kept elsewhere\n",
        Head::Wrong => "tail wrong\n",
    });
    text.push_str(&format!("head {}\n", chain.head_sha256));
    text
}

async fn key(session: &Session) -> Result<u8> {
    let keys: Arc<dyn EvidenceKeys> = match &session.aws {
        Some(aws) => Arc::new(SecretKey::of(aws.clone())),
        None => Arc::new(KeyFile::below(&session.folder)),
    };
    let public_key = keys.signing_key().await?.public_key();
    let id = key_id(&hex_bytes(&public_key));
    let value = json!({ "id": id, "public_key": public_key });
    session.output.answer(&value, || {
        format!("trusted_keys:\n  - id: \"{id}\"\n    public_key: \"{public_key}\"\n")
    });
    Ok(0)
}

fn hex_bytes(text: &str) -> Vec<u8> {
    let pairs = text
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}
