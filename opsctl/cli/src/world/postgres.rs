//! An environment on a PostgreSQL that opsctl runs from the machine's programs.

use opsctl_core::ports::World;
use opsctl_core::{Failure, Result};

use crate::session::Session;

pub(super) fn of(session: &Session) -> Result<World> {
    let name = &session.environment.name;
    Err(Failure::usage(format!(
        "{name} is on PostgreSQL, which this opsctl can't reach yet"
    )))
}
