//! The folder store, held against what the trait promises.

use std::sync::Arc;

use anyhow::Result;
use opsctl_core::state::{Key, StateStore, StoreError};
use opsctl_local::state::FolderStore;

fn store() -> Result<(tempfile::TempDir, FolderStore)> {
    let folder = tempfile::tempdir()?;
    let store = FolderStore::open(folder.path().join("state"))?;
    Ok((folder, store))
}

#[tokio::test]
async fn an_object_is_written_once() -> Result<()> {
    let (_folder, store) = store()?;
    let key = Key::of(&["a", "b"]);
    store.create(&key, b"first").await?;
    assert!(matches!(
        store.create(&key, b"second").await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(store.read(&key).await?.as_deref(), Some(&b"first"[..]));
    Ok(())
}

#[tokio::test]
async fn of_many_writers_of_a_generation_exactly_one_wins() -> Result<()> {
    let (_folder, store) = store()?;
    let store = Arc::new(store);
    let key = Key::of(&["lock"]);
    for round in 0..20 {
        let writers: Vec<_> = (0..8)
            .map(|writer: u8| {
                let (store, key) = (Arc::clone(&store), key.clone());
                tokio::spawn(async move { store.swap(&key, round, &[writer]).await.is_ok() })
            })
            .collect();
        let mut winners = 0;
        for writer in writers {
            winners += u32::from(writer.await?);
        }
        assert_eq!(winners, 1, "round {round}");
    }
    assert_eq!(store.load(&key).await?.0, 20);
    Ok(())
}

#[tokio::test]
async fn a_stale_writer_loses_even_after_its_number_was_cleared_away() -> Result<()> {
    let (_folder, store) = store()?;
    let key = Key::of(&["lock"]);
    for generation in 0..9 {
        store.swap(&key, generation, b"x").await?;
    }
    assert!(matches!(
        store.swap(&key, 1, b"stale").await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(store.load(&key).await?, (9, Some(b"x".to_vec())));
    Ok(())
}

#[tokio::test]
async fn drafts_and_registers_are_not_listed() -> Result<()> {
    let (folder, store) = store()?;
    store.create(&Key::of(&["room", "object"]), b"1").await?;
    store.swap(&Key::of(&["room", "register"]), 0, b"2").await?;
    std::fs::write(folder.path().join("state/room/.draft-dead"), b"half")?;
    assert_eq!(
        store.list(&Key::of(&["room"])).await?,
        [Key::of(&["room", "object"])]
    );
    Ok(())
}

#[tokio::test]
async fn a_store_of_a_newer_opsctl_is_refused() -> Result<()> {
    let (folder, store) = store()?;
    store.create(&Key::of(&["a"]), b"1").await?;
    std::fs::write(folder.path().join("state/format"), "2\n")?;
    let refused = FolderStore::open(folder.path().join("state"));
    assert!(matches!(
        refused,
        Err(StoreError::NewerFormat { found: 2, known: 1 })
    ));
    Ok(())
}

#[tokio::test]
async fn reading_an_empty_place_makes_no_folder() -> Result<()> {
    let (folder, store) = store()?;
    assert_eq!(store.read(&Key::of(&["a"])).await?, None);
    assert_eq!(store.load(&Key::of(&["b"])).await?, (0, None));
    assert!(store.list(&Key::root()).await?.is_empty());
    assert!(!folder.path().join("state").exists());
    Ok(())
}
