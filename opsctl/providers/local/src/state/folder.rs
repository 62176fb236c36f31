//! A folder as a state store.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use opsctl_core::state::{Generation, Key, StateStore, StoreError};

use super::{durable, registers};

/// The version of the layout.
const FORMAT: u32 = 1;

/// The state store of local environments.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: PathBuf,
}

impl FolderStore {
    /// The store in `root`; the folder is made by the first write.
    ///
    /// # Errors
    /// When it was laid out by a newer opsctl, or can't be read.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let store = Self { root: root.into() };
        let stamp = read(&store.path(&Key::format())).map_err(trouble("read", &Key::format()))?;
        let found = stamp.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse().ok());
        match found {
            Some(found) if found > FORMAT => Err(StoreError::NewerFormat {
                found,
                known: FORMAT,
            }),
            _ => Ok(store),
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.as_str())
    }

    fn register(&self, key: &Key) -> PathBuf {
        self.root.join(format!("{key}{}", registers::SUFFIX))
    }

    fn stamp(&self) -> Result<(), StoreError> {
        let path = self.path(&Key::format());
        if path.exists() {
            return Ok(());
        }
        match durable::create_new(&path, format!("{FORMAT}\n").as_bytes()) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(trouble("write", &Key::format())(error))
            }
            _ => Ok(()),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        action: &'static str,
        key: &Key,
        work: impl FnOnce(&Self, &Key) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (store, named) = (self.clone(), key.clone());
        let done = tokio::task::spawn_blocking(move || work(&store, &named)).await;
        done.map_err(|error| trouble(action, key)(io::Error::other(error)))?
            .map_err(trouble(action, key))
    }
}

fn trouble(action: &'static str, key: &Key) -> impl Fn(io::Error) -> StoreError {
    let key = key.clone();
    move |error| match error.kind() {
        ErrorKind::AlreadyExists => StoreError::Conflict(key.clone()),
        _ => StoreError::Unavailable {
            action,
            key: key.clone(),
            reason: error.to_string(),
        },
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Adds the objects in and below `folder`, leaving out drafts and registers.
fn collect(root: &Path, folder: &Path, into: &mut Vec<Key>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        if entry.file_type()?.is_dir() {
            if !name.ends_with(registers::SUFFIX) {
                collect(root, &entry.path(), into)?;
            }
        } else if let Ok(relative) = entry.path().strip_prefix(root) {
            let parts: Vec<&str> = relative.iter().filter_map(|part| part.to_str()).collect();
            into.push(Key::of(&parts));
        }
    }
    Ok(())
}

#[async_trait]
impl StateStore for FolderStore {
    async fn create(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        self.stamp()?;
        let bytes = bytes.to_vec();
        self.blocking("write", key, move |store, key| {
            durable::create_new(&store.path(key), &bytes)
        })
        .await
    }

    async fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.blocking("read", key, |store, key| read(&store.path(key)))
            .await
    }

    async fn list(&self, below: &Key) -> Result<Vec<Key>, StoreError> {
        self.blocking("list", below, |store, below| {
            let mut keys = Vec::new();
            collect(&store.root, &store.path(below), &mut keys)?;
            keys.sort();
            Ok(keys)
        })
        .await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.blocking("delete", key, |store, key| {
            let path = store.path(key);
            match fs::remove_file(&path) {
                Ok(()) => durable::sync_folder(path.parent().unwrap_or(&store.root)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn load(&self, key: &Key) -> Result<(Generation, Option<Vec<u8>>), StoreError> {
        self.blocking("read", key, |store, key| {
            registers::load(&store.register(key))
        })
        .await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Generation,
        bytes: &[u8],
    ) -> Result<Generation, StoreError> {
        self.stamp()?;
        let bytes = bytes.to_vec();
        let swapped = self
            .blocking("write", key, move |store, key| {
                registers::swap(&store.register(key), expected, &bytes)
            })
            .await?;
        swapped.ok_or_else(|| StoreError::Conflict(key.clone()))
    }
}
