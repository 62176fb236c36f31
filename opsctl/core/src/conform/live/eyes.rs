//! Looking at each line in turn, and remembering what was away.

use std::sync::Arc;

use super::looked::Looked;
use super::{cluster, database, estate as account, evidence, web};
use crate::conform::answer::{Answer, Seen, Verdict};
use crate::conform::checks::{LiveCheck, LiveLook, judged};
use crate::conform::expectation::Expectation;
use crate::conform::offline::{LineReport, SeenIn, judge};
use crate::conform::repository::Repository;
use crate::conform::specification::{Line, Specification};
use crate::environment::Environment;
use crate::failure::{Failure, Result};
use crate::manifests::{Files, Outputs};
use crate::ports::{Cluster, Estate, Outside, World};

/// What there is to look at. Whatever is missing says why.
pub struct Surroundings {
    /// The environment with its database and its evidence.
    pub world: World,
    /// The cluster.
    pub cluster: std::result::Result<Arc<dyn Cluster>, String>,
    /// The address that clients know.
    pub outside: std::result::Result<Arc<dyn Outside>, String>,
    /// Its account of AWS.
    pub estate: std::result::Result<Arc<dyn Estate>, String>,
    /// What Terraform made there.
    pub outputs: std::result::Result<Outputs, String>,
}

/// Every line that `wanted` takes, by the repository and by the world.
///
/// # Errors
/// Never for a world that is away: that makes lines unknown.
pub async fn conform(
    files: &dyn Files,
    specification: &Specification,
    surroundings: &Surroundings,
    wanted: impl Fn(&Line) -> bool,
) -> Vec<LineReport> {
    // Read at once: the repository is not touched while the world is asked.
    let reports = judge(&Repository::of(files), specification, wanted).reports;
    let mut eyes = Eyes::new(surroundings);
    let mut done = Vec::with_capacity(reports.len());
    for report in reports {
        match specification.line(&report.id) {
            Some(line) => done.push(eyes.look_at(line, report).await),
            None => done.push(report),
        }
    }
    done
}

/// Looks, and remembers what was away.
struct Eyes<'a> {
    surroundings: &'a Surroundings,
    cluster: cluster::Eye,
    database: database::Eye,
    estate: account::Eye,
}

impl<'a> Eyes<'a> {
    fn new(surroundings: &'a Surroundings) -> Self {
        Self {
            surroundings,
            cluster: cluster::Eye::default(),
            database: database::Eye::default(),
            estate: account::Eye::default(),
        }
    }

    async fn look_at(&mut self, line: &Line, report: LineReport) -> LineReport {
        let environment = &self.surroundings.world.environment;
        if report.verdict == Verdict::Planned {
            return report;
        }
        if !is_meant(line, environment) {
            return LineReport {
                verdict: report.verdict.max(Verdict::Elsewhere),
                reason: Some(format!("of {} alone", line.environments.join(" and "))),
                ..report
            };
        }
        let mut answers = Vec::new();
        for check in checks(line) {
            answers.push(self.look(&check).await);
        }
        let seen_in = match answers.is_empty() {
            true => SeenIn::Repository,
            false => SeenIn::World,
        };
        let worst = answers.iter().map(|answer| answer.verdict).max();
        LineReport {
            verdict: report.verdict.max(worst.unwrap_or(Verdict::Holds)),
            seen_in,
            answers: report.answers.into_iter().chain(answers).collect(),
            ..report
        }
    }

    async fn look(&mut self, check: &LiveCheck) -> Answer {
        let Surroundings {
            world,
            cluster,
            outside,
            estate,
            outputs,
        } = self.surroundings;
        let looked = match &check.look {
            LiveLook::Kubernetes(look) => self.cluster.look(cluster, world, look).await,
            LiveLook::Setting(look) => self.database.look(world, look).await,
            LiveLook::Http(look) => web::answer(outside, look).await,
            LiveLook::Tls(look) => web::handshake(outside, look).await,
            LiveLook::Evidence(look) => evidence::look(world, look).await,
            LiveLook::Aws(look) => self.estate.look(estate, look).await,
            LiveLook::Unasked(_) => Looked::Unknown(
                "opsctl asks AWS nothing of it; `cargo xtask test infra` proves what is planned"
                    .into(),
            ),
        };
        match check.expectation.filled(outputs) {
            Ok(expectation) => answer(check, &expectation, looked),
            Err(reason) => answer(check, &check.expectation, Looked::Unknown(reason)),
        }
    }
}

/// What is asked of the world: the twins of what was looked at in the repository, and what the line adds. A line that asks AWS itself has
/// said it all: Terraform writes references where AWS has values.
fn checks(line: &Line) -> Vec<LiveCheck> {
    let asks = line
        .live
        .iter()
        .any(|it| matches!(it.look, LiveLook::Aws(_)));
    let twins = line.offline.iter().filter_map(|check| check.twin());
    let twins = twins.filter(|twin| !(asks && matches!(twin.look, LiveLook::Unasked(_))));
    twins.chain(line.live.iter().cloned()).collect()
}

/// Environments of one machine are development, a rehearsal is staging.
fn is_meant(line: &Line, environment: &Environment) -> bool {
    let name = environment.name.as_str();
    let class = match name {
        local if local.starts_with("local") => "development",
        "rehearsal" => "staging",
        other => other,
    };
    line.environments.is_empty()
        || line
            .environments
            .iter()
            .any(|meant| meant == class || meant == name)
}

fn answer(check: &LiveCheck, wanted: &Expectation, looked: Looked) -> Answer {
    let (kind, target) = (check.look.kind(), check.look.target());
    match looked {
        Looked::Seen(seen) => judged(kind, target, wanted.told(), wanted, Ok(seen)),
        Looked::Unknown(reason) => {
            let failure: Result<Seen> = Err(Failure::failed(reason));
            judged(kind, target, wanted.told(), wanted, failure)
        }
        Looked::Judged {
            holds,
            expected,
            actual,
            evidence,
        } => Answer {
            check: kind,
            target,
            expected,
            actual,
            evidence: Some(evidence),
            verdict: match holds {
                true => Verdict::Holds,
                false => Verdict::Broken,
            },
        },
    }
}
