//! The worker's share of the events: a publisher, and a courier for each subscriber. Each works when it is woken and looks for
//! itself every second; told to stop, it ends what it has in hand.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Audit, Bus, Courier, InProcess, Mailing, Publisher, Streams, Subscriber, Troubled};
use crate::clock::Clock;
use crate::http::AppState;
use crate::redis::addresses;
use crate::reports;

/// For what nobody was woken for.
const LOOK: Duration = Duration::from_secs(1);

/// Works until `stop` says so.
pub fn work(state: &AppState, stop: &watch::Sender<bool>) -> Vec<JoinHandle<()>> {
    let (bus, mut tasks) = bus(state, stop);
    let mailer = Arc::clone(&state.mailer);
    let reports = reports::Mailing {
        mailer: Arc::clone(&mailer),
        secrets: state.secrets.clone(),
        address: Arc::clone(&state.public_url),
    };
    let subscribers: Vec<Arc<dyn Subscriber>> = vec![
        Arc::new(Audit),
        Arc::new(Mailing { mailer }),
        Arc::new(reports),
    ];
    let publisher = Publisher {
        database: state.database.clone(),
        clock: Clock::Database,
        bus: Arc::clone(&bus),
        subscribers: subscribers.clone(),
    };
    let publishing = publish(publisher, state.clone(), stop.subscribe());
    tasks.push(tokio::spawn(publishing));
    for subscriber in subscribers {
        let courier = Courier {
            database: state.database.clone(),
            clock: Clock::Database,
            subscriber,
        };
        tasks.push(tokio::spawn(deliver(
            courier,
            Arc::clone(&bus),
            stop.subscribe(),
        )));
    }
    tasks
}

/// One process needs no Redis; several that share one wake each other.
fn bus(state: &AppState, stop: &watch::Sender<bool>) -> (Arc<dyn Bus>, Vec<JoinHandle<()>>) {
    if addresses(&state.secrets).is_none() {
        return (Arc::new(InProcess::default()), Vec::new());
    }
    let streams = Arc::new(Streams::new(state.secrets.clone(), state.outbox.clone()));
    let telling = Arc::clone(&streams).tell_others(stop.subscribe());
    let listening = Arc::clone(&streams).listen(stop.subscribe());
    let tasks = vec![tokio::spawn(telling), tokio::spawn(listening)];
    (streams, tasks)
}

/// The share of a process that works on no events: it wakes those that do, until `stop` says so.
pub fn tell(state: &AppState, stop: &watch::Sender<bool>) -> Vec<JoinHandle<()>> {
    if addresses(&state.secrets).is_none() {
        return Vec::new();
    }
    let streams = Arc::new(Streams::new(state.secrets.clone(), state.outbox.clone()));
    let telling = Arc::clone(&streams).tell_others(stop.subscribe());
    let (outbox, mut stop) = (state.outbox.clone(), stop.subscribe());
    let watching = async move {
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = outbox.filled() => streams.filled(),
            }
        }
    };
    vec![tokio::spawn(telling), tokio::spawn(watching)]
}

async fn publish(publisher: Publisher, state: AppState, mut stop: watch::Receiver<bool>) {
    let mut troubled = Troubled::default();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = state.outbox.filled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        troubled.note(
            publisher.round().await.map(drop),
            "events are not published",
        );
    }
}

async fn deliver(courier: Courier, bus: Arc<dyn Bus>, mut stop: watch::Receiver<bool>) {
    let name = courier.subscriber.name();
    let mut troubled = Troubled::default();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = bus.wait(name) => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        let delivered = loop {
            match courier.round().await {
                Ok(tried) if tried > 0 && !*stop.borrow() => {}
                ended => break ended.map(drop),
            }
        };
        if delivered.is_ok() {
            bus.looked(name).await;
        }
        troubled.note(delivered, "events are not delivered");
    }
}
