//! Ctrl-C: the first stops at a step boundary, the second at once.

use opsctl_core::engine::{Interrupt, StopReason};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::output::Output;

/// Listens as long as it lives.
pub struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens for Ctrl-C and SIGTERM while an operation runs.
#[must_use]
pub fn listen(interrupt: Interrupt, output: Output, resume: String) -> Listening {
    Listening(tokio::spawn(async move {
        let mut ends = Ends::listen();
        let mut asked = false;
        loop {
            ends.next().await;
            if asked {
                output.say(
                    "ended at once. The lock is left behind until its lease runs out, and what",
                );
                output.say("the last step did is unknown; the next run looks before it acts:");
                output.say(&format!("    {resume}"));
                end_at_once();
            }
            asked = true;
            output.say("stopping at the next step boundary; once more ends at once");
            interrupt.request(StopReason::Interrupted);
        }
    }))
}

/// Ctrl-C and SIGTERM, from the moment it is made: none of them ends the process then.
pub struct Ends(Option<(Signal, Signal)>);

impl Ends {
    /// Listens from now on.
    #[must_use]
    pub fn listen() -> Self {
        let int = signal(SignalKind::interrupt());
        Self(int.ok().zip(signal(SignalKind::terminate()).ok()))
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        match &mut self.0 {
            Some((int, term)) => tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} },
            None => std::future::pending().await,
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn ended() {
    Ends::listen().next().await;
}

#[expect(clippy::exit, reason = "the second Ctrl-C means: now")]
fn end_at_once() -> ! {
    std::process::exit(130)
}
