//! The worker's share of the jobs: for each kind a scheduler and a runner, who look every second; told to stop, they end what
//! they have in hand.

use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::runner::{SAYS_EVERY, recorded};
use super::{Job, Pruning, Runner, Scheduler, standing};
use crate::clock::Clock;
use crate::database::Database;
use crate::events::Troubled;
use crate::http::{ApiError, AppState};
use crate::{figures, reports};

const LOOK: Duration = Duration::from_secs(1);
/// Between two looks at how the queue stands.
const MEASURE: Duration = Duration::from_secs(15);

/// Works until `stop` says so.
pub fn work(state: &AppState, stop: &watch::Sender<bool>) -> Vec<JoinHandle<()>> {
    let mut jobs: Vec<Arc<dyn Job>> = vec![
        Arc::new(figures::Counting {
            database: state.database.clone(),
        }),
        Arc::new(Pruning {
            database: state.database.clone(),
            clock: Clock::Database,
        }),
    ];
    // Without a place for documents none is made, and none is missed.
    if state.storage.is_some() {
        jobs.push(Arc::new(reports::Daily {
            state: state.clone(),
        }));
    }
    let measuring = measure(state.database.clone(), stop.subscribe());
    let mut tasks = vec![tokio::spawn(measuring)];
    for job in jobs {
        recorded(job.kind());
        let (database, clock) = (state.database.clone(), Clock::Database);
        let scheduler = Scheduler::new(database.clone(), clock.clone(), Arc::clone(&job));
        let runner = Runner {
            database,
            clock,
            job,
            says_every: SAYS_EVERY,
        };
        tasks.push(tokio::spawn(follow(scheduler, runner, stop.subscribe())));
    }
    tasks
}

async fn follow(mut scheduler: Scheduler, runner: Runner, mut stop: watch::Receiver<bool>) {
    let (mut scheduling, mut running) = (Troubled::default(), Troubled::default());
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let scheduled = scheduler.round().await;
        scheduling.note(scheduled.map(drop), "jobs are not scheduled");
        let ran = loop {
            match runner.round().await {
                Ok(true) if !*stop.borrow() => {}
                ended => break ended.map(drop),
            }
        };
        running.note(ran, "jobs are not worked on");
    }
}

async fn measure(database: Database, mut stop: watch::Receiver<bool>) {
    loop {
        // Where nobody can say how it stands, it stands as it did.
        let _unknown = show(&database).await;
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(MEASURE) => {}
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
async fn show(database: &Database) -> Result<(), ApiError> {
    let standing = standing(&database.read()?).await?;
    gauge!("jobs", "state" => "waiting").set(standing.waiting as f64);
    gauge!("jobs", "state" => "dead").set(standing.given_up as f64);
    Ok(())
}
