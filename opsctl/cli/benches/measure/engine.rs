//! An operation of steps that do nothing, and the same records without the operation.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::Result;
use opsctl_core::{
    clock::SystemClock,
    engine::{EventSink, Interrupt, NoFaults, Run, Runner, When, execute},
    guard::{Answer, Confirmation, LeaseTerms, Principal, Question, Rules, approve},
    names::OperationId,
    state::{Key, StateStore},
};
use opsctl_local::state::FolderStore;
use opsctl_simulation::{Effects, Script, ScriptedOperation, plan_of};
use serde_json::{Value, json};

/// Nobody is asked.
struct Nobody;

#[async_trait::async_trait]
impl Confirmation for Nobody {
    async fn ask(&self, _: &Question) -> Option<String> {
        None
    }
}

/// Runs an operation of that many steps in a state folder.
pub async fn operation(folder: &Path, steps: usize) -> Result<Value> {
    let store: Arc<dyn StateStore> = Arc::new(FolderStore::open(folder)?);
    let script: Script = (0..steps)
        .map(|number| (&*format!("step-{number}").leak(), When::Success))
        .collect();
    let plan = plan_of("bench-1", &script);
    let who = Principal::claimed("bench");
    let answer = Answer {
        yes: true,
        confirm: None,
    };
    let rules = Rules::default();
    let (state, now) = (store.as_ref(), plan.created_at);
    let approval = approve(state, &plan, &who, &rules, &answer, &Nobody, now).await?;
    let run = run_in(Arc::clone(&store), who);
    let scripted = ScriptedOperation::new(script, Arc::new(Effects::default()));
    let started = Instant::now();
    execute(&run, &plan, &approval, &scripted).await?;
    let seconds = started.elapsed().as_secs_f64();
    let records = store.list(&Key::journal(&plan.operation)).await?.len();
    Ok(json!({ "seconds": seconds, "records": records }))
}

fn run_in(store: Arc<dyn StateStore>, principal: Principal) -> Run {
    Run {
        store,
        clock: Arc::new(SystemClock),
        events: EventSink::silent(),
        interrupt: Interrupt::default(),
        faults: Arc::new(NoFaults),
        runner: Runner {
            principal,
            host: "bench".into(),
            pid: std::process::id(),
            ci_url: None,
            opsctl_version: env!("CARGO_PKG_VERSION").into(),
        },
        terms: LeaseTerms::default(),
        supersede: false,
    }
}

/// Writes that many records of a journal's usual size, durably, one after another.
pub async fn records(folder: &Path, count: u32) -> Result<Value> {
    let store = FolderStore::open(folder)?;
    let operation = OperationId::new("bench-1")?;
    let record = vec![b'x'; 300];
    let started = Instant::now();
    for number in 0..count {
        store
            .create(&Key::record(&operation, number), &record)
            .await?;
    }
    Ok(json!({ "seconds": started.elapsed().as_secs_f64() }))
}
