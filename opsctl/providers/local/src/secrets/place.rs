//! Where the files lie, and how they are changed: one writer at a time, each file whole at every moment.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use opsctl_core::clock::{Clock, SystemClock};
use opsctl_core::ports::{SecretValue, Stage, VersionId};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, FailureKind, Result};

use super::found::{fill, text, values};
use super::handed::{FILE, REVISION, digest, ours, revision, strays, wanted};
use super::vault::{Held, Vault};
use crate::pointer::{lock, replace};
use crate::state::make_folder;

/// The versions and their stages.
const VAULT: &str = "secret-versions.json";
/// The key that evidence is signed with.
pub(super) const SIGNING_KEY: &str = "keys/evidence.key";

/// The secrets below an environment's folder.
#[derive(Debug, Clone)]
pub struct LocalSecrets {
    folder: PathBuf,
}

impl LocalSecrets {
    /// Those of the environment whose folder is `environment`.
    #[must_use]
    pub fn below(environment: &Path) -> Self {
        Self {
            folder: environment.to_owned(),
        }
    }

    /// The file that the application follows (`SECRETS_FILE`), with a key of tokens in it: made where there is none.
    ///
    /// # Errors
    /// When it can't be read or written.
    pub fn of_application(&self) -> Result<PathBuf> {
        self.locked(|place| {
            let mut vault = place.read()?;
            if vault.at(SecretKind::Jwt, Stage::Current).is_none() {
                let bytes: [u8; 32] = rand::random();
                let key = SecretValue::Text(Secret::new(hex::encode(bytes)));
                let first = VersionId("first".into());
                vault.put_pending(SecretKind::Jwt, &first, (&key, SystemClock.now()))?;
                vault.move_current(SecretKind::Jwt, None, &first)?;
                vault.drop_stage(SecretKind::Jwt, Stage::Pending, &first);
                place.write(&vault)?;
            }
            let file = place.folder.join(FILE);
            if !file.exists() {
                place.hand_over(&mut vault)?;
            }
            Ok(file)
        })
    }

    /// The login that the application has at the database, and the file with its password; `None` before a rotation kept one.
    ///
    /// # Errors
    /// When the files can't be read.
    pub fn login(&self) -> Result<Option<(String, PathBuf)>> {
        let vault = self.read()?;
        let current = vault.at(SecretKind::Database, Stage::Current);
        Ok(match current.and_then(|version| version.value.as_ref()) {
            Some(Held::Login { username, .. }) => {
                Some((username.clone(), self.password_file(username)))
            }
            _ => None,
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn password_file(&self, login: &str) -> PathBuf {
        self.folder.join(format!("{login}.password"))
    }

    /// What is kept, with what was there before anything was kept.
    pub(super) fn read(&self) -> Result<Vault> {
        let path = self.folder.join(VAULT);
        let mut vault = match text(&path)? {
            None => Vault::default(),
            Some(text) => {
                closed(&path)?;
                decode(&path, &text)?
            }
        };
        fill(&mut vault, &self.folder)?;
        Ok(vault)
    }

    /// Changes what is kept, if `work` does not refuse.
    pub(super) fn change<T>(&self, work: impl FnOnce(&mut Vault) -> Result<T>) -> Result<T> {
        self.locked(|place| {
            let mut vault = place.read()?;
            let answer = work(&mut vault)?;
            place.write(&vault)?;
            Ok(answer)
        })
    }

    /// While nobody else changes anything.
    pub(super) fn locked<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let path = self.folder.join(VAULT);
        let failed =
            |error| Failure::failed(format!("can't lock {}", path.display())).because(error);
        make_folder(&self.folder).map_err(failed)?;
        let lock = lock(&path).map_err(failed)?;
        let answer = work(self);
        drop(lock);
        answer
    }

    fn write(&self, vault: &Vault) -> Result<()> {
        let path = self.folder.join(VAULT);
        let mut bytes = serde_json::to_vec_pretty(vault)
            .map_err(|_| Failure::failed("the secrets can't be written as JSON"))?;
        bytes.push(b'\n');
        put(&path, &bytes)
    }

    /// What `secrets.json` is at, if it is what is kept.
    pub(super) fn handed(&self, vault: &Vault) -> Result<Option<u64>> {
        let content = values(&self.folder.join(FILE))?;
        Ok((ours(&content) == wanted(vault)).then(|| revision(&content)))
    }

    /// Refuses where somebody else wrote into `secrets.json`.
    pub(super) fn may_hand_over(&self, vault: &Vault) -> Result<()> {
        let path = self.folder.join(FILE);
        let found = ours(&values(&path)?);
        let known = vault.handed.is_empty() || vault.handed.contains(&digest(&found));
        match known || found == wanted(vault) || !path.exists() {
            true => Ok(()),
            false => Err(changed_by_hand(&path)),
        }
    }

    /// Writes `secrets.json` anew, if it is not what is kept; returns what it is at. The caller holds the lock.
    pub(super) fn hand_over(&self, vault: &mut Vault) -> Result<u64> {
        let path = self.folder.join(FILE);
        let content = values(&path)?;
        let (found, wanted) = (ours(&content), wanted(vault));
        if found == wanted && path.exists() {
            return Ok(revision(&content));
        }
        self.may_hand_over(vault)?;
        let next = revision(&content) + 1;
        let kept = strays(&content).into_iter();
        let mut new: BTreeMap<String, String> = kept
            .filter_map(|name| Some((name.clone(), content.get(&name)?.clone())))
            .collect();
        // First what is going to stand there, so that a run that dies in between finds its own work.
        vault.handed = vec![digest(&found), digest(&wanted)];
        self.write(vault)?;
        new.extend(wanted);
        new.insert(REVISION.into(), next.to_string());
        let mut bytes = serde_json::to_vec_pretty(&new)
            .map_err(|_| Failure::failed("the secrets can't be written as JSON"))?;
        bytes.push(b'\n');
        put(&path, &bytes)?;
        Ok(next)
    }
}

/// Replaces a file, which its owner alone may read.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)
        .and_then(|()| replace(path, bytes))
        .map_err(|error| Failure::failed(format!("can't write {}", path.display())).because(error))
}

fn decode(path: &Path, text: &str) -> Result<Vault> {
    // serde's own words would repeat what stands around the mistake.
    let vault: Vault = serde_json::from_str(text).map_err(|error| {
        Failure::new(
            FailureKind::Unknown,
            format!("{} can't be read", path.display()),
        )
        .cause(format!("line {}", error.line()))
        .left("nothing was changed")
    })?;
    if vault.version > Vault::VERSION {
        let what = format!("{} has version {}", path.display(), vault.version);
        return Err(Failure::usage(what).hint("use the newer opsctl that wrote it"));
    }
    Ok(vault)
}

fn closed(path: &Path) -> Result<()> {
    let metadata = std::fs::metadata(path).map_err(|error| {
        Failure::failed(format!("can't look at {}", path.display())).because(error)
    })?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(
        Failure::refused(format!("{} can be read by others", path.display()))
            .hint(format!("chmod 600 {}", path.display())),
    )
}

fn changed_by_hand(path: &Path) -> Failure {
    Failure::refused(format!("{} was changed by hand", path.display()))
        .cause("what stands there is not what was handed over last")
        .left("nothing was changed")
        .hint("take the file away: it is written anew; then opsctl secrets rotate <secret> --value-from - with what was new")
}

#[cfg(test)]
mod tests;
