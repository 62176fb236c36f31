//! The judge: looks at the board again and again until the release is healthy or has failed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::baseline::Baseline;
use super::board::Board;
use super::budgets::Budgets;
use super::cause::CauseCode;
use super::examine::{Look, examine};
use super::finding::{Finding, Patience};
use super::job;
use super::memory::{Memory, Score};
use super::pod::Scene;
use super::steady::Steadiness;
use super::tree::Branch;
use crate::workloads::{ObjectKind, ObjectRef};

/// What a workload is to the release; it decides the code of a failed job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It is to run.
    Workload,
    /// A job that changes the schema.
    Migration,
    /// Another job that the release depends on.
    Hook,
}

/// A workload that the release changed, as the API server answered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Expected {
    /// Which one.
    pub object: ObjectRef,
    /// Its id; `None` where it does not matter.
    pub uid: Option<String>,
    /// Its generation after the change.
    pub generation: i64,
    /// What it is to the release.
    pub role: Role,
}

/// How the release stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "state", content = "finding", rename_all = "kebab-case")]
pub enum State {
    /// Not done, and nothing speaks against it yet.
    Waiting,
    /// Every workload is rolled out.
    Healthy,
    /// It has failed, of this.
    Failed(Finding),
}

/// What one look came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Judgement {
    /// How the release stands.
    pub state: State,
    /// What is wrong, counting or not yet, the most specific first.
    pub findings: Vec<Finding>,
    /// The live picture, in the order of the workloads.
    pub tree: Vec<Branch>,
    /// What is waited for.
    pub waits: Vec<String>,
    /// When to look again at the latest, if nothing changes before.
    #[serde(skip)]
    pub again: Option<Duration>,
}

/// The judge of one release.
#[derive(Debug, Clone)]
pub struct Judge {
    expected: Vec<Expected>,
    baseline: Baseline,
    budgets: Budgets,
    memory: Memory,
    complete: BTreeSet<ObjectRef>,
}

/// What is collected during a look.
#[derive(Debug, Default)]
struct Case {
    shown: Vec<Finding>,
    failing: Vec<Finding>,
    again: Option<Duration>,
}

impl Judge {
    /// A judge of these workloads.
    #[must_use]
    pub fn new(expected: Vec<Expected>, baseline: Baseline, budgets: Budgets) -> Self {
        Self {
            expected,
            baseline,
            budgets,
            memory: Memory::default(),
            complete: BTreeSet::new(),
        }
    }

    /// Looks at the board. `now` is the time since the release began, by a clock that never jumps.
    #[must_use]
    pub fn look(&mut self, board: &Board, now: Duration) -> Judgement {
        let (clock, away) = self.memory.seeing(board.why_away().is_some(), now);
        let scene = Scene {
            board,
            baseline: &self.baseline,
            budgets: &self.budgets,
        };
        let mut looks: Vec<Look> = self.expected.iter().map(|it| examine(scene, it)).collect();
        self.remember_jobs(&mut looks);
        let mut case = Case::default();
        for look in &looks {
            self.weigh(&mut case, look, clock);
            self.time(&mut case, look, clock, now);
        }
        self.memory.end_look(clock);
        if let (Some(since), Some(why)) = (away, board.why_away()) {
            self.weigh_absence(&mut case, why, now.saturating_sub(since));
        }
        let mut waits: Vec<String> = looks.iter().flat_map(told_waits).collect();
        let mut healthy = away.is_none();
        for look in &looks {
            let wait = self
                .unproven(&mut case, look, clock)
                .filter(|_| now < self.budgets.deadline);
            healthy &= look.done() && wait.is_none();
            waits.extend(wait);
        }
        case.judged(healthy, looks, waits)
    }

    /// A job that was complete is done for good: its time to live may take it away.
    fn remember_jobs(&mut self, looks: &mut [Look]) {
        for look in looks.iter_mut().filter(|it| it.workload.kind.kind == "Job") {
            if look.done() {
                self.complete.insert(look.workload.clone());
            } else if look.rollout.is_none() && self.complete.contains(&look.workload) {
                look.complete();
            }
        }
    }

    /// What a workload that looks done still has to show.
    fn unproven(&mut self, case: &mut Case, look: &Look, clock: Duration) -> Option<String> {
        let Steadiness { needed, mark, why } = &look.steadiness;
        let name = look.workload.to_string();
        let mark = look.done().then_some(mark.as_str());
        let left = needed.saturating_sub(self.memory.whole(&name, mark, clock)?);
        if left.is_zero() {
            return None;
        }
        case.again_in(left);
        let lasted = told(*needed);
        let watched = format!("watched until it has lasted {lasted}");
        Some(format!("{name}: {watched}: {why}"))
    }

    fn weigh(&mut self, case: &mut Case, look: &Look, clock: Duration) {
        for suspicion in &look.suspicions {
            let mut finding = suspicion.finding.clone();
            let key = format!("{} {}", suspicion.source, finding.code);
            let lasted = self.memory.lasted(key, clock);
            let counts = match suspicion.patience {
                Patience::None => true,
                Patience::For(patience) if lasted >= patience => {
                    finding.message += &format!(" (for {})", told(lasted));
                    true
                }
                Patience::For(patience) => {
                    case.again_in(patience - lasted);
                    false
                }
                Patience::UntilDeadline => false,
            };
            if counts {
                case.failing.push(finding.clone());
            }
            if counts || !suspicion.ordinary {
                case.shown.push(finding);
            }
        }
    }

    /// Whether the workload gave up, stands still or is out of time: everything suspicious about it counts then.
    fn time(&mut self, case: &mut Case, look: &Look, clock: Duration, now: Duration) {
        if look.done() {
            return;
        }
        let waits = look.waits().join("; ");
        if now >= self.budgets.deadline {
            let words = format!("not done after {}: {waits}", told(self.budgets.deadline));
            case.all_counts(look, CauseCode::DeadlineExceeded, &words);
        } else {
            case.again_in(self.budgets.deadline - now);
        }
        self.given_up(case, look);
        let still = self.still(look, clock);
        let enough = self.budgets.still.max(look.slow);
        if still < enough {
            case.again_in(enough - still);
        } else if !look.waits_for_capacity() {
            let words = format!("no progress for {}: {waits}", told(still));
            case.all_counts(look, CauseCode::ProgressDeadline, &words);
        }
    }

    fn given_up(&mut self, case: &mut Case, look: &Look) {
        let death = job::death(&look.suspicions);
        let death = self.memory.last_words(&look.workload.to_string(), death);
        let Some(over) = &look.over else { return };
        let by_deadline = over.code == CauseCode::ProgressDeadline;
        if by_deadline && look.waits_for_capacity() {
            return;
        }
        let words = match death.filter(|_| !by_deadline) {
            Some(death) => format!("{} — {death}", over.message),
            None => over.message.clone(),
        };
        case.all_counts(look, over.code, &words);
    }

    fn still(&mut self, look: &Look, clock: Duration) -> Duration {
        let score = look.rollout.as_ref().map_or(NOT_THERE, |it| it.score);
        let name = look.workload.to_string();
        self.memory.still(&name, score, clock)
    }

    fn weigh_absence(&self, case: &mut Case, why: &str, lasted: Duration) {
        let server = ObjectRef {
            kind: ObjectKind::new("", "API server"),
            namespace: None,
            name: "of the cluster".to_owned(),
        };
        let finding = Finding::new(CauseCode::ApiUnreachable, &server, why);
        if lasted >= self.budgets.away {
            case.failing.push(finding.clone());
        } else {
            case.again_in(self.budgets.away - lasted);
        }
        case.shown.push(finding);
    }
}

const NOT_THERE: Score = Score {
    wanted: (0, 0),
    reached: i64::MIN,
};

impl Case {
    fn again_in(&mut self, span: Duration) {
        self.again = Some(self.again.map_or(span, |known| known.min(span)));
    }

    fn all_counts(&mut self, look: &Look, code: CauseCode, words: &str) {
        let suspicions = look.suspicions.iter().map(|it| it.finding.clone());
        self.failing.extend(suspicions);
        let finding = Finding::new(code, &look.workload, words);
        self.failing.push(finding.clone());
        self.shown.push(finding);
    }

    fn judged(mut self, healthy: bool, looks: Vec<Look>, waits: Vec<String>) -> Judgement {
        let place = |it: &Finding| (it.code, it.object.clone(), it.container.clone());
        self.failing.sort_by_key(place);
        self.shown.sort_by_key(place);
        let state = match self.failing.into_iter().next() {
            Some(finding) => State::Failed(finding),
            None if healthy => State::Healthy,
            None => State::Waiting,
        };
        let mut findings = self.shown;
        if let State::Failed(finding) = &state {
            // What only counts because time is over was not shown before.
            if !findings.contains(finding) {
                findings.insert(0, finding.clone());
            }
        }
        Judgement {
            again: self.again.filter(|_| state == State::Waiting),
            state,
            findings,
            tree: looks.into_iter().map(|look| look.branch).collect(),
            waits,
        }
    }
}

fn told_waits(look: &Look) -> Vec<String> {
    let waits = look.waits().into_iter();
    waits
        .map(|wait| format!("{}: {wait}", look.workload))
        .collect()
}

fn told(span: Duration) -> String {
    humantime::format_duration(Duration::from_secs(span.as_secs())).to_string()
}
