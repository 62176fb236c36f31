//! A place whose database is a real PostgreSQL that opsctl runs; stopped when dropped.

use std::os::unix::fs::PermissionsExt;

use crate::place::Place;

const CONFIGURATION: &str = "version: 1
environments:
  local:
    database:
      engine: local-postgres
    lock:
      lease: 2s
";

/// A place on PostgreSQL; its database is yet to be made.
pub struct PostgresPlace(Place);

impl PostgresPlace {
    pub fn new() -> Self {
        let place = Place::with(CONFIGURATION);
        // PostgreSQL runs as another account than root and has to get in.
        let open = std::fs::Permissions::from_mode(0o711);
        std::fs::set_permissions(place.folder(), open).unwrap();
        Self(place)
    }
}

impl std::ops::Deref for PostgresPlace {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.0
    }
}

impl Drop for PostgresPlace {
    fn drop(&mut self) {
        self.0.run("local-postgres stop");
    }
}
