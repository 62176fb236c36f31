//! Looking at the group until it is as it should be.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::super::drill::Drill;
use crate::engine::StepContext;
use crate::environment::Span;
use crate::failure::{Failure, FailureKind, Result};
use crate::ports::{Availability, CacheLook, CachePorts};

impl Drill {
    /// The cache.
    pub fn cache(&self) -> Result<&CachePorts> {
        let ports = self.world.failover()?;
        ports.cache.as_ref().ok_or_else(|| {
            let name = &self.world.environment.name;
            Failure::refused(format!("no service keeps a cache of '{name}'"))
        })
    }

    /// Looks until `done` makes something of what it sees.
    pub(super) async fn see<T>(
        &self,
        context: &StepContext<'_>,
        wait: Wait,
        done: impl Fn(&CacheLook) -> Option<T>,
    ) -> Result<T> {
        let (group, begun, mut last) = (&self.cache()?.group, Instant::now(), String::new());
        loop {
            // A question that goes wrong is asked again: the failover goes on all the same.
            match group.look_closely().await {
                Ok(look) => {
                    if let Some(found) = done(&look) {
                        return Ok(found);
                    }
                    let at = look.standing;
                    if at.availability == Availability::DeadEnd {
                        return Err(dead(&at.instance, &at.status));
                    }
                    if at.status != last {
                        at.status.clone_into(&mut last);
                        let what = format!("cache '{}' is {}", at.instance, at.status);
                        context.progress.note(what);
                    }
                }
                Err(failure) => last = failure.to_string(),
            }
            if let Some(reason) = context.interrupt.requested() {
                return Err(Failure::new(FailureKind::Stopped, reason.to_string()));
            }
            if begun.elapsed() >= wait.limit {
                let (what, limit) = (wait.what, Span(wait.limit));
                return Err(Failure::failed(format!("{what} within {limit}"))
                    .cause(format!("last: {last}")));
            }
            context.progress.at(begun.elapsed().as_secs(), 0, "seconds");
            sleep(self.inputs.pace.poll.0).await;
        }
    }
}

/// How long something is waited for, and the words when it does not come.
pub(super) struct Wait {
    pub limit: Duration,
    pub what: &'static str,
}

fn dead(group: &str, status: &str) -> Failure {
    Failure::failed(format!(
        "cache '{group}' is {status} and does not get out of that by itself"
    ))
}
