//! Documents as files of a folder, readable by this user alone. A file appears under its name when it is whole and on disk.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Key, Storage, StorageError, Way};

#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Made when the first document comes.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

#[async_trait::async_trait]
impl Storage for Folder {
    async fn put(&self, key: &Key, document: Vec<u8>) -> Result<(), StorageError> {
        let path = self.0.join(key.as_str());
        let written = tokio::task::spawn_blocking(move || write(&path, &document));
        let problem = match written.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        let key = key.as_str().to_owned();
        Err(StorageError::Put { key, problem })
    }

    async fn way_to(&self, key: &Key) -> Result<Way, StorageError> {
        let document = tokio::fs::read(self.0.join(key.as_str())).await;
        let key = key.as_str().to_owned();
        document.map(Way::Here).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => StorageError::Missing(key),
            _ => StorageError::Get {
                key,
                problem: error.to_string(),
            },
        })
    }
}

fn write(path: &Path, document: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let unfinished = path.with_extension(format!("{}.part", uuid::Uuid::new_v4()));
    let written = write_whole(&unfinished, document)
        .and_then(|()| std::fs::rename(&unfinished, path))
        .and_then(|()| std::fs::File::open(folder)?.sync_all());
    if written.is_err() {
        // What is left of it serves nobody, and that it cannot be taken away changes nothing.
        let _removed = std::fs::remove_file(&unfinished);
    }
    written
}

fn write_whole(path: &Path, document: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(document)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Day;

    #[tokio::test]
    async fn a_document_is_there_whole_and_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Folder::new(folder.path().join("not/yet/there"));
        let key = Key::of_report(Day::today());
        assert!(storage.way_to(&key).await.is_err());
        for document in [b"first".to_vec(), b"second".to_vec()] {
            storage.put(&key, document.clone()).await.unwrap();
            let Way::Here(found) = storage.way_to(&key).await.unwrap() else {
                panic!("a folder is here");
            };
            assert_eq!(found, document);
        }
        let left = std::fs::read_dir(folder.path().join("not/yet/there/reports")).unwrap();
        assert_eq!(left.count(), 1);
    }
}
