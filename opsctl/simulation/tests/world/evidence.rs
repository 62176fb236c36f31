//! The evidence chain: every edit, removal, reordering and forgery is caught.

use opsctl_core::clock::Timestamp;
use opsctl_core::environment::TrustedKey;
use opsctl_core::evidence::{
    Chain, Check, Entry, Evidence, EvidenceKey, EvidenceVerdict, Head, Integrity, Level, Phase,
    Reconciliation, RecoveryPointOf, Representative, Rpo, RpoMethod, Rto, append, find, key_id,
    list, newest_passed, verify,
};
use opsctl_core::guard::Principal;
use opsctl_core::names::{BackupId, EnvironmentName, OperationId};
use opsctl_core::secret::Secret;
use opsctl_core::state::Key;
use opsctl_simulation::MemoryStore;

pub fn key(byte: u8) -> EvidenceKey {
    EvidenceKey::from_seed(&Secret::new([byte; 32]))
}

pub fn trust(key: &EvidenceKey) -> Vec<TrustedKey> {
    let public_key = key.public_key();
    let id = key_id(&hex::decode(&public_key).unwrap());
    vec![TrustedKey { id, public_key }]
}

pub fn document(operation: &str) -> Evidence {
    let at = Timestamp::parse("2026-11-23T06:15:00.5Z").unwrap();
    Evidence {
        schema_version: Evidence::SCHEMA_VERSION,
        sequence: 0,
        drill: "restore".into(),
        operation: OperationId::new(operation).unwrap(),
        environment: EnvironmentName::new("local").unwrap(),
        started_at: at,
        finished_at: at,
        recovery_point: RecoveryPointOf {
            backup_id: BackupId::new("b1").unwrap(),
            taken_at: at,
        },
        rto: Rto {
            target_seconds: 3600.0,
            measured_seconds: 1.234_567_890_123_4,
            phases: vec![Phase {
                name: "fetch".into(),
                seconds: 0.1 + 0.2,
            }],
            caches: "page cache of the backup's files dropped".into(),
            warm: None,
        },
        rpo: Rpo {
            target_seconds: 86_400.0,
            measured_seconds: 5.0,
            method: RpoMethod::Heartbeat,
            by_backup_record_seconds: 6.0,
        },
        integrity: Integrity {
            levels: vec![Level {
                name: "engine".into(),
                outcome: "passed".into(),
                detail: "it opens".into(),
            }],
        },
        reconciliation: Reconciliation::default(),
        fidelity: Check::default(),
        representative: Representative {
            of_production: false,
            why: "one machine".into(),
        },
        verdict: EvidenceVerdict::Passed,
        reasons: Vec::new(),
        self_test: None,
        failover: None,
        region: None,
        cost: None,
        previous_sha256: String::new(),
        opsctl_version: "0.1.0".into(),
        principal: Principal::claimed("ada"),
        signature: None,
    }
}

async fn chain_of_three() -> Vec<Entry> {
    let store = MemoryStore::default();
    for operation in ["drill-1", "drill-2", "drill-3"] {
        append(&store, &key(1), document(operation)).await.unwrap();
    }
    list(&store).await.unwrap()
}

fn check(entries: &[Entry]) -> Chain {
    verify(entries, &trust(&key(1)), None)
}

fn edited(entry: &Entry, from: &str, to: &str) -> Entry {
    let text = String::from_utf8(entry.bytes.clone()).unwrap();
    assert!(text.contains(from), "nothing to edit");
    Entry {
        key: entry.key.clone(),
        bytes: text.replacen(from, to, 1).into_bytes(),
    }
}

#[tokio::test]
async fn an_untouched_chain_is_whole_and_its_end_is_proven_by_an_anchor_alone() {
    let entries = chain_of_three().await;
    let chain = check(&entries);
    assert_eq!(
        (chain.is_whole(), chain.head, chain.documents),
        (true, Head::NotProven, 3)
    );
    let anchored = verify(&entries, &trust(&key(1)), Some(&chain.head_sha256));
    assert_eq!(anchored.head, Head::Proven);
}

#[tokio::test]
async fn any_edit_is_caught_in_any_document() {
    for (from, to) in [
        ("1.2345678901234", "1.2345678901235"),
        ("it opens", "it shines"),
    ] {
        for position in 0..3 {
            let mut entries = chain_of_three().await;
            entries[position] = edited(&entries[position], from, to);
            let chain = check(&entries);
            let expected = entries[position].key.name();
            assert!(
                chain.faults.iter().any(|fault| fault.document == expected),
                "{chain:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_added_field_is_an_edit_too() {
    let mut entries = chain_of_three().await;
    entries[2] = edited(&entries[2], "{", "{ \"note\": \"trust me\",");
    assert!(!check(&entries).is_whole());
}

#[tokio::test]
async fn a_removed_document_is_missed_and_at_the_end_only_the_anchor_tells() {
    let whole = chain_of_three().await;
    let anchor = check(&whole).head_sha256;
    for position in 0..2 {
        let mut entries = whole.clone();
        entries.remove(position);
        assert!(!check(&entries).is_whole(), "removed {position}");
    }
    let shortened = &whole[..2];
    assert!(check(shortened).is_whole());
    let chain = verify(shortened, &trust(&key(1)), Some(&anchor));
    assert_eq!((chain.is_whole(), chain.head), (false, Head::Wrong));
}

#[tokio::test]
async fn reordered_documents_are_caught() {
    let mut entries = chain_of_three().await;
    let (first, second) = (entries[0].bytes.clone(), entries[1].bytes.clone());
    entries[0].bytes = second;
    entries[1].bytes = first;
    assert!(!check(&entries).is_whole());
}

#[tokio::test]
async fn a_strangers_signature_is_not_trusted_even_under_a_known_name() {
    let store = MemoryStore::default();
    append(&store, &key(2), document("drill-1")).await.unwrap();
    let entries = list(&store).await.unwrap();
    assert!(!check(&entries).is_whole());
    let mut forged = trust(&key(1));
    forged[0].id = trust(&key(2))[0].id.clone();
    assert!(!verify(&entries, &forged, None).is_whole());
}

#[tokio::test]
async fn an_unsigned_document_is_caught() {
    let mut entries = chain_of_three().await;
    let mut last = entries[2].document().unwrap();
    last.signature = None;
    entries[2].bytes = opsctl_core::state::encode(&last).unwrap();
    assert!(
        check(&entries)
            .faults
            .iter()
            .any(|fault| fault.detail == "it is not signed")
    );
}

#[tokio::test]
async fn two_drills_that_end_at_once_both_stand_in_the_chain() {
    let store = MemoryStore::default();
    let key = key(1);
    let every = (0..8).map(|n| append(&store, &key, document(&format!("drill-{n}"))));
    for answer in futures::future::join_all(every).await {
        answer.unwrap();
    }
    let entries = list(&store).await.unwrap();
    assert_eq!((entries.len(), check(&entries).is_whole()), (8, true));
}

#[tokio::test]
async fn a_drills_document_and_the_newest_that_passed_are_found() {
    let store = MemoryStore::default();
    append(&store, &key(1), document("drill-1")).await.unwrap();
    let failed = Evidence {
        verdict: EvidenceVerdict::Failed,
        ..document("drill-2")
    };
    append(&store, &key(1), failed).await.unwrap();
    let wanted = OperationId::new("drill-2").unwrap();
    assert!(find(&store, &wanted).await.unwrap().is_some());
    let passed = newest_passed(&store, "restore").await.unwrap().unwrap();
    assert_eq!(passed.operation.as_str(), "drill-1");
}

#[tokio::test]
async fn the_report_for_people_lies_beside_the_document() {
    use opsctl_core::state::StateStore;
    let store = MemoryStore::default();
    append(&store, &key(1), document("drill-1")).await.unwrap();
    let report = store
        .read(&Key::of(&["evidence", "000001.md"]))
        .await
        .unwrap()
        .unwrap();
    insta::assert_snapshot!(String::from_utf8(report).unwrap());
}
