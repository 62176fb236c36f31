//! `--runner cluster`: the same command in a Job of the environment's cluster. Its lines are shown here, its exit code is ours; this
//! process may die, the Job goes on.

mod files;
mod follow;
mod pod;
mod words;

pub use files::files;

use opsctl_core::engine::Runner;
use opsctl_core::environment::RunnerSettings;
use opsctl_core::runner::{Errand, NAME};
use opsctl_core::{Failure, Result};

use crate::session::Session;
use crate::signals::Ends;
use crate::world;

/// Runs the command that this process was started with in the cluster.
///
/// # Errors
/// As [`run`], and when it names a file of this machine.
pub async fn run_own(session: &Session) -> Result<u8> {
    let words = words::that_go_along(std::env::args().skip(1))?;
    run(session, &words).await
}

/// Runs a command in the cluster.
///
/// # Errors
/// When the environment has no runner, the cluster does not take it, or it can't be followed any more.
pub async fn run(session: &Session, words: &[String]) -> Result<u8> {
    let settings = settings(session)?;
    let files = files(session)?;
    let name = format!("{NAME}-{:08x}", rand::random::<u32>());
    let Runner { principal, .. } = &session.runner;
    let errand = Errand {
        name: &name,
        settings,
        words,
        principal: principal.name.split('@').next().unwrap_or(NAME),
        files: &files,
    };
    let cluster = world::kubernetes::cluster(session).await?;
    let ends = Ends::listen();
    cluster.start_run(&errand.objects()).await?;
    session
        .output
        .say(&format!("runs as Job {}/{name}", settings.namespace));
    let run = follow::Run {
        session,
        cluster: &cluster,
        namespace: &settings.namespace,
        job: &name,
    };
    run.to_its_end(ends).await
}

fn settings(session: &Session) -> Result<&RunnerSettings> {
    let environment = &session.environment;
    environment.settings.runner.as_ref().ok_or_else(|| {
        let what = format!("'{}' has no runner in its cluster", environment.name);
        Failure::usage(what).hint("add `runner:` to it in opsctl.yaml, or leave --runner away")
    })
}
