//! Follows the descriptor while the process runs: a new mode is applied at once, a new place is opened, checked and put in
//! place of the old one. What has been applied is stated in the presence file, and only then. Never guesses: what cannot be
//! read or opened changes nothing, unless it says that the database in use is no longer the right one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::descriptor::Descriptor;
use super::presence::{Applied, Presence};
use super::{ConnectOptions, Database, DatabaseError, Session};
use crate::config::Secret;

const POLL: Duration = Duration::from_millis(200);

/// What is needed to follow a descriptor.
#[derive(Debug)]
pub struct Watch {
    pub path: PathBuf,
    pub options: ConnectOptions,
    pub database: Database,
    /// None for a process that does not take part in cut-overs.
    pub presence: Option<Presence>,
    /// The descriptor that the process was started with.
    pub applied: Descriptor,
    /// With which password, since the file may change while its name stays.
    pub password: Option<Secret>,
}

impl Watch {
    /// Follows until `stop` says so. The first thing it does is state what was applied at start.
    pub async fn follow(mut self, mut stop: watch::Receiver<bool>) -> Option<Presence> {
        self.state();
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_problem = None;
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return self.presence,
                _ = ticks.tick() => {}
            }
            // Said once, not five times a second.
            let problem = self
                .look()
                .await
                .err()
                .map(|error| (error.to_string(), error.hint()));
            if let Some((error, hint)) = &problem
                && problem != last_problem
            {
                tracing::error!(error, hint, "the database descriptor is not applied");
            }
            last_problem = problem;
        }
    }

    async fn look(&mut self) -> Result<(), DatabaseError> {
        let wanted = Descriptor::read(&self.path)?;
        let password = wanted.password()?;
        let same_place = wanted.same_place(&self.applied)
            && password == self.password
            && self.database.session().is_some();
        if same_place && wanted == self.applied {
            return Ok(());
        }
        self.stand_aside(&wanted).await;
        if !same_place {
            self.move_to(&wanted).await?;
        }
        self.database.set_mode(wanted.mode);
        tracing::info!(
            generation = wanted.generation,
            lineage_id = %wanted.lineage_id,
            mode = wanted.mode.as_str(),
            "the database descriptor is applied"
        );
        self.applied = wanted;
        self.password = password;
        self.state();
        Ok(())
    }

    /// Takes the stricter of both modes at once and waits for the writes that were let in before.
    async fn stand_aside(&self, wanted: &Descriptor) {
        if wanted.mode > self.database.mode() {
            self.database.set_mode(wanted.mode);
        }
        if wanted.mode != super::Mode::Normal {
            self.database.writes_ended().await;
        }
    }

    async fn move_to(&mut self, wanted: &Descriptor) -> Result<(), DatabaseError> {
        if wanted.lineage_id != self.applied.lineage_id {
            self.leave_other_lineage(wanted).await
        } else {
            self.exchange(wanted).await
        }
    }

    /// The same database by another way: the old way serves until the new one works.
    async fn exchange(&self, wanted: &Descriptor) -> Result<(), DatabaseError> {
        let next = Session::open_described(wanted, &self.options).await?;
        close(self.database.exchange(Some(next))).await;
        Ok(())
    }

    /// Another database: when it cannot be opened the old one must not be served either, it is the wrong one.
    async fn leave_other_lineage(&self, wanted: &Descriptor) -> Result<(), DatabaseError> {
        let next = Session::open_described(wanted, &self.options).await;
        match next {
            Ok(next) => {
                close(self.database.exchange(Some(next))).await;
                Ok(())
            }
            Err(error) => {
                close(self.database.exchange(None)).await;
                Err(error)
            }
        }
    }

    fn state(&self) {
        self.database.set_generation(self.applied.generation);
        let Some(presence) = &self.presence else {
            return;
        };
        let applied = Applied {
            generation: self.applied.generation,
            lineage_id: self.applied.lineage_id,
            mode: self.applied.mode,
        };
        if let Err(error) = presence.state(applied) {
            tracing::error!(error = %error, hint = error.hint(), "opsctl cannot see this process");
        }
    }
}

async fn close(session: Option<Arc<Session>>) {
    if let Some(session) = session {
        session.close_when_unused().await;
    }
}
