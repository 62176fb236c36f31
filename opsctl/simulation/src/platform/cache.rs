//! The simulated cache: a failover is an outage of a few looks, after which the other node is the primary; a few looks later the
//! first one follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{
    Availability, CacheGroup, CacheLook, CacheNode, CachePorts, FailoverAsked, Happened, Location,
    NodeRole, Prober, ProberSession, Sent, Standby, Standing, Through, Told, Visitors,
};
use opsctl_core::{Failure, Result};

use super::{CallFault, Platform};

/// So many looks nobody is the primary, and so many more a node is missing.
const OUTAGE: u32 = 3;
const MISSING: u32 = 3;

/// The cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedCache {
    /// Which of the two nodes is the primary: 1 or 2.
    pub primary: u8,
    /// How often it failed over.
    pub failovers: u32,
    /// When failovers were tested before, in the same account.
    pub tested: Vec<Timestamp>,
    /// What goes wrong with the next call.
    pub fault: Option<CallFault>,
    /// So many of the newest numbers a replica lacks when it takes over.
    pub loses: usize,
    /// The prober's numbers; `None`: it left nothing.
    pub numbers: Option<BTreeMap<OperationId, BTreeSet<u64>>>,
    trail: Vec<Told>,
    /// Looks until the replica serves, and until the other node is back.
    left: (u32, u32),
}

impl Platform {
    /// Gives the platform a cache of two nodes.
    pub fn keep_cache(&self, fault: Option<CallFault>) {
        self.content().cache = Some(SimulatedCache {
            primary: 1,
            failovers: 0,
            tested: Vec::new(),
            fault,
            loses: 0,
            numbers: None,
            trail: Vec::new(),
            left: (0, 0),
        });
    }

    /// The cache.
    #[must_use]
    pub fn cache(&self) -> Option<SimulatedCache> {
        self.content().cache.clone()
    }

    /// Changes the cache, as somebody outside might.
    pub fn change_cache(&self, change: impl FnOnce(&mut SimulatedCache)) {
        if let Some(cache) = &mut self.content().cache {
            change(cache);
        }
    }

    /// The ports of the cache.
    pub(super) fn cache_ports(&self) -> CachePorts {
        CachePorts {
            group: Arc::new(Group(self.clone())),
            visitors: Arc::new(Group(self.clone())),
        }
    }
}

impl SimulatedCache {
    fn tell(&mut self, at: Timestamp, what: Happened) {
        self.trail.push(Told { at, what });
    }

    fn begin(&mut self, at: Timestamp) {
        self.failovers += 1;
        self.tested.push(at);
        self.left = (OUTAGE, MISSING);
        self.tell(at, Happened::Called);
        for numbers in self.numbers.iter_mut().flat_map(BTreeMap::values_mut) {
            for _ in 0..self.loses {
                numbers.pop_last();
            }
        }
    }

    /// What a look brings on.
    fn step(&mut self, at: Timestamp) {
        let name = |number: u8| format!("cache-00{number}");
        match self.left {
            (1, _) => {
                let (from, to) = (name(self.primary), name(3 - self.primary));
                self.primary = 3 - self.primary;
                let change = Happened::FailedOver { from, to };
                self.tell(at, change);
                self.tell(at, Happened::Recovering(name(3 - self.primary)));
                self.left.0 = 0;
            }
            (0, 1) => {
                self.tell(at, Happened::Recovered(name(3 - self.primary)));
                self.left.1 = 0;
            }
            (0, 0) => {}
            (0, missing) => self.left.1 = missing - 1,
            (outage, _) => self.left.0 = outage - 1,
        }
    }

    fn serves(&self) -> bool {
        self.left.0 == 0
    }

    fn standing(&self) -> Standing {
        let whole = self.left == (0, 0);
        let called = self.trail.iter().filter(|it| it.what == Happened::Called);
        Standing {
            instance: "cache".into(),
            status: if whole { "available" } else { "modifying" }.into(),
            availability: match whole {
                true => Availability::Available,
                false => Availability::Underway,
            },
            has_standby: true,
            zone: format!("cache-00{}", self.primary),
            failed_over_at: called.map(|it| it.at).max(),
        }
    }

    fn nodes(&self) -> Vec<CacheNode> {
        let node = |number: u8| CacheNode {
            name: format!("cache-00{number}"),
            role: match number == self.primary {
                true => NodeRole::Primary,
                false => NodeRole::Replica,
            },
        };
        vec![node(1), node(2)]
    }
}

#[derive(Clone)]
struct Group(Platform);

impl Group {
    fn with<T>(&self, work: impl FnOnce(&mut SimulatedCache) -> T) -> Result<T> {
        let mut content = self.0.content();
        let cache = content.cache.as_mut();
        let cache = cache.ok_or_else(|| Failure::refused("there is no cache"))?;
        Ok(work(cache))
    }

    fn asked<T>(&self, work: impl FnOnce(&mut SimulatedCache) -> T) -> Result<T> {
        self.with(|cache| cache.serves().then(|| work(cache)))?
            .ok_or_else(|| Failure::failed("nobody answers at the cache"))
    }
}

#[async_trait]
impl Standby for Group {
    async fn look(&self) -> Result<Standing> {
        Ok(self.look_closely().await?.standing)
    }

    async fn fail_over(&self, permit: &Permit<'_>, _: &str) -> Result<FailoverAsked> {
        permit.check()?;
        let now = self.0.clock.now();
        let fault = self.with(|cache| {
            let fault = cache.fault.take();
            if matches!(fault, None | Some(CallFault::LostAnswer)) {
                cache.begin(now);
            }
            fault
        })?;
        Ok(match fault {
            None => FailoverAsked::Accepted,
            Some(CallFault::LostAnswer | CallFault::LostCall) => {
                FailoverAsked::Unanswered(Failure::failed("no answer"))
            }
            Some(CallFault::Refusal) => FailoverAsked::Refused(Failure::failed("throttled")),
        })
    }
}

#[async_trait]
impl CacheGroup for Group {
    async fn look_closely(&self) -> Result<CacheLook> {
        let now = self.0.clock.now();
        self.with(|cache| {
            cache.step(now);
            CacheLook {
                standing: cache.standing(),
                shard: "0001".into(),
                shards: 1,
                slots: None,
                nodes: cache.nodes(),
                trail: cache.trail.clone(),
            }
        })
    }

    async fn tested_today(&self) -> Result<Vec<Timestamp>> {
        self.with(|cache| cache.tested.clone())
    }
}

#[async_trait]
impl Visitors for Group {
    async fn by(&self, _: &Through) -> Result<Arc<dyn Prober>> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Prober for Group {
    async fn prepare(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        permit.check()?;
        self.asked(|cache| {
            cache.numbers.get_or_insert_default();
        })
    }

    async fn connect(&self, _: &Location) -> Result<Box<dyn ProberSession>> {
        self.asked(|_| ())?;
        Ok(Box::new(self.clone()))
    }

    async fn kept(&self, _: &Location, operation: &OperationId) -> Result<BTreeSet<u64>> {
        self.asked(|cache| {
            let all = cache.numbers.as_ref();
            all.and_then(|all| all.get(operation).cloned())
                .unwrap_or_default()
        })
    }

    async fn remove(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        permit.check()?;
        self.asked(|cache| cache.numbers = None)
    }
}

#[async_trait]
impl ProberSession for Group {
    async fn write(&mut self, operation: &OperationId, number: u64) -> Sent {
        let kept = self.asked(|cache| {
            let all = cache.numbers.get_or_insert_default();
            all.entry(operation.clone()).or_default().insert(number);
        });
        match kept {
            Ok(()) => Sent::Acknowledged,
            Err(failure) => Sent::Unanswered(failure.to_string()),
        }
    }

    async fn read(&mut self, operation: &OperationId) -> Result<Option<u64>> {
        self.asked(|cache| {
            let own = cache.numbers.as_ref().and_then(|all| all.get(operation));
            own.and_then(|own| own.last().copied())
        })
    }
}
