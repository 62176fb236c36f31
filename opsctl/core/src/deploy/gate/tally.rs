//! What every pod of a roll-out told, look by look.

use std::collections::BTreeMap;

use super::figures::Figures;
use super::series::Counts;
use super::traffic::{Continuity, Traffic};

/// Which pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of the release before.
    Old,
    /// Of this release.
    New,
}

/// A pod of a roll-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Its id: a pod that was made anew is another one.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// Of which release it is.
    pub side: Side,
}

#[derive(Debug, Clone)]
struct Track {
    pod: Pod,
    last: Option<Counts>,
    traffic: Traffic,
    notes: Vec<String>,
}

/// The sums so far. A pod that goes meanwhile has answered what it answered.
#[derive(Debug, Clone, Default)]
pub struct Tally(BTreeMap<String, Track>);

impl Tally {
    /// Takes what a pod told at one look, or why it told nothing. From the first look on it counts.
    pub fn take(&mut self, pod: &Pod, told: Result<Counts, String>) {
        let track = self.0.entry(pod.uid.clone()).or_insert_with(|| Track {
            pod: pod.clone(),
            last: None,
            traffic: Traffic::default(),
            notes: Vec::new(),
        });
        let name = &pod.name;
        match told {
            Err(why) => track.note(format!("{name}: {why}")),
            Ok(counts) => {
                if let Some(earlier) = &track.last {
                    let (traffic, continuity) = Traffic::between(earlier, &counts);
                    track.traffic.add(&traffic);
                    if continuity == Continuity::Restarted {
                        track.note(format!("{name} started again meanwhile"));
                    }
                }
                track.last = Some(counts);
            }
        }
    }

    /// The sums of one side. Who was heard once only has told no span of time.
    #[must_use]
    pub fn figures(&self, side: Side) -> Figures {
        let tracks: Vec<&Track> = self.0.values().filter(|it| it.pod.side == side).collect();
        let mut traffic = Traffic::default();
        tracks.iter().for_each(|track| traffic.add(&track.traffic));
        let heard = tracks.iter().filter(|track| track.last.is_some()).count();
        let notes = tracks.iter().flat_map(|track| track.notes.clone());
        Figures::of(heard, &traffic, notes.collect())
    }
}

impl Track {
    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(uid: &str, side: Side) -> Pod {
        Pod {
            uid: uid.into(),
            name: format!("api-{uid}"),
            side,
        }
    }

    fn told(good: u32, bad: u32) -> Result<Counts, String> {
        let text = format!(
            "http_requests_total{{status=\"200\"}} {good}\nhttp_requests_total{{status=\"502\"}} {bad}\n"
        );
        Counts::read(&text, &[])
    }

    #[test]
    fn pods_are_summed_by_side_and_one_that_went_has_answered_what_it_answered() {
        let (mut tally, one, other) = (Tally::default(), pod("1", Side::Old), pod("2", Side::Old));
        let new = pod("3", Side::New);
        for (pod, answer) in [
            (&one, told(1000, 0)),
            (&other, told(5, 5)),
            (&new, told(0, 0)),
            (&one, told(1010, 1)),
            (&new, told(4, 2)),
            (&one, told(1020, 1)),
        ] {
            tally.take(pod, answer);
        }
        let old = tally.figures(Side::Old);
        assert_eq!((old.pods, old.requests, old.failed), (2, 21, 1));
        let new = tally.figures(Side::New);
        assert_eq!((new.pods, new.requests, new.failed), (1, 6, 2));
    }

    #[test]
    fn who_tells_nothing_is_named_once_and_who_starts_again_too() {
        let (mut tally, silent, restarts) =
            (Tally::default(), pod("1", Side::New), pod("2", Side::New));
        for _ in 0..3 {
            tally.take(&silent, Err("no answer".into()));
        }
        tally.take(&restarts, told(50, 0));
        tally.take(&restarts, told(3, 0));
        let figures = tally.figures(Side::New);
        assert_eq!((figures.pods, figures.requests), (1, 3));
        assert_eq!(
            figures.notes,
            ["api-1: no answer", "api-2 started again meanwhile"]
        );
    }
}
