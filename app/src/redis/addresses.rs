//! Where Redis is at the moment.

use crate::config::Secret;
use crate::config::registry::REDIS_URL;
use crate::secrets::Live;

/// All of `REDIS_URL`, comma between them, as the place for secrets says it now.
pub fn addresses(secrets: &Live) -> Option<Secret> {
    secrets.now().current(REDIS_URL).cloned()
}
