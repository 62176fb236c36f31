//! Who runs the operations of these tests, and how a run is put together.

use std::sync::Arc;

use opsctl_core::clock::Clock;
use opsctl_core::engine::{EventSink, FaultPoint, Interrupt, Run, Runner};
use opsctl_core::guard::{LeaseTerms, Principal};
use opsctl_core::state::StateStore;

/// Ada, on this machine.
pub fn ada() -> Runner {
    Runner {
        principal: Principal::claimed("ada"),
        host: "here".into(),
        pid: 1,
        ci_url: None,
        opsctl_version: "0.1.0".into(),
    }
}

/// Her run: nobody listens, nobody interrupts it.
pub fn run_of(
    store: &Arc<dyn StateStore>,
    clock: Arc<dyn Clock>,
    terms: LeaseTerms,
    faults: Arc<dyn FaultPoint>,
) -> Run {
    Run {
        store: Arc::clone(store),
        clock,
        events: EventSink::silent(),
        interrupt: Interrupt::default(),
        faults,
        runner: ada(),
        terms,
        supersede: false,
    }
}
