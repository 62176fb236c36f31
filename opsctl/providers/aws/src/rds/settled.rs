//! Waiting for instances: asked every few seconds, told at once when it leads nowhere, and believed only when SQL is answered.

use std::error::Error;
use std::time::Duration;

use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_rds::types::DbInstance;
use opsctl_core::engine::Progress;
use opsctl_core::ports::Location;
use opsctl_core::{Failure, FailureKind, Result};
use tokio::time::Instant;

use super::site::RdsSite;
use super::states::{Standing, dead_end, standing};
use super::{instances, refusals};

/// How long a restore, a change or a backup may take: the promise is an hour, and it is not ours to give up earlier.
pub(super) const PATIENCE: Duration = Duration::from_secs(4 * 3600);
/// So many questions in a row may go wrong while something is waited for: AWS goes on with it all the same.
const FAILED_QUESTIONS: u32 = 10;

/// A wait: its pauses and its end.
pub(super) struct Wait<'a> {
    site: &'a RdsSite,
    began: Instant,
    limit: Duration,
    failed: u32,
}

impl<'a> Wait<'a> {
    pub fn new(site: &'a RdsSite, limit: Duration) -> Self {
        Self {
            site,
            began: Instant::now(),
            limit,
            failed: 0,
        }
    }

    pub fn seconds(&self) -> u64 {
        self.began.elapsed().as_secs()
    }

    /// Pauses before the next question.
    ///
    /// # Errors
    /// When time is up.
    pub async fn pause(&self, what: &str) -> Result<()> {
        if self.began.elapsed() >= self.limit {
            let limit = humantime::format_duration(self.limit);
            return Err(
                Failure::new(FailureKind::Stopped, format!("{what}: not within {limit}"))
                    .left("AWS goes on with it")
                    .hint("opsctl operation list --open"),
            );
        }
        tokio::time::sleep(self.site.pause()).await;
        Ok(())
    }

    /// A change that was refused is asked for again while what refused it passes, or while nobody answers.
    ///
    /// # Errors
    /// The refusal, where it stays one.
    pub fn again<E, R>(&mut self, what: &str, error: &SdkError<E, R>) -> Result<()>
    where
        SdkError<E, R>: ProvideErrorMetadata,
        E: Error + 'static,
        R: std::fmt::Debug,
    {
        let failure = refusals::of(what, error);
        match (refusals::passes(error), error.code()) {
            (true, _) => Ok(()),
            (false, None) => self.heard::<()>(Err(failure)).map(drop),
            (false, Some(_)) => Err(failure),
        }
    }

    /// An answer, unless the question itself went wrong: then it is asked again. Whoever may not ask is told at once.
    pub fn heard<T>(&mut self, answer: Result<T>) -> Result<Option<T>> {
        match answer {
            Ok(answer) => {
                self.failed = 0;
                Ok(Some(answer))
            }
            Err(failure)
                if failure.kind == FailureKind::Failed && self.failed < FAILED_QUESTIONS =>
            {
                self.failed += 1;
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Waits until the instance is usable and `ready` agrees.
pub(super) async fn usable(
    site: &RdsSite,
    name: &str,
    progress: &Progress<'_>,
    ready: &(dyn Fn(&DbInstance) -> bool + Send + Sync),
) -> Result<DbInstance> {
    let mut wait = Wait::new(site, PATIENCE);
    let mut last = String::new();
    loop {
        if let Some(found) = wait.heard(instances::find(site, name).await)? {
            let instance =
                found.ok_or_else(|| Failure::failed(format!("instance '{name}' is gone")))?;
            let status = instances::status(&instance);
            if status != last {
                status.clone_into(&mut last);
                progress.note(format!("instance '{name}' is {status}"));
            }
            match standing(status) {
                Standing::DeadEnd => return Err(dead_end(name, status)),
                Standing::Going => {
                    return Err(Failure::failed(format!("instance '{name}' is {status}")));
                }
                Standing::Usable if ready(&instance) => return Ok(instance),
                Standing::Usable | Standing::Underway => {}
            }
        }
        progress.at(wait.seconds(), 0, "seconds");
        wait.pause(&format!("instance '{name}' is {last}")).await?;
    }
}

/// Waits until whoever connects there is answered; a refusal to let the administrator in comes back at once.
pub(super) async fn answering(site: &RdsSite, at: &Location) -> Result<()> {
    let wait = Wait::new(site, PATIENCE);
    loop {
        match site.databases.open(at).await {
            Ok(database) => {
                let answer = database.now().await;
                database.close().await;
                if answer.is_ok() {
                    return Ok(());
                }
            }
            Err(failure) if failure.kind == FailureKind::Authentication => return Err(failure),
            Err(_) => {}
        }
        wait.pause("it is available and does not answer").await?;
    }
}
