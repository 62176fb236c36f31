//! Level `reconciliation`: the copy against the live source, bucket by bucket; every row that differs gets
//! a verdict.

use std::collections::{BTreeMap, BTreeSet};

use super::buckets::{Difference, Digests, compare, count_for, differing, sample};
use super::content::Read;
use super::examine::Options;
use super::explain::{Known, Trace, Verdict, judge};
use super::findings::Found;
use super::{LevelName, table};
use crate::evidence::{Level, Reconciliation, TableReconciliation};
use crate::failure::{Failure, Result};
use crate::ports::{Buckets, Copy, Digest, Inspection, Table};

/// How many damaged rows of one table are named.
const NAMED: usize = 3;

/// Both sides of the comparison.
pub(super) struct Sides<'a> {
    /// The live database.
    pub(super) live: &'a mut dyn Inspection,
    /// The copy.
    pub(super) copy: &'a mut dyn Inspection,
    /// What the copy knows of itself.
    pub(super) about: &'a Copy,
    /// How it is done.
    pub(super) options: &'a Options,
}

/// Compares every table.
pub(super) async fn check(mut sides: Sides<'_>, read: Vec<Read>) -> (Level, Reconciliation) {
    match compared(&mut sides, read).await {
        Err(failure) => {
            let why = format!("the source could not be read in full: {failure}");
            (
                LevelName::Reconciliation.not_run(why),
                Reconciliation::default(),
            )
        }
        Ok(found) => (
            found.level(),
            Reconciliation {
                tables: found.tables,
            },
        ),
    }
}

async fn compared(sides: &mut Sides<'_>, read: Vec<Read>) -> Result<Found> {
    let mut found = Found::default();
    let mut copies: BTreeMap<_, Read> = read
        .into_iter()
        .map(|read| (read.table.name.clone(), read))
        .collect();
    let newest_change = sides.copy.newest_change().await?;
    for live in sides.live.tables().await? {
        if !table::is_compared(&live) {
            found.apart.extend(apart(&live));
            continue;
        }
        let ours = copies.remove(&live.name);
        let pairing = Pairing::new(sides, Some(live), ours, newest_change).await?;
        pairing.run(sides, &mut found).await?;
    }
    for (_, gone) in copies {
        Pairing::new(sides, None, Some(gone), newest_change)
            .await?
            .run(sides, &mut found)
            .await?;
    }
    Ok(found)
}

fn apart(table: &Table) -> Option<String> {
    let why = match &table.volatile {
        Some(why) => why.as_str(),
        None if table::is_identity(table) => "every restore rewrites it",
        None => return None,
    };
    Some(format!("{} apart: {why}", table.name))
}

/// One table on both sides.
struct Pairing {
    table: Table,
    in_live: bool,
    in_copy: bool,
    count: u32,
    copy: Digests,
    trace: Trace,
    change: Option<String>,
}

impl Pairing {
    async fn new(
        sides: &mut Sides<'_>,
        live: Option<Table>,
        copy: Option<Read>,
        newest_change: Option<i64>,
    ) -> Result<Self> {
        let (table, in_live, in_copy, count, digests) = match (live, copy) {
            // Both sides must deal their rows by the same columns: the copy's.
            (live, Some(read)) => (read.table, live.is_some(), true, read.count, read.digests),
            (Some(live), None) => {
                let count = count_for(live.bytes);
                (live, true, false, count, Digests::new())
            }
            (None, None) => return Err(Failure::failed("a table that neither side has")),
        };
        let declared = sides.options.change_traces.get(&table.name.to_string());
        let change = table::change_column(&table, sides.about.location.engine, declared);
        let greatest = match &change {
            Some(column) if in_copy => Some(sides.copy.greatest(&table, column).await?),
            Some(_) => Some(None),
            None => None,
        };
        let next = sides.about.next_transaction_id;
        Ok(Self {
            trace: table::trace(&table, next, newest_change, greatest),
            count,
            copy: digests,
            in_live,
            in_copy,
            change,
            table,
        })
    }

    async fn run(self, sides: &mut Sides<'_>, found: &mut Found) -> Result<()> {
        let rows = Digest::of(self.copy.values()).rows;
        let read = self.share(rows, sides.options, found);
        let live: Digests = if self.in_live {
            sides
                .live
                .digests(&self.table, read)
                .await?
                .into_iter()
                .collect()
        } else {
            Digests::new()
        };
        let mut line = TableReconciliation {
            name: self.table.name.to_string(),
            rows,
            explained: 0,
            unexplained: 0,
            unprovable: 0,
        };
        for batch in differing(&live, &self.copy, read) {
            let differences = self.differences(sides, &batch).await?;
            let known = self.look_up(sides, &differences).await?;
            for difference in &differences {
                self.count_in(difference, &known, &mut line, &mut found.faults);
            }
        }
        if line.unexplained > NAMED as u64 {
            let more = line.unexplained - NAMED as u64;
            found
                .faults
                .push(format!("{}: {more} more rows", line.name));
        }
        found.tables.push(line);
        Ok(())
    }

    /// Which buckets are read; a table that is too large is sampled.
    fn share(&self, rows: u64, options: &Options, found: &mut Found) -> Buckets {
        if rows <= options.sample_above_rows {
            return Buckets::all(self.count);
        }
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
        let share = options.sample_above_rows as f64 / rows as f64;
        let some = sample(self.count, share, options.seed);
        let share = f64::from(some.read) / f64::from(some.count);
        found.shares.push(format!(
            "of {} {:.1}% of the rows: one damaged row is found with a probability of {share:.3}, one \
             of ten with {:.3}",
            self.table.name,
            share * 100.0,
            1.0 - (1.0 - share).powi(10)
        ));
        some
    }

    async fn differences(&self, sides: &mut Sides<'_>, batch: &[u32]) -> Result<Vec<Difference>> {
        let change = self.change.as_deref();
        let live = if self.in_live {
            sides
                .live
                .rows(&self.table, self.count, batch, change)
                .await?
        } else {
            Vec::new()
        };
        let copy = if self.in_copy {
            sides
                .copy
                .rows(&self.table, self.count, batch, None)
                .await?
        } else {
            Vec::new()
        };
        Ok(compare(live, copy, !self.table.key.is_empty()))
    }

    /// Looks up what the verdicts on these rows need.
    async fn look_up(&self, sides: &mut Sides<'_>, rows: &[Difference]) -> Result<Known> {
        let mut known = Known::default();
        let keys: Vec<String> = rows.iter().map(|row| row.key().to_owned()).collect();
        if let Trace::Log { position } = self.trace {
            known.changed = sides
                .live
                .changed_since(&self.table, &keys, position)
                .await?;
            return Ok(known);
        }
        self.look_up_deletions(sides, rows, &mut known).await?;
        if let Trace::Versions { next } = self.trace {
            let live = rows.iter().filter_map(|row| row.live()?.version);
            let log = known
                .deletions
                .values()
                .flatten()
                .filter_map(|entry| entry.version);
            let older: BTreeSet<u64> = live.chain(log).filter(|version| *version < next).collect();
            let older: Vec<u64> = older.into_iter().collect();
            let fates = sides.copy.fates(&older).await?;
            known.fates = older.into_iter().zip(fates).collect();
        }
        Ok(known)
    }

    async fn look_up_deletions(
        &self,
        sides: &mut Sides<'_>,
        rows: &[Difference],
        known: &mut Known,
    ) -> Result<()> {
        let gone = rows.iter().filter(|row| row.live().is_none());
        let gone: Vec<String> = gone.map(|row| row.key().to_owned()).collect();
        if gone.is_empty() || self.table.key.is_empty() {
            return Ok(());
        }
        let declared = sides
            .options
            .change_traces
            .get(&self.table.name.to_string());
        let log = table::deletion_log(declared);
        for entry in sides.live.deletions(&log, &self.table, &gone).await? {
            known
                .deletions
                .entry(entry.key.clone())
                .or_default()
                .push(entry);
        }
        known.deletions_until = sides.copy.deletions_until(&log).await?;
        Ok(())
    }

    fn count_in(
        &self,
        difference: &Difference,
        known: &Known,
        line: &mut TableReconciliation,
        faults: &mut Vec<String>,
    ) {
        match judge(difference, &self.trace, known) {
            Verdict::Explained => line.explained += 1,
            Verdict::Unprovable => line.unprovable += 1,
            Verdict::Unexplained(fault) => {
                if line.unexplained < NAMED as u64 {
                    faults.push(match difference.key() {
                        "" => format!("{}: a row {fault}", line.name),
                        key => format!("{}: row {key} {fault}", line.name),
                    });
                }
                line.unexplained += 1;
            }
        }
    }
}
