//! Ends of states: what was on its way arrives.

use std::sync::{Arc, Mutex};

use anyhow::Result;

use super::{
    cluster::{Archiving, Cluster},
    course::{Phase, Product},
    events::Kind as Told,
    groups,
    instance::{Apply, Base, End, backing_up, working},
    snapshot::Done,
    state::{Id, State},
};

impl State {
    /// Lets everything come to where its time has brought it.
    pub fn settle(&mut self) {
        let now = self.now();
        let ids: Vec<Id> = self.instances.keys().cloned().collect();
        for id in &ids {
            while let Some(instance) = self.instances.get_mut(id)
                && let Some((end, product)) = instance.course.step(now)
            {
                if let Err(error) = self.arrive(id, end, product) {
                    self.fail(id, &error);
                }
            }
        }
        self.settle_snapshots();
        for id in &ids {
            self.keep_backups(id);
        }
    }

    fn arrive(&mut self, id: &Id, end: End, product: Result<Product>) -> Result<()> {
        let product = product?;
        match end {
            End::Nothing => Ok(()),
            End::Serve => self.serve(id, product.server()?),
            End::BackedUp => self.backed_up(id, product),
            End::Changed(change) => self.changed(id, *change),
            End::Restarted => {
                if let Some(instance) = self.instances.get_mut(id) {
                    instance.apply = Apply::InSync;
                    instance.open();
                }
                Ok(())
            }
            End::Promoted => {
                if let Some(instance) = self.instances.get_mut(id) {
                    instance.follows = None;
                    instance.open();
                }
                self.tell(
                    id,
                    Told::Availability,
                    "Promoted Read Replica instance to a stand-alone database instance.",
                );
                Ok(())
            }
            End::Removed => {
                self.remove(id);
                Ok(())
            }
        }
    }

    /// A server is there: served from now on, with the parameters of its group, backups and standby to follow.
    fn serve(&mut self, id: &Id, mut cluster: Cluster) -> Result<()> {
        let now = self.now();
        let delays = self.delays;
        let ending = self.endings.remove(&id.name);
        let Some(instance) = self.instances.get(id) else {
            return Ok(());
        };
        let parameters = groups::values_for(self, instance);
        let archiving = match instance.settings.retention_days {
            0 => Archiving::Off,
            _ => Archiving::On,
        };
        let replica = instance.follows.is_some();
        let restarts = !parameters.is_empty();
        if ending.is_none() {
            cluster.set_parameters(parameters)?;
            cluster.set_archiving(archiving)?;
            if restarts {
                cluster.restart()?;
            }
        }
        let Some(instance) = self.instances.get_mut(id) else {
            return Ok(());
        };
        instance.created_at = Some(now);
        if let Some(status) = ending {
            instance.resting = status;
            instance.course.cut();
            self.tell(
                id,
                Told::Failure,
                &format!("The DB instance is in state {status}"),
            );
            return Ok(());
        }
        instance.archive = Some(Arc::clone(cluster.archive()));
        let server = Arc::new(Mutex::new(cluster));
        instance.server = Some(Arc::clone(&server));
        instance.open();
        if archiving == Archiving::On && !replica {
            let phase = Phase::new("backing-up", delays.backing_up, End::BackedUp);
            instance.course.then(now, phase.doing(backing_up(&server)));
        }
        // A server that follows can have no follower that commits wait for: that of a replica comes with its promotion.
        if instance.settings.multi_az && !replica {
            let phase = Phase::new("modifying", delays.modifying, End::Nothing);
            let job = working(&server, Cluster::add_standby);
            instance.course.then(now, phase.doing(job));
        }
        self.tell(id, Told::Creation, "DB instance created");
        Ok(())
    }

    fn backed_up(&mut self, id: &Id, product: Product) -> Result<()> {
        let (backup, [_, ended]) = product.backup()?;
        let (ended, now) = (self.clock.of_the_machine(ended), self.now());
        let backup = Arc::new(backup);
        let Some(instance) = self.instances.get_mut(id) else {
            return Ok(());
        };
        let base = Base {
            backup: Arc::clone(&backup),
            ended,
        };
        instance.bases.push(base);
        instance.latest_restorable = instance.latest_restorable.max(Some(ended));
        self.add_automated(id, &backup, ended, now);
        self.tell(id, Told::Backup, "Finished DB Instance backup");
        Ok(())
    }

    fn settle_snapshots(&mut self) {
        let now = self.now();
        self.lead_the_queue(now);
        let clock = Arc::clone(&self.clock);
        let running = self.snapshots.values_mut().filter(|it| !it.queued);
        for snapshot in running {
            while let Some((done, product)) = snapshot.course.step(now) {
                match (
                    done,
                    product.and_then(|product| match done {
                        Done::Taken => product.backup().map(Some),
                        Done::Copied => Ok(None),
                    }),
                ) {
                    (_, Ok(Some((backup, [began, _])))) => {
                        let at = clock.of_the_machine(began);
                        snapshot.data = Some(Arc::new(backup));
                        snapshot.data_at = Some(at);
                        snapshot.created_at = Some(at);
                        snapshot.first_created_at = Some(at);
                    }
                    (_, Ok(None)) => {}
                    (_, Err(_)) => snapshot.failed = true,
                }
            }
        }
    }

    /// The real work went wrong, which no test has asked for.
    fn fail(&mut self, id: &Id, error: &anyhow::Error) {
        if let Some(instance) = self.instances.get_mut(id) {
            instance.course.cut();
            instance.close();
            instance.resting = "failed";
            instance.trouble = Some(format!("{}: {error:#}", id.name));
        }
        self.tell(id, Told::Failure, "The DB instance failed");
    }

    /// Takes an instance away; its replicas follow nobody any more.
    fn remove(&mut self, id: &Id) {
        self.instances.remove(id);
        let followers: Vec<Id> = self
            .instances
            .values()
            .filter(|other| other.follows.as_ref() == Some(id))
            .map(|other| other.id.clone())
            .collect();
        for follower in followers {
            self.begin_promotion(&follower);
        }
    }
}
