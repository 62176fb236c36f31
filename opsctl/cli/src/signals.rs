//! Ctrl-C: the first stops at a step boundary, the second at once.

use opsctl_core::engine::{Interrupt, StopReason};
use tokio::signal::unix::{SignalKind, signal};
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
        let (Ok(mut int), Ok(mut term)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            return;
        };
        let mut asked = false;
        loop {
            tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} }
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

/// Waits for Ctrl-C or SIGTERM.
pub async fn ended() {
    let (Ok(mut int), Ok(mut term)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} }
}

#[expect(clippy::exit, reason = "the second Ctrl-C means: now")]
fn end_at_once() -> ! {
    std::process::exit(130)
}
