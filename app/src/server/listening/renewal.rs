//! Looks whether the certificate was renewed. One that cannot be used leaves the one before in place and is said, once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::{Certificate, CertificateError};
use crate::telemetry::LIFECYCLE;

/// Looks every `interval`, until `stop` says so.
pub async fn renew(
    certificate: Arc<Certificate>,
    interval: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looks = Looks::default();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        let outcome = certificate.read_again();
        if outcome == Ok(true) {
            tracing::info!(target: LIFECYCLE, "the certificate was renewed");
        }
        if let Some(problem) = looks.worth_saying(outcome.err()) {
            let hint = "the one before stays in use; see runbooks/certificate.md";
            let error = &problem as &dyn std::error::Error;
            tracing::error!(error, hint, "the renewed certificate cannot be used");
        }
    }
}

/// What was wrong at the looks before.
#[derive(Debug, Default)]
struct Looks {
    last: Option<CertificateError>,
    said: bool,
}

impl Looks {
    /// A problem that is there at two looks running: between two files that are written one after the other there always is one.
    fn worth_saying(&mut self, problem: Option<CertificateError>) -> Option<CertificateError> {
        let lasts = problem.is_some() && problem == self.last;
        if !lasts {
            self.said = false;
        }
        self.last = problem;
        let say = lasts && !self.said;
        self.said |= say;
        self.last.clone().filter(|_| say)
    }
}
