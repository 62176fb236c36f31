//! A client reads its own writes, whichever process it asks, however far behind the replica is.

use anyhow::Result;

use super::pair::{Keeping, Pair, read_from_replica};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_reads_its_own_writes_on_every_process() -> Result<()> {
    let pair = Pair::new().await?;
    let (one, other) = (pair.service("60").await?, pair.service("60").await?);
    let mut writer = Keeping::sign_up(&one, "writer@example.com").await?;
    let reader = Keeping::sign_up(&other, "reader@example.com").await?;
    read_from_replica(&pair, &reader, &one).await?;
    read_from_replica(&pair, &reader, &other).await?;

    pair.replica.pause_replay()?;
    writer.post("mine").await?;
    for service in [&one, &other] {
        // Who wrote it has it; who shows nothing is answered by the primary; who has seen less may be answered by the replica.
        let own = writer.titles_at(service, Some(&writer.token)).await?;
        assert!(own.contains("mine"), "{own:?}");
        for unknown in [None, Some("no token at all"), Some("ffffffffffffffff")] {
            let all = reader.titles_at(service, unknown).await?;
            assert!(all.contains("mine"), "{unknown:?}: {all:?}");
        }
        let stale = reader.titles_at(service, Some(&reader.token)).await?;
        assert!(
            !stale.contains("mine"),
            "the replica was not read: {stale:?}"
        );
    }

    pair.replica.resume_replay()?;
    read_from_replica(&pair, &writer, &other).await?;
    let own = writer.titles_at(&other, Some(&writer.token)).await?;
    assert!(own.contains("mine"), "{own:?}");
    one.stop().await;
    other.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_of_many_is_ever_missed_by_its_client() -> Result<()> {
    let pair = Pair::new().await?;
    let (one, other) = (pair.service("60").await?, pair.service("60").await?);
    let mut writer = Keeping::sign_up(&one, "writer@example.com").await?;
    read_from_replica(&pair, &writer, &other).await?;
    for number in 0..60 {
        let title = format!("post {number}");
        writer.post(&title).await?;
        for service in [&other, &one] {
            let titles = writer.titles_at(service, Some(&writer.token)).await?;
            assert!(titles.contains(&title), "{title} is missing");
        }
    }
    one.stop().await;
    other.stop().await;
    Ok(())
}
