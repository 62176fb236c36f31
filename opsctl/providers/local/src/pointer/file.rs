//! [`Pointer`] over `database.json`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Descriptor, Location, Pointer};
use opsctl_core::{Failure, FailureKind, Result};
use serde_json::Value;

use super::replace::{lock, replace};

/// Tells where an administrator connects, given what the application is told.
pub type WayIn = Arc<dyn Fn(&Descriptor) -> Result<Location> + Send + Sync>;

/// The descriptor of one local environment.
#[derive(Clone)]
pub struct FilePointer {
    path: PathBuf,
    way_in: WayIn,
}

impl FilePointer {
    /// The pointer of the environment whose files lie in `folder`.
    pub fn new(folder: &Path, way_in: WayIn) -> Self {
        Self {
            path: folder.join("database.json"),
            way_in,
        }
    }

    /// A pointer to SQLite files: an administrator opens the very file that the application opens.
    pub fn to_sqlite(folder: &Path) -> Self {
        Self::new(
            folder,
            Arc::new(|descriptor| Ok(descriptor.location.clone())),
        )
    }

    /// The descriptor's file: what `DATABASE_DESCRIPTOR` is set to.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[async_trait]
impl Pointer for FilePointer {
    async fn read(&self) -> Result<Option<Descriptor>> {
        load(&self.path)
    }

    async fn replace(&self, permit: &Permit<'_>, expected: u64, new: &Descriptor) -> Result<()> {
        let path = self.path.clone();
        let waiting = tokio::task::spawn_blocking(move || lock(&path)).await;
        let locked = waiting
            .map_err(|error| self.trouble("lock").because(error))?
            .map_err(|error| self.trouble("lock").because(error))?;
        let found = load(&self.path)?.map_or(0, |descriptor| descriptor.generation);
        if found != expected {
            return Err(Descriptor::changed_meanwhile(expected, found));
        }
        // Waiting for the lock took time: the lease may be gone by now.
        permit.check()?;
        replace(&self.path, &encode(new)?)
            .map_err(|error| self.trouble("replace").because(error))?;
        drop(locked);
        Ok(())
    }

    async fn administrator(&self, descriptor: &Descriptor) -> Result<Location> {
        (self.way_in)(descriptor)
    }
}

impl FilePointer {
    fn trouble(&self, action: &str) -> Failure {
        Failure::failed(format!(
            "can't {action} the database descriptor '{}'",
            self.path.display()
        ))
        .hint("opsctl doctor")
    }
}

fn load(path: &Path) -> Result<Option<Descriptor>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Failure::failed(format!(
                "can't read the database descriptor '{}'",
                path.display()
            ))
            .because(error)
            .hint("opsctl doctor"));
        }
    };
    decode(&bytes)
        .map(Some)
        .map_err(|failure| failure.in_context(format!("the descriptor '{}'", path.display())))
}

fn decode(bytes: &[u8]) -> Result<Descriptor> {
    let unreadable = |error: serde_json::Error| {
        Failure::new(FailureKind::Unknown, "it can't be read")
            .because(error)
            .left("nothing was changed; the file is as it was found")
            .hint("opsctl doctor")
    };
    let document: Value = serde_json::from_slice(bytes).map_err(unreadable)?;
    let version = document.get("version").and_then(Value::as_u64);
    if let Some(newer) = version.filter(|found| *found > u64::from(Descriptor::VERSION)) {
        return Err(Failure::usage(format!("it has version {newer}"))
            .cause(format!("this opsctl knows version {}", Descriptor::VERSION))
            .hint("use the newer opsctl that wrote it"));
    }
    let descriptor: Descriptor = serde_json::from_value(document).map_err(unreadable)?;
    if holds_password(&descriptor.location.url) {
        return Err(Failure::usage("its url holds a password")
            .hint("put the password into a file of mode 0600 and name that as password_file"));
    }
    Ok(descriptor)
}

/// `scheme://user:password@…`
fn holds_password(url: &str) -> bool {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split(['/', '?']).next().unwrap_or_default();
    authority
        .rsplit_once('@')
        .is_some_and(|(user, _)| user.contains(':'))
}

fn encode(descriptor: &Descriptor) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(descriptor).map_err(|error| {
        Failure::failed("a database descriptor can't be written as JSON").because(error)
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../schemas/examples");

    fn example(name: &str) -> Result<Descriptor> {
        decode(&fs::read(format!("{EXAMPLES}/database-descriptor.{name}.json")).unwrap())
    }

    #[test]
    fn the_published_examples_are_read() {
        for name in ["sqlite", "postgres", "unknown-field"] {
            example(name).unwrap();
        }
    }

    #[test]
    fn what_later_versions_add_is_kept() {
        let descriptor = example("unknown-field").unwrap();
        assert!(!descriptor.other.is_empty());
        assert_eq!(decode(&encode(&descriptor).unwrap()).unwrap(), descriptor);
    }

    #[test]
    fn a_newer_version_and_a_password_are_refused() {
        let newer = example("newer-version.refused").unwrap_err();
        assert!(newer.hints[0].contains("newer opsctl"), "{newer}");
        let password = example("password-in-url.refused").unwrap_err();
        assert!(password.to_string().contains("password"), "{password}");
    }

    #[tokio::test]
    async fn an_environment_that_was_never_set_up_has_no_descriptor() {
        let folder = tempfile::tempdir().unwrap();
        let pointer = FilePointer::to_sqlite(folder.path());
        assert_eq!(pointer.read().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_half_written_descriptor_is_an_error_and_not_an_absence() {
        let folder = tempfile::tempdir().unwrap();
        let pointer = FilePointer::to_sqlite(folder.path());
        fs::write(pointer.path(), b"{\"version\": 1, \"gen").unwrap();
        let failure = pointer.read().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unknown);
    }
}
