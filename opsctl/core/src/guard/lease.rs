//! Holding locks: acquire, keep, let go.
//!
//! Expiry is judged on the observer's monotonic clock by renewals that stay away; nobody compares wall
//! clocks, so a clock that jumps takes no lock from anybody.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::lock::is_over;
use super::renewal::{Held, Renewer, Shared, write_over};
use super::{Holder, LockRecord};
use crate::engine::Interrupt;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::OperationId;
use crate::state::{Generation, Key, Register, StateStore, Swapped};

/// How locks are held and waited for.
#[derive(Debug, Clone, Copy)]
pub struct LeaseTerms {
    /// How long a holder may stay silent; renewed three times as often.
    pub lease: Duration,
    /// How long to wait for somebody else's lock.
    pub wait: Duration,
}

impl Default for LeaseTerms {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            wait: Duration::ZERO,
        }
    }
}

/// One lock that is held and renewed.
#[derive(Debug)]
pub struct Lease {
    key: Key,
    shared: Shared,
    renewer: Renewer,
}

impl Lease {
    /// Takes the lock at `key` for `holder`, waiting as `terms` say; `waiting` hears whom we wait for.
    ///
    /// # Errors
    /// [`FailureKind::Locked`] when somebody else holds it or has an open operation.
    pub async fn acquire(
        store: &Arc<dyn StateStore>,
        key: Key,
        holder: &Holder,
        terms: LeaseTerms,
        interrupt: &Interrupt,
        waiting: &(dyn Fn(&Holder) + Send + Sync),
    ) -> Result<Self> {
        let claim = Claim {
            register_key: &key,
            holder,
            terms,
        };
        let (held, asked) = claim.take(store.as_ref(), waiting).await?;
        let expires = asked + terms.lease;
        let (generation, record) = held;
        let shared = Shared::new(Held {
            generation,
            record,
            expires,
            lost: false,
        });
        let renewer = Renewer::start(
            Arc::clone(store),
            key.clone(),
            shared.clone(),
            terms.lease,
            interrupt.clone(),
        );
        Ok(Self {
            key,
            shared,
            renewer,
        })
    }

    /// The lock that is held.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Whether it was renewed in time.
    pub(super) fn alive(&self) -> bool {
        let held = self.shared.held();
        !held.lost && Instant::now() < held.expires
    }

    /// Lets the lock go. `open` keeps the operation open on its resource.
    pub(super) async fn release(
        self,
        store: &dyn StateStore,
        open: Option<&OperationId>,
    ) -> Result<()> {
        self.renewer.finish().await;
        let (generation, record) = self.shared.last_written();
        let free = LockRecord {
            holder: None,
            open: open.cloned(),
            ..record.clone()
        };
        // Losing here means that somebody took the lock after we fell silent: then it is theirs to keep.
        let written = write_over((generation, &record), &free, store, &self.key);
        written.await.map(|_| ())
    }
}

struct Claim<'a> {
    register_key: &'a Key,
    holder: &'a Holder,
    terms: LeaseTerms,
}

impl Claim<'_> {
    /// Returns what was written and the moment just before it was asked for.
    async fn take(
        &self,
        store: &dyn StateStore,
        waiting: &(dyn Fn(&Holder) + Send + Sync),
    ) -> Result<((Generation, LockRecord), Instant)> {
        let register = Register::<LockRecord>::at(store, self.register_key.clone());
        let begun = Instant::now();
        let mut seen: Option<(Generation, Instant)> = None;
        loop {
            let (generation, record) = register.load().await?;
            let record = record.unwrap_or_default();
            let silent_since = match seen {
                Some((known, since)) if known == generation => since,
                _ => Instant::now(),
            };
            seen = Some((generation, silent_since));
            match &record.holder {
                Some(other) if !self.may_take(other, silent_since, &record) => {
                    self.wait_or_give_up(other, &record, begun, waiting)?;
                    tokio::time::sleep(pause(&record)).await;
                }
                _ => {
                    self.refuse_other_open(store, &record).await?;
                    let asked = Instant::now();
                    let ours = self.record(record.renewal + 1);
                    if let Swapped::Done(written) = register.swap(generation, &ours).await? {
                        return Ok(((written, ours), asked));
                    }
                }
            }
        }
    }

    /// A silent holder's lock is free. So is one that our own operation's dead runner left on a resource:
    /// whoever holds the operation's runner lock, taken first, is its only runner.
    fn may_take(&self, other: &Holder, silent_since: Instant, record: &LockRecord) -> bool {
        let ours = other.operation == self.holder.operation;
        let is_runner = *self.register_key == Key::runner(&self.holder.operation);
        (ours && !is_runner) || silent_since.elapsed() >= record.lease()
    }

    fn record(&self, renewal: u64) -> LockRecord {
        LockRecord {
            holder: Some(self.holder.clone()),
            open: Some(self.holder.operation.clone()),
            renewal,
            lease_millis: u64::try_from(self.terms.lease.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// A lease ends, an open operation does not: the lock that its dead runner left is nobody's to take.
    async fn refuse_other_open(&self, store: &dyn StateStore, record: &LockRecord) -> Result<()> {
        let ours = &self.holder.operation;
        let Some(open) = record.open.as_ref().filter(|open| *open != ours) else {
            return Ok(());
        };
        // Its runner may have died before the first record, or between the last one and this lock.
        if is_over(store, open).await? {
            return Ok(());
        }
        let what = format!("operation {open} is open and in the way of {ours}");
        Err(Failure::new(FailureKind::Locked, what)
            .left("nothing was changed by this command")
            .hint(format!("opsctl operation show {open}"))
            .hint(format!("opsctl operation resume {open}"))
            .hint(format!("opsctl operation abandon {open} --reason <why>")))
    }

    /// Our own operation's dead runner is always waited for, for one lease; others as long as asked.
    fn wait_or_give_up(
        &self,
        other: &Holder,
        record: &LockRecord,
        begun: Instant,
        waiting: &(dyn Fn(&Holder) + Send + Sync),
    ) -> Result<()> {
        let own = other.operation == self.holder.operation;
        let patience = if own {
            self.terms.wait.max(record.lease() * 2)
        } else {
            self.terms.wait
        };
        if begun.elapsed() >= patience {
            let what = format!("'{}' is held: {other}", self.register_key);
            return Err(Failure::new(FailureKind::Locked, what)
                .left("nothing was changed by this command")
                .hint(format!("opsctl operation attach {}", other.operation))
                .hint("add --lock-wait <duration> to wait, or --supersede to ask it to stop"));
        }
        waiting(other);
        Ok(())
    }
}

fn pause(record: &LockRecord) -> Duration {
    (record.lease() / 10).clamp(Duration::from_millis(10), Duration::from_millis(500))
}
