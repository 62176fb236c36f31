//! Faults on demand.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Asked, Service};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Turned away: too many requests.
    Throttled,
    /// Turned away with this status of 5xx.
    Unavailable(u16),
    /// Turned away with this code and message, as the service would.
    Refused(&'static str, &'static str),
    /// Done, and the connection is cut before a byte of the answer.
    LostAnswer,
    /// Done, and answered so much later.
    Slow(Duration),
    /// Neither done nor answered: the connection stays open and silent.
    BlackHole,
}

/// How often it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// The next so many calls.
    Next(u32),
    /// All but the next so many.
    After(u32),
    /// Until the rules are cleared.
    Always,
    /// So many of a hundred calls, spread as the seed says.
    Percent(u8, u64),
}

/// Which calls a fault is for; what is not said is any.
#[derive(Debug, Clone)]
pub struct Rule {
    fault: Fault,
    times: Times,
    service: Option<Service>,
    action: Option<String>,
    region: Option<String>,
    met: u64,
}

impl Rule {
    /// For every call.
    #[must_use]
    pub fn new(fault: Fault, times: Times) -> Self {
        Self {
            fault,
            times,
            service: None,
            action: None,
            region: None,
            met: 0,
        }
    }

    /// For one service alone.
    #[must_use]
    pub fn service(self, service: Service) -> Self {
        Self {
            service: Some(service),
            ..self
        }
    }

    /// For one action alone.
    #[must_use]
    pub fn action(self, action: &str) -> Self {
        Self {
            action: Some(action.to_owned()),
            ..self
        }
    }

    /// For one region alone.
    #[must_use]
    pub fn region(self, region: &str) -> Self {
        Self {
            region: Some(region.to_owned()),
            ..self
        }
    }

    fn is_for(&self, asked: &Asked) -> bool {
        let action = self.action.as_ref();
        let region = self.region.as_ref();
        self.service.is_none_or(|it| it == asked.service)
            && action.is_none_or(|it| *it == asked.action)
            && region.is_none_or(|it| *it == asked.home.region)
    }

    /// Counts a call that it is for, and says whether that one goes wrong.
    fn strikes(&mut self) -> bool {
        self.met += 1;
        match &mut self.times {
            Times::Always => true,
            Times::Next(left) => {
                let strikes = *left > 0;
                *left = left.saturating_sub(1);
                strikes
            }
            Times::After(left) => {
                let spared = *left > 0;
                *left = left.saturating_sub(1);
                !spared
            }
            Times::Percent(percent, seed) => mixed(*seed ^ self.met) % 100 < u64::from(*percent),
        }
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Rule>>);

impl Faults {
    /// Adds a rule; the first that strikes counts.
    pub fn add(&self, rule: Rule) {
        self.rules().push(rule);
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.rules().clear();
    }

    pub(crate) fn strike(&self, asked: &Asked) -> Option<Fault> {
        let mut rules = self.rules();
        let mut fitting = rules.iter_mut().filter(|rule| rule.is_for(asked));
        let struck = fitting.find_map(|rule| rule.strikes().then(|| rule.fault.clone()));
        drop(rules);
        struck
    }

    /// Whether every call into the region falls into a black hole: its databases are out of reach then, too.
    pub(crate) fn swallow(&self, region: &str) -> bool {
        self.rules().iter().any(|rule| {
            rule.fault == Fault::BlackHole
                && rule.times == Times::Always
                && rule.service.is_none()
                && rule.action.is_none()
                && rule.region.as_deref().is_none_or(|it| it == region)
        })
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// SplitMix64: spreads neighbouring numbers far apart.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_calls_is_struck_the_same_way_every_time() {
        let struck = || {
            let mut rule = Rule::new(Fault::Throttled, Times::Percent(50, 7));
            (0..1000).filter(|_| rule.strikes()).collect::<Vec<_>>()
        };
        assert!((430..570).contains(&struck().len()), "{}", struck().len());
        assert_eq!(struck(), struck());
    }

    #[test]
    fn so_many_calls_and_no_more() {
        let mut rule = Rule::new(Fault::LostAnswer, Times::Next(2));
        let struck: Vec<bool> = (0..4).map(|_| rule.strikes()).collect();
        assert_eq!(struck, [true, true, false, false]);
    }
}
