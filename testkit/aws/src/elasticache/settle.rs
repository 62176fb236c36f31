//! Ends of states: what was on its way arrives.

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};

use super::{
    group::{End, Group, Product},
    nodes::locked,
    state::{Id, State},
};

impl State {
    /// Lets everything come to where its time has brought it.
    pub fn settle(&mut self) {
        let now = self.now();
        let ids: Vec<Id> = self.groups.keys().cloned().collect();
        for id in &ids {
            while let Some(group) = self.groups.get_mut(id)
                && let Some((end, product)) = group.course.step(now)
            {
                if let Err(error) = self.arrive(id, end, product) {
                    self.fail(id, &error);
                }
            }
        }
    }

    fn arrive(&mut self, id: &Id, end: End, product: Result<Product>) -> Result<()> {
        let product = product?;
        let group = self.groups.get_mut(id).context("the group is gone")?;
        match end {
            End::Serve => {
                let nodes = product.context("the work brought no servers")?;
                group.nodes = Some(Arc::new(Mutex::new(*nodes)));
                group.open();
                self.tell(id, "Replication group created");
            }
            End::FailedOver(before) => {
                group.open();
                let (from, to) = names(group, before);
                let done =
                    format!("Failover from primary node {from} to replica node {to} completed");
                let recovering = format!("Recovering cache nodes {from}");
                self.tell_of_node(id, &from, &done);
                self.tell(id, &done);
                self.tell_of_node(id, &from, &recovering);
            }
            End::Recovered(before) => {
                group.open();
                let (from, _) = names(group, before);
                let message = format!("Finished recovery for cache nodes {from}");
                self.tell_of_node(id, &from, &message);
            }
            End::Removed => {
                self.groups.remove(id);
                self.tell(id, "Replication group deleted");
            }
        }
        Ok(())
    }

    /// The real work went wrong, which no test has asked for.
    fn fail(&mut self, id: &Id, error: &anyhow::Error) {
        if let Some(group) = self.groups.get_mut(id) {
            group.course.cut();
            group.close();
            group.is_lost = true;
        }
        self.tell(id, &format!("The replication group failed: {error:#}"));
    }
}

/// The names of the primary that was and the one that is.
fn names(group: &Group, before: usize) -> (String, String) {
    let now = group.nodes.as_ref().map(|nodes| locked(nodes).primary());
    let named = |number: usize| {
        let member = group.members.get(number);
        member.map(|it| it.name.clone()).unwrap_or_default()
    };
    (named(before), named(now.unwrap_or(before)))
}
