//! Runs candidates in turn, round after round, so that a slow minute of the machine hits all of them alike.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::report::Table;

/// Ticks a second in `/proc/self/stat`; Linux promises 100 to programs on every architecture.
const TICKS_A_SECOND: u32 = 100;

/// Something to measure.
pub struct Candidate<'a> {
    /// What it is called in the report.
    pub label: String,
    /// One run of it, in child processes: what it prepares and clears away is not in what it took.
    pub run: Box<dyn FnMut() -> Result<Took> + 'a>,
}

/// What one run took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    /// By the clock.
    pub wall: Duration,
    /// Processor time of the children that ended meanwhile, user and system.
    pub processor: Duration,
}

/// Takes the time of some work.
pub fn timed(work: impl FnOnce() -> Result<()>) -> Result<Took> {
    let before = processor_time()?;
    let started = Instant::now();
    work()?;
    Ok(Took {
        wall: started.elapsed(),
        processor: processor_time()?.saturating_sub(before),
    })
}

/// What came out.
#[derive(Debug)]
pub struct Measured {
    /// What it is called in the report.
    pub label: String,
    /// The median of the runs.
    pub median: Duration,
    /// The quickest and the slowest run.
    pub range: (Duration, Duration),
    /// Processor time of the children, user and system, on average a run.
    pub processor: Duration,
}

/// What came out, for the report.
pub fn table(measured: &[Measured]) -> Table {
    let row = |measured: &Measured| {
        let (quickest, slowest) = measured.range;
        // Of what takes its own time, nobody knows.
        let processor = match measured.processor {
            Duration::ZERO => "–".to_owned(),
            processor => format!("{processor:.1?}"),
        };
        let walls = [measured.median, quickest, slowest].map(|wall| format!("{wall:.1?}"));
        let label = measured.label.clone();
        [label]
            .into_iter()
            .chain(walls)
            .chain([processor])
            .collect()
    };
    Table {
        headings: &["what", "median", "quickest", "slowest", "processor"],
        rows: measured.iter().map(row).collect(),
    }
}

/// Measures the candidates, interleaved, after one round that doesn't count.
pub fn interleaved(mut candidates: Vec<Candidate<'_>>, rounds: u32) -> Result<Vec<Measured>> {
    let mut walls = vec![Vec::new(); candidates.len()];
    let mut processors = vec![Duration::ZERO; candidates.len()];
    for round in 0..=rounds {
        let kept = walls.iter_mut().zip(&mut processors);
        for (candidate, (wall, processor)) in candidates.iter_mut().zip(kept) {
            let took = (candidate.run)().with_context(|| candidate.label.clone())?;
            if round > 0 {
                wall.push(took.wall);
                *processor += took.processor;
            }
        }
    }
    let results = candidates.into_iter().zip(walls).zip(processors);
    let measured = results.map(|((candidate, wall), processor)| {
        summarise(candidate.label, wall, processor / rounds.max(1))
    });
    measured.collect()
}

/// The one in the middle; nothing of nothing. Leaves them in order.
pub fn median(walls: &mut [Duration]) -> Option<Duration> {
    walls.sort();
    walls.get(walls.len() / 2).copied()
}

fn summarise(label: String, mut walls: Vec<Duration>, processor: Duration) -> Result<Measured> {
    let median = median(&mut walls).context("nothing was measured")?;
    let (first, last) = (walls.first().copied(), walls.last().copied());
    Ok(Measured {
        label,
        median,
        range: (first.unwrap_or(median), last.unwrap_or(median)),
        processor,
    })
}

/// Processor time of the children that ended so far.
fn processor_time() -> Result<Duration> {
    let text = fs::read_to_string("/proc/self/stat").context("processor time is read on Linux")?;
    children_time(&text).context("/proc/self/stat")
}

/// Fields 16 and 17; the second field holds a name in brackets that may hold spaces.
fn children_time(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(Duration::from_secs(1) * (user + system) / TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() -> Result<()> {
        let walls = [9, 1, 5].map(Duration::from_millis).to_vec();
        let measured = summarise("x".to_owned(), walls, Duration::ZERO)?;
        assert_eq!(measured.median, Duration::from_millis(5));
        assert_eq!(
            measured.range,
            (Duration::from_millis(1), Duration::from_millis(9))
        );
        Ok(())
    }

    #[test]
    fn the_first_round_warms_up_and_the_rest_take_turns() -> Result<()> {
        let order = std::cell::RefCell::new(String::new());
        let candidate = |name: char| Candidate {
            label: name.to_string(),
            run: Box::new({
                let order = &order;
                move || {
                    order.borrow_mut().push(name);
                    Ok(Took::default())
                }
            }),
        };
        interleaved(vec![candidate('a'), candidate('b')], 2)?;
        assert_eq!(order.into_inner(), "ababab");
        Ok(())
    }

    #[test]
    fn the_children_s_time_is_found_behind_a_name_with_spaces() {
        let stat = "1 (a b) S 1 1 1 0 -1 0 0 0 0 0 7 8 150 50 20 0 1 0";
        assert_eq!(children_time(stat), Some(Duration::from_secs(2)));
    }
}
