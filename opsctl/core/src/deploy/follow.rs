//! Following a roll-out: one watch a kind, and a judgement after each change and each second.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::stream::{BoxStream, SelectAll};
use futures::{FutureExt, StreamExt};

use super::verdict::{Board, Judge, Judgement, State};
use super::waves::watched_kinds;
use crate::engine::StepContext;
use crate::failure::{Failure, FailureKind, Result};
use crate::ports::{Change, Cluster, Scope};

/// Deadlines are looked at this often when nothing happens.
const TICK: Duration = Duration::from_secs(1);

/// The watched objects of a namespace, kept up to date.
pub struct Watching {
    /// What is live.
    pub board: Board,
    changes: SelectAll<BoxStream<'static, (Scope, Change)>>,
}

impl Watching {
    /// Lists everything once and follows it from there.
    ///
    /// # Errors
    /// When the API server does not answer.
    pub async fn begin(cluster: &dyn Cluster, namespace: &str) -> Result<Self> {
        let mut watching = Self {
            board: Board::default(),
            changes: SelectAll::new(),
        };
        for kind in watched_kinds() {
            let scope = Scope {
                kind,
                namespace: Some(namespace.to_owned()),
                labels: None,
            };
            let listed = cluster.list(&scope).await?;
            let stream = cluster.watch(&scope, &listed.resource_version).await?;
            watching.board.replace_all(&scope, listed.objects);
            let named = stream.map(move |change| (scope.clone(), change)).boxed();
            watching.changes.push(named);
        }
        Ok(watching)
    }

    /// Follows until the judge has decided, or somebody asks to stop.
    ///
    /// # Errors
    /// When it was asked to stop.
    pub async fn until_decided(
        &mut self,
        judge: &mut Judge,
        context: &StepContext<'_>,
    ) -> Result<Judgement> {
        let mut following = Following::begin();
        self.until(judge, &mut following, context, |_| false).await
    }

    /// The same, or until what is live is as asked for.
    ///
    /// # Errors
    /// When it was asked to stop.
    pub async fn until(
        &mut self,
        judge: &mut Judge,
        following: &mut Following,
        context: &StepContext<'_>,
        enough: impl Fn(&Board) -> bool,
    ) -> Result<Judgement> {
        loop {
            let judgement = following.look(judge, &self.board, context);
            if judgement.state != State::Waiting || enough(&self.board) {
                return Ok(judgement);
            }
            if let Some(reason) = context.interrupt.requested() {
                return Err(stopped().cause(reason.to_string()));
            }
            self.take(TICK).await;
        }
    }

    /// Follows for a while, whatever happens.
    ///
    /// # Errors
    /// When it was asked to stop.
    pub async fn take_for(&mut self, span: Duration, context: &StepContext<'_>) -> Result<()> {
        let end = tokio::time::Instant::now() + span;
        loop {
            if let Some(reason) = context.interrupt.requested() {
                return Err(stopped().cause(reason.to_string()));
            }
            let rest = end.saturating_duration_since(tokio::time::Instant::now());
            if rest.is_zero() {
                return Ok(());
            }
            self.take(rest.min(TICK)).await;
        }
    }

    /// Waits for a change, and for what comes with it; whether there was one in that time.
    pub async fn changed(&mut self, patience: Duration, together: Duration) -> bool {
        let next = tokio::time::timeout(patience, self.changes.next()).await;
        let Ok(Some((scope, change))) = next else {
            return false;
        };
        self.board.take(&scope, change);
        tokio::time::sleep(together).await;
        while let Some(Some((scope, change))) = self.changes.next().now_or_never() {
            self.board.take(&scope, change);
        }
        true
    }

    /// Waits for a change for so long; whatever has come in by then is taken together.
    async fn take(&mut self, patience: Duration) {
        let next = self.changes.next();
        if let Ok(Some((scope, change))) = tokio::time::timeout(patience, next).await {
            self.board.take(&scope, change);
            while let Some(Some((scope, change))) = self.changes.next().now_or_never() {
                self.board.take(&scope, change);
            }
        }
    }
}

/// One roll-out that is followed: since when, and what was told of it.
pub struct Following {
    began: tokio::time::Instant,
    told: Told,
}

impl Following {
    /// From now on.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            began: tokio::time::Instant::now(),
            told: Told::default(),
        }
    }

    /// Looks once, and tells what is new.
    pub fn look(
        &mut self,
        judge: &mut Judge,
        board: &Board,
        context: &StepContext<'_>,
    ) -> Judgement {
        let judgement = judge.look(board, self.began.elapsed());
        self.told.tell(&judgement, context);
        judgement
    }
}

fn stopped() -> Failure {
    let what = "stopped while the roll-out was followed";
    Failure::new(FailureKind::Stopped, what).left("the cluster goes on with the roll-out by itself")
}

/// What was told already: each thing is told once.
#[derive(Default)]
struct Told {
    findings: BTreeSet<String>,
    waits: Vec<String>,
}

impl Told {
    fn tell(&mut self, judgement: &Judgement, context: &StepContext<'_>) {
        for finding in &judgement.findings {
            let words = finding.to_string();
            // That it has lasted is nothing new.
            if !self.findings.iter().any(|known| words.starts_with(known)) {
                context.progress.warn(words.clone());
                self.findings.insert(words);
            }
        }
        if self.waits != judgement.waits {
            self.waits.clone_from(&judgement.waits);
            if !self.waits.is_empty() {
                context.progress.note(self.waits.join("; "));
            }
        }
    }
}
