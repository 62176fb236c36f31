//! The simulated standby: a failover is an outage of a few looks, after which another zone serves.

use async_trait::async_trait;
use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Availability, FailoverAsked, Standby, Standing};
use opsctl_core::{Failure, Result};

use super::Platform;
use super::content::Content;
use super::replicas::forget_newest;

/// So many looks an outage lasts.
const OUTAGE: u32 = 3;

/// What goes wrong with the next call for a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFault {
    /// It takes effect, and nobody is told.
    LostAnswer,
    /// It comes to nobody.
    LostCall,
    /// It is refused for the moment.
    Refusal,
}

/// The standby of the live database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedStandby {
    /// Where the database is.
    pub zone: char,
    /// How often it failed over.
    pub failovers: u32,
    /// When it did last.
    pub failed_over_at: Option<Timestamp>,
    /// What goes wrong with the next call.
    pub fault: Option<CallFault>,
    outage: u32,
}

impl Platform {
    /// Gives the live database a standby.
    pub fn keep_standby(&self, fault: Option<CallFault>) {
        self.content().standby = Some(SimulatedStandby {
            zone: 'a',
            failovers: 0,
            failed_over_at: None,
            fault,
            outage: 0,
        });
    }

    /// The standby of the live database.
    #[must_use]
    pub fn standby(&self) -> Option<SimulatedStandby> {
        self.content().standby.clone()
    }

    fn take_effect(&self, content: &mut Content) {
        let now = self.clock.now();
        if let Some(standby) = &mut content.standby {
            standby.zone = if standby.zone == 'a' { 'c' } else { 'a' };
            standby.failovers += 1;
            standby.failed_over_at = Some(now);
            standby.outage = OUTAGE;
        }
        let lose = content.replicas_lose;
        let url = content
            .descriptor
            .as_ref()
            .map(|it| it.location.url.clone());
        if let Some(live) = url.and_then(|url| content.databases.get_mut(&url)) {
            live.answers = false;
            forget_newest(live, lose);
        }
    }
}

#[async_trait]
impl Standby for Platform {
    async fn look(&self) -> Result<Standing> {
        let mut content = self.content();
        let url = content
            .descriptor
            .as_ref()
            .map(|it| it.location.url.clone());
        let Some(standby) = &mut content.standby else {
            return Ok(Standing {
                instance: "live".into(),
                status: "available".into(),
                availability: Availability::Available,
                has_standby: false,
                zone: "zone a".into(),
                failed_over_at: None,
            });
        };
        let under_way = standby.outage > 0;
        standby.outage = standby.outage.saturating_sub(1);
        let standing = Standing {
            instance: "live".into(),
            status: if under_way { "rebooting" } else { "available" }.into(),
            availability: match under_way {
                true => Availability::Underway,
                false => Availability::Available,
            },
            has_standby: true,
            zone: format!("zone {}", standby.zone),
            failed_over_at: standby.failed_over_at,
        };
        if let Some(live) = url.and_then(|url| content.databases.get_mut(&url)) {
            live.answers = !under_way;
        }
        Ok(standing)
    }

    async fn fail_over(&self, permit: &Permit<'_>, _: &str) -> Result<FailoverAsked> {
        permit.check()?;
        let mut content = self.content();
        let standby = content.standby.as_mut();
        let fault = standby.and_then(|standby| standby.fault.take());
        Ok(match fault {
            None => {
                self.take_effect(&mut content);
                FailoverAsked::Accepted
            }
            Some(CallFault::LostAnswer) => {
                self.take_effect(&mut content);
                FailoverAsked::Unanswered(Failure::failed("no answer"))
            }
            Some(CallFault::LostCall) => FailoverAsked::Unanswered(Failure::failed("no answer")),
            Some(CallFault::Refusal) => FailoverAsked::Refused(Failure::failed("throttled")),
        })
    }
}
