//! The whole examination of a copy, in its order: the copy alone first, so that the live database is read
//! as late and as shortly as can be.

use std::collections::BTreeMap;
use std::time::Duration;

use super::reconcile::Sides;
use super::{LevelName, content, engine, fidelity, reconcile, structure};
use crate::clock::Timestamp;
use crate::environment::{ChangeTrace, Environment};
use crate::evidence::{Check, Integrity, Level, Reconciliation};
use crate::failure::Result;
use crate::ports::{Copy, Inspection, Inspector, Location, Reading};

/// How a copy is examined.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Reading the live source takes at most this long.
    pub source_read_limit: Duration,
    /// Tables above this many rows are sampled.
    pub sample_above_rows: u64,
    /// Decides which share a sample reads.
    pub seed: u64,
    /// What explains changed rows, by table.
    pub change_traces: BTreeMap<String, ChangeTrace>,
    /// What an earlier restore of the same backup brought back, by table: the same must come again.
    pub known_fingerprints: Option<BTreeMap<String, String>>,
    /// The newest heartbeat that the backup's record names: the copy must hold it.
    pub recorded_heartbeat: Option<Timestamp>,
}

impl Options {
    /// What the environment says; nothing known of earlier restores.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let drill = &environment.settings.drill;
        Self {
            source_read_limit: drill.source_read_limit.0,
            sample_above_rows: drill.sample_above_rows,
            seed: rand::random(),
            change_traces: environment.settings.change_traces.clone(),
            known_fingerprints: None,
            recorded_heartbeat: None,
        }
    }
}

/// What an examination found, in the evidence's own types.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct IntegrityReport {
    /// `engine`, `structure`, `content`, `reconciliation`, in this order.
    pub integrity: Integrity,
    /// Table by table.
    pub reconciliation: Reconciliation,
    /// Settings that differ without intention.
    pub fidelity: Check,
    /// The fingerprint of every table of the copy.
    pub fingerprints: BTreeMap<String, String>,
}

impl IntegrityReport {
    /// True when every level passed and nothing differs without intention.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.integrity
            .levels
            .iter()
            .all(|level| level.outcome == "passed")
            && self.fidelity.differences.is_empty()
    }
}

/// Examines a copy, against the source where there is one.
///
/// # Errors
/// Never for what is wrong with the copy or the source: that is in the report.
pub async fn examine(
    inspector: &dyn Inspector,
    source: Option<&Location>,
    copy: &Copy,
    options: &Options,
) -> Result<IntegrityReport> {
    let mut session = match inspector.open(&copy.location, Reading::Copy).await {
        Ok(session) => session,
        Err(failure) => return Ok(closed(&failure.to_string())),
    };
    let engine = engine::check(&mut *session).await;
    let content = content::check(&mut *session, options).await;
    let fingerprints = content.fingerprints();
    let (content, tables) = (content.level, content.tables);
    let mut live = live(inspector, source, options).await;
    let source = live
        .as_mut()
        .ok()
        .map(|live| &mut **live as &mut dyn Inspection);
    let structure = structure::check(source, &mut *session, copy.location.engine).await;
    let mut report = IntegrityReport {
        fingerprints,
        ..IntegrityReport::default()
    };
    let reconciliation = match &mut live {
        Err(why) => LevelName::Reconciliation.not_run(why.clone()),
        Ok(live) => {
            let sides = Sides {
                live: &mut **live,
                copy: &mut *session,
                about: copy,
                options,
            };
            let (level, reconciliation) = reconcile::check(sides, tables).await;
            report.reconciliation = reconciliation;
            report.fidelity = behaviour(&mut **live, &mut *session).await;
            level
        }
    };
    session.close().await;
    if let Ok(live) = live {
        live.close().await;
    }
    report.integrity.levels = vec![engine, structure, content, reconciliation];
    Ok(report)
}

async fn live(
    inspector: &dyn Inspector,
    source: Option<&Location>,
    options: &Options,
) -> std::result::Result<Box<dyn Inspection>, String> {
    let source = source.ok_or("the source was not reachable")?;
    let reading = Reading::Live {
        limit: options.source_read_limit,
    };
    let opened = inspector.open(source, reading).await;
    opened.map_err(|failure| format!("the source was not reachable: {failure}"))
}

async fn behaviour(live: &mut dyn Inspection, copy: &mut dyn Inspection) -> Check {
    let settings = async { Ok((live.settings().await?, copy.settings().await?)) };
    let both: Result<_> = settings.await;
    match both {
        Ok((live, copy)) => fidelity::compare(&live, &copy),
        Err(failure) => Check {
            differences: vec![format!("the settings can't be read: {failure}")],
        },
    }
}

/// The report on a copy that does not open.
fn closed(why: &str) -> IntegrityReport {
    let rest = [
        LevelName::Structure,
        LevelName::Content,
        LevelName::Reconciliation,
    ];
    let mut levels: Vec<Level> = vec![LevelName::Engine.failed(format!("it does not open: {why}"))];
    levels.extend(rest.map(|name| name.not_run("the copy does not open")));
    IntegrityReport {
        integrity: Integrity { levels },
        ..IntegrityReport::default()
    }
}
