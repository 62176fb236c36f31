//! What the trail of events says of one failover. Pure.

use crate::clock::Timestamp;
use crate::ports::{Happened, Standing, Told};

/// A replica took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub from: String,
    pub to: String,
    at: Timestamp,
}

/// One failover, as far as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    called: Option<Timestamp>,
    pub change: Option<Change>,
    recovering: Option<Timestamp>,
    recovered: Option<Timestamp>,
    /// All of it, in words.
    pub lines: Vec<String>,
}

/// The failover that was asked for since the group stood like `before`: by the service's own clock, never by ours.
pub fn since(before: &Standing, told: &[Told]) -> Trail {
    let calls = told.iter().filter(|it| it.what == Happened::Called);
    let newest = calls.map(|it| it.at).max();
    let Some(called) = newest.filter(|at| Some(*at) > before.failed_over_at) else {
        return Trail::default();
    };
    let mut trail = Trail {
        called: Some(called),
        ..Trail::default()
    };
    let mut ours: Vec<&Told> = told.iter().filter(|it| it.at >= called).collect();
    ours.sort_by_key(|it| (it.at, rank(&it.what)));
    for event in ours {
        trail.take(event);
    }
    trail
}

/// Where several are told of one moment, in the order that is documented.
const fn rank(what: &Happened) -> u8 {
    match what {
        Happened::Called => 0,
        Happened::FailedOver { .. } => 1,
        Happened::Recovering(_) => 2,
        Happened::Recovered(_) => 3,
    }
}

impl Trail {
    fn take(&mut self, event: &Told) {
        let at = event.at;
        let is_old = |node: &str| {
            self.change
                .as_ref()
                .is_none_or(|change| change.from == node)
        };
        let line = match &event.what {
            Happened::Called => "failover called".to_owned(),
            Happened::FailedOver { from, to } => {
                let change = || Change {
                    from: from.clone(),
                    to: to.clone(),
                    at,
                };
                self.change.get_or_insert_with(change);
                format!("failover from {from} to {to} completed")
            }
            Happened::Recovering(node) if is_old(node) => {
                self.recovering.get_or_insert(at);
                format!("recovering {node}")
            }
            Happened::Recovered(node) if is_old(node) => {
                self.recovered.get_or_insert(at);
                format!("{node} recovered")
            }
            Happened::Recovering(_) | Happened::Recovered(_) => return,
        };
        let line = format!("{at} {line}");
        // Told of the group and of its node.
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// Whether the node that was the primary is back.
    pub const fn is_over(&self) -> bool {
        self.change.is_some() && self.recovered.is_some()
    }

    /// Whether everything is told, in the order that is documented: called, completed, recovering, recovered.
    pub fn is_in_order(&self) -> bool {
        let change = self.change.as_ref().map(|change| change.at);
        let moments = [self.called, change, self.recovering, self.recovered];
        moments.iter().all(Option::is_some) && moments.is_sorted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Availability;

    fn at(second: u8) -> Timestamp {
        Timestamp::parse(&format!("2026-11-23T12:00:{second:02}Z")).unwrap()
    }

    fn before(failed_over_at: Option<Timestamp>) -> Standing {
        Standing {
            instance: "orders".into(),
            status: "available".into(),
            availability: Availability::Available,
            has_standby: true,
            zone: "orders-001".into(),
            failed_over_at,
        }
    }

    fn told(second: u8, what: Happened) -> Told {
        let at = at(second);
        Told { at, what }
    }

    fn change() -> Happened {
        let (from, to) = ("orders-001".into(), "orders-002".into());
        Happened::FailedOver { from, to }
    }

    fn whole() -> Vec<Told> {
        vec![
            told(1, Happened::Called),
            told(9, change()),
            told(9, change()),
            told(9, Happened::Recovering("orders-001".into())),
            told(30, Happened::Recovered("orders-001".into())),
        ]
    }

    #[test]
    fn a_failover_is_over_when_the_node_that_was_the_primary_is_back() {
        let trail = since(&before(None), &whole());
        assert_eq!(trail.change.as_ref().unwrap().to, "orders-002");
        assert!(trail.is_over() && trail.is_in_order());
        assert_eq!(trail.lines.len(), 4, "told twice is one: {:?}", trail.lines);
        let trail = since(&before(None), &whole()[..4]);
        assert!(!trail.is_over() && !trail.is_in_order());
    }

    #[test]
    fn an_earlier_failover_counts_for_nothing() {
        assert_eq!(since(&before(Some(at(1))), &whole()), Trail::default());
        let mut both = whole();
        both.push(told(40, Happened::Called));
        let trail = since(&before(Some(at(1))), &both);
        assert_eq!(trail.change, None);
        assert_eq!(trail.lines, ["2026-11-23T12:00:40Z failover called"]);
    }

    #[test]
    fn another_order_than_the_documented_one_is_noticed() {
        let mut odd = whole();
        odd[3] = told(5, Happened::Recovering("orders-001".into()));
        let trail = since(&before(None), &odd);
        assert!(trail.is_over() && !trail.is_in_order());
        odd[3] = told(9, Happened::Recovering("orders-003".into()));
        assert!(!since(&before(None), &odd).is_in_order(), "another node's");
    }
}
