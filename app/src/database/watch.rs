//! Follows the descriptor while the process runs: a new mode is applied at once, a new place is opened, checked and put in
//! place of the old one. What has been applied is stated in the presence file, and only then. Never guesses: what cannot be
//! read or opened changes nothing, unless it says that the database in use is no longer the right one.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::descriptor::Descriptor;
use super::presence::{Applied, Presence};
use super::session::AT_ONCE;
use super::{ConnectOptions, Database, DatabaseError, Session};
use crate::config::Secret;
use crate::secrets::Live;

const POLL: Duration = Duration::from_millis(200);

/// What is needed to follow a descriptor.
#[derive(Debug)]
pub struct Watch {
    pub path: PathBuf,
    pub options: ConnectOptions,
    pub database: Database,
    /// None for a process that does not take part in cut-overs.
    pub presence: Option<Arc<Presence>>,
    /// The descriptor that the process was started with.
    pub applied: Descriptor,
    /// With which password, since the file may change while its name stays.
    pub password: Option<Secret>,
    /// What this process knows of secrets: it states which revision it uses.
    pub secrets: Live,
    /// What the presence file says.
    pub stated: Option<Applied>,
}

impl Watch {
    /// Follows until `stop` says so. The first thing it does is state what was applied at start.
    pub async fn follow(mut self, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_problem = None;
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
            }
            let problem = self.keep_up().await.err();
            let problem = problem.map(|error| (error.to_string(), error.hint()));
            // Said once, not five times a second.
            if let Some((error, hint)) = &problem
                && problem != last_problem
            {
                tracing::error!(error, hint, "the database descriptor is not applied");
            }
            last_problem = problem;
        }
    }

    /// One look, and the statement of what it led to; a statement that failed is tried again at the next.
    async fn keep_up(&mut self) -> Result<(), DatabaseError> {
        self.state()?;
        self.look().await?;
        self.state()
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
            self.move_to(&wanted, password.as_ref()).await?;
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
        self.database.set_generation(self.applied.generation);
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

    async fn move_to(
        &mut self,
        wanted: &Descriptor,
        password: Option<&Secret>,
    ) -> Result<(), DatabaseError> {
        if wanted.same_place(&self.applied)
            && let (Some(session), Some(password)) = (self.database.session(), password)
        {
            // The requests that wait for a connection wait in this session.
            return session.log_in_with(password).await;
        }
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

    /// Another database: the old one is the wrong one now, so it is let go of unless the new one is there at once.
    async fn leave_other_lineage(&self, wanted: &Descriptor) -> Result<(), DatabaseError> {
        let mut opening = pin!(Session::open_described(wanted, &self.options));
        let next = match tokio::time::timeout(AT_ONCE, &mut opening).await {
            Ok(next) => next,
            Err(_) => {
                close(self.database.exchange(None)).await;
                opening.await
            }
        };
        let (next, problem) = match next {
            Ok(next) => (Some(next), Ok(())),
            Err(error) => (None, Err(error)),
        };
        close(self.database.exchange(next)).await;
        problem
    }

    fn state(&mut self) -> Result<(), DatabaseError> {
        let applied = Applied {
            generation: self.applied.generation,
            lineage_id: self.applied.lineage_id,
            mode: self.applied.mode,
            secrets_revision: self.secrets.revision_in_use(),
        };
        if let Some(presence) = &self.presence
            && self.stated != Some(applied)
        {
            presence.state(applied)?;
            self.stated = Some(applied);
        }
        Ok(())
    }
}

async fn close(session: Option<Arc<Session>>) {
    if let Some(session) = session {
        session.close_when_unused().await;
    }
}
