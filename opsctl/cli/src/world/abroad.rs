//! The backup region of an environment in AWS: what is brought back there, from what lies there.

use std::sync::Arc;

use opsctl_aws::{AwsReadiness, RdsCopiedBackups, RdsCopies, RdsSite, RdsSizes, Side};
use opsctl_core::Result;
use opsctl_core::ports::{Abroad, AwayPorts};

use super::standing_ready::StandingReady;
use crate::session::Session;

/// What operations use of it, and the copies that were restored there.
pub fn of(session: &Session, site: &Arc<RdsSite>) -> Result<(AwayPorts, Arc<RdsCopies>)> {
    let settings = &session.environment.settings;
    let copies = RdsCopies::new(Arc::clone(site), Arc::clone(&session.clock));
    let copies = Arc::new(copies);
    let images = settings.images.as_ref();
    let readiness = AwsReadiness {
        site: Arc::clone(site),
        repository: images.map(|it| it.repository.path().to_owned()),
        stale_after: settings.backup.stale_after,
    };
    let ready = StandingReady::of(session, site)?;
    let ports = AwayPorts {
        home: site.aws.region(Side::Home).to_owned(),
        place: site.aws.region(Side::Backup).to_owned(),
        backups: Arc::new(RdsCopiedBackups::new(Arc::clone(site))),
        copies: Arc::clone(&copies) as Arc<dyn opsctl_core::ports::Copies>,
        readiness: Arc::new(readiness),
        abroad: ready.map(|ready| Arc::new(ready) as Arc<dyn Abroad>),
        sizes: Some(Arc::new(RdsSizes::new(Arc::clone(site)))),
    };
    Ok((ports, copies))
}
