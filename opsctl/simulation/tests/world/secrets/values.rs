//! No value is anywhere but in its place.

use std::sync::{Arc, Mutex};

use opsctl_core::engine::{EventSink, NoFaults, execute};
use opsctl_core::operations::rebuild;
use opsctl_core::secrets::{Goal, SecretKind, standing};
use opsctl_core::state::Key;

use super::stage::Stage;

/// Everything that a run writes, plans, tells or fails with.
async fn everything(stage: &Stage, kind: SecretKind, id: &str) -> String {
    let plan = stage.plan(id, kind, Goal::Drill).await.unwrap();
    let heard = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&heard);
    let mut run = stage.run(Arc::new(NoFaults));
    run.events = EventSink::new(move |event| into.lock().unwrap().push_str(&format!("{event:?}")));
    stage.secrets.hang("process 2", true);
    let approval = stage.approval(&plan).await.unwrap();
    let operation = rebuild(&plan, &stage.world()).unwrap();
    let failed = execute(&run, &plan, &approval, operation.as_ref()).await;
    stage.secrets.hang("process 2", false);
    let resumed = match stage.is_open(&plan).await {
        true => format!("{:?}", stage.resume(&plan).await),
        false => String::new(),
    };
    let mut text = format!("{failed:?}{resumed}{plan:?}");
    text.push_str(&serde_json::to_string(&plan).unwrap());
    text.push_str(&heard.lock().unwrap());
    text
}

#[tokio::test]
async fn no_plan_journal_event_failure_or_state_holds_a_value() {
    let stage = Stage::new();
    let mut text = everything(&stage, SecretKind::Database, "secrets-rotate-1").await;
    text.push_str(&everything(&stage, SecretKind::Jwt, "secrets-rotate-2").await);
    let told = standing(&stage.world()).await.unwrap();
    text.push_str(&serde_json::to_string(&told).unwrap());
    for key in stage.store.list(&Key::root()).await.unwrap() {
        let bytes = stage.store.read(&key).await.unwrap().unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    let values = stage.secrets.values();
    assert!(
        values.len() > 2 && text.len() > 10_000,
        "{} values",
        values.len()
    );
    for value in values {
        assert!(!text.contains(&value), "a value was told");
    }
}
