//! An environment in an account of AWS.

use opsctl_core::environment::{AwsSettings, RdsSettings};
use opsctl_core::ports::World;
use opsctl_core::{Failure, Result};

use crate::session::Session;

pub(super) fn of(session: &Session, _rds: &RdsSettings) -> Result<World> {
    let _settings = settings(session)?;
    Err(Failure::usage("RDS is not known yet"))
}

/// The account of the session's environment.
fn settings(session: &Session) -> Result<&AwsSettings> {
    let environment = &session.environment;
    environment.settings.aws.as_ref().ok_or_else(|| {
        let what = format!(
            "'{}' has a database in RDS and names no account",
            environment.name
        );
        Failure::usage(what).hint("add `aws:` to it in opsctl.yaml")
    })
}
