//! One replication group: what it is, on which way, and the servers behind it.

use std::sync::{Arc, Mutex};

use super::{nodes::Nodes, state::Id};
use crate::{
    clock::Moment,
    course::{Course, Phase},
    endpoint::Refusal,
    relay::Relay,
};

/// The one shard of a group without cluster mode.
pub(super) const SHARD: &str = "0001";

/// What happens at the end of a state on a group's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The servers are there.
    Serve,
    /// A replica is the primary now; which one was before.
    FailedOver(usize),
    /// The one that was the primary follows.
    Recovered(usize),
    /// It is gone.
    Removed,
}

/// What real work brings about: servers, where they are new.
pub(super) type Product = Option<Box<Nodes>>;

/// What somebody asked for.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub description: String,
    pub engine: String,
    pub node_type: String,
    pub automatic_failover: bool,
    pub multi_az: bool,
}

/// One node of the group, with an address of its own.
#[derive(Debug)]
pub(super) struct Member {
    pub name: String,
    pub zone: char,
    pub relay: Relay,
}

pub(super) struct Group {
    pub id: Id,
    pub settings: Settings,
    pub created_at: Moment,
    pub course: Course<End, Product>,
    pub members: Vec<Member>,
    /// Leads to whoever is the primary.
    pub primary: Relay,
    /// Leads to whoever may be read from.
    pub reader: Relay,
    pub nodes: Option<Arc<Mutex<Nodes>>>,
    pub is_lost: bool,
}

impl Group {
    pub fn status(&self) -> &'static str {
        let resting = if self.is_lost {
            "create-failed"
        } else {
            "available"
        };
        self.course.status().unwrap_or(resting)
    }

    pub fn arn(&self) -> String {
        let (home, name) = &self.id;
        let (region, account) = (&home.region, &home.account);
        format!("arn:aws:elasticache:{region}:{account}:replicationgroup:{name}")
    }

    pub fn must_be_available(&self) -> Result<(), Refusal> {
        match self.status() {
            "available" => Ok(()),
            status => {
                let message = format!(
                    "Replication group {} is in {status} state which is not available",
                    self.id.1
                );
                Err(Refusal::new("InvalidReplicationGroupState", message))
            }
        }
    }

    pub fn then(&mut self, now: Moment, phase: Phase<End, Product>) {
        self.course.then(now, phase);
    }

    /// Leads every address to the server that is meant by it now.
    pub fn open(&self) {
        let Some(nodes) = &self.nodes else {
            return;
        };
        let nodes = super::nodes::locked(nodes);
        for (number, member) in self.members.iter().enumerate() {
            member.relay.lead_to(nodes.port(number));
        }
        self.primary.lead_to(nodes.port(nodes.primary()));
        self.reader.lead_to(nodes.readable());
    }

    /// The primary is out of reach; whoever was connected to it is cut off.
    pub fn close_primary(&self, number: usize) {
        self.primary.lead_to(None);
        if let Some(member) = self.members.get(number) {
            member.relay.lead_to(None);
        }
    }

    /// Cuts everybody off.
    pub fn close(&self) {
        self.primary.lead_to(None);
        self.reader.lead_to(None);
        for member in &self.members {
            member.relay.lead_to(None);
        }
    }
}
