//! Measuring the pods of a roll-out for a window, while the judge goes on looking.

use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Timestamp;
use crate::deploy::evidence::is_ready;
use crate::deploy::follow::{Following, Watching};
use crate::deploy::gate::{
    Counts, Figures, GateReport, Pod, Side, Stage, Tally, fails_early, judge, port,
};
use crate::deploy::verdict::{Board, Judge, Judgement, State, ends, members};
use crate::engine::StepContext;
use crate::environment::GateSettings;
use crate::failure::Result;
use crate::ports::{Measured, World};
use crate::workloads::{Object, ObjectRef};

/// So often the pods are asked in a window: one that goes meanwhile is heard until shortly before.
const LOOKS: u32 = 12;
/// A pod that tells nothing by then tells nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// One Deployment under measurement.
struct Measurement {
    deployment: ObjectRef,
    tally: Tally,
    /// What its old pods did, where they are gone.
    before: Option<Figures>,
}

/// The measurements of a wave.
pub struct Window<'a> {
    world: &'a World,
    gate: &'a GateSettings,
    stage: Stage,
    measurements: Vec<Measurement>,
}

impl<'a> Window<'a> {
    /// The first new pods beside the old ones.
    pub fn of_first(world: &'a World, gate: &'a GateSettings, all: Vec<ObjectRef>) -> Self {
        let unknown = all.into_iter().map(|deployment| (deployment, None));
        Self::of(world, gate, Stage::FirstPods, unknown)
    }

    /// All pods, beside what the old ones did when they were measured.
    pub fn of_all(world: &'a World, gate: &'a GateSettings, first: Vec<GateReport>) -> Self {
        let known = first
            .into_iter()
            .map(|report| (report.deployment, Some(report.old)));
        Self::of(world, gate, Stage::AllPods, known)
    }

    fn of(
        world: &'a World,
        gate: &'a GateSettings,
        stage: Stage,
        all: impl Iterator<Item = (ObjectRef, Option<Figures>)>,
    ) -> Self {
        let measurements = all.map(|(deployment, before)| Measurement {
            deployment,
            tally: Tally::default(),
            before,
        });
        Self {
            world,
            gate,
            stage,
            measurements: measurements.collect(),
        }
    }

    /// Measures until the window is over, more errors are certain, or the judge says that the release has failed.
    ///
    /// # Errors
    /// When it was asked to stop.
    pub async fn pass(
        &mut self,
        watching: &mut Watching,
        judge: &mut Judge,
        following: &mut Following,
        context: &StepContext<'_>,
    ) -> Result<(Judgement, Vec<GateReport>)> {
        let (began, window) = (Instant::now(), self.gate.window.0);
        loop {
            self.look(&watching.board).await;
            let judgement = following.look(judge, &watching.board, context);
            let failed = matches!(judgement.state, State::Failed(_));
            let elapsed = began.elapsed();
            if failed || elapsed >= window || self.measurements.iter().any(|it| self.is_bad(it)) {
                return Ok((judgement, self.reports(context.clock.now(), elapsed)));
            }
            let total = window.as_secs();
            context.progress.at(elapsed.as_secs(), total, "seconds");
            let rest = window.saturating_sub(elapsed);
            watching
                .take_for((window / LOOKS).min(rest), context)
                .await?;
        }
    }

    /// Asks every pod that serves once.
    async fn look(&mut self, board: &Board) {
        let mut asked = Vec::new();
        for (at, measurement) in self.measurements.iter().enumerate() {
            let pods = pods(board, &measurement.deployment);
            asked.extend(pods.into_iter().map(|(pod, object)| (at, pod, object)));
        }
        let questions: Vec<Measured> = asked.iter().map(|(_, _, it)| self.question(it)).collect();
        let answers = match &self.world.pod_metrics {
            Some(metrics) => metrics.read(&questions, PATIENCE).await,
            None => vec![Err("nobody knows what pods measure".into()); questions.len()],
        };
        for ((at, pod, _), answer) in asked.iter().zip(answers) {
            let told = answer.and_then(|text| Counts::read(&text, &self.gate.ignore));
            self.measurements[*at].tally.take(pod, told);
        }
    }

    fn question(&self, pod: &Object) -> Measured {
        Measured {
            pod: pod.reference(),
            scheme: self.gate.scheme,
            // Who is gated names it; a pod that a webhook took it from answers nothing at 0.
            port: port(pod, "/spec").unwrap_or_default(),
            path: self.gate.path.clone(),
        }
    }

    fn is_bad(&self, it: &Measurement) -> bool {
        let (old, new) = it.sides();
        fails_early(&old, &new, self.gate)
    }

    fn reports(&self, at: Timestamp, took: Duration) -> Vec<GateReport> {
        let one = |it: &Measurement| {
            let (old, new) = it.sides();
            GateReport {
                at,
                deployment: it.deployment.clone(),
                stage: self.stage,
                seconds: took.as_secs_f64(),
                verdict: judge(&old, &new, self.gate),
                old,
                new,
            }
        };
        self.measurements.iter().map(one).collect()
    }
}

impl Measurement {
    fn sides(&self) -> (Figures, Figures) {
        let old = self.before.clone();
        let old = old.unwrap_or_else(|| self.tally.figures(Side::Old));
        (old, self.tally.figures(Side::New))
    }
}

/// The pods of a Deployment that serve.
fn pods<'a>(board: &'a Board, deployment: &ObjectRef) -> Vec<(Pod, &'a Object)> {
    let Some(live) = board.get(deployment) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for member in members(board, live) {
        let side = if member.new { Side::New } else { Side::Old };
        let serving = member.pods.into_iter();
        let serving = serving.filter(|pod| is_ready(pod) && !ends(pod));
        all.extend(serving.map(|pod| (named(pod, side), pod)));
    }
    all
}

fn named(pod: &Object, side: Side) -> Pod {
    Pod {
        uid: pod.uid().to_owned(),
        name: pod.text("/metadata/name").to_owned(),
        side,
    }
}

/// Whether a new pod of it serves.
pub fn has_begun(board: &Board, deployment: &ObjectRef) -> bool {
    let serving = pods(board, deployment);
    serving.iter().any(|(pod, _)| pod.side == Side::New)
}

/// The new pods that serve: their logs are the evidence of a gate that failed.
pub fn new_pods<'a>(board: &'a Board, deployment: &ObjectRef) -> Vec<&'a Object> {
    let serving = pods(board, deployment).into_iter();
    let new = serving.filter(|(pod, _)| pod.side == Side::New);
    new.map(|(_, object)| object).collect()
}
