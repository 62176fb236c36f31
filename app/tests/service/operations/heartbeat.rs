//! The heartbeat: where it beats, where it must not.

use anyhow::Result;

use crate::support::{DescriptorFile, Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    it_beats_on_a_primary,
    it_is_silent_while_the_platform_stands_aside,
    a_database_superseded_under_the_service_is_let_go_of,
);

const BEAT: &str = "SELECT beat_at AS x FROM heartbeat";

async fn it_beats_on_a_primary(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let first = eventually("it beats", || async { place.text(BEAT).await.ok() }).await?;
    eventually("it beats again", || async {
        place.text(BEAT).await.ok().filter(|beat| *beat != first)
    })
    .await?;
    assert_eq!(
        place.text("SELECT count(*) AS x FROM heartbeat").await?,
        "1"
    );
    service.stop().await;
    Ok(())
}

async fn it_is_silent_while_the_platform_stands_aside(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    descriptor.write(&place, 1, "read_only")?;
    let service = Service::following(&descriptor).await?;
    descriptor.applied(1).await?;
    // The interval is one second: two are enough to see it, had it beaten.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(
        place.text("SELECT count(*) AS x FROM heartbeat").await?,
        "0"
    );
    descriptor.write(&place, 2, "normal")?;
    eventually("it beats", || async { place.text(BEAT).await.ok() }).await?;
    service.stop().await;
    Ok(())
}

async fn a_database_superseded_under_the_service_is_let_go_of(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let client = service.client_of_anybody()?;
    assert_eq!(client.get("/api/posts").await?.status, 200);
    place
        .execute("UPDATE database_identity SET role = 'superseded'")
        .await?;
    eventually("it is let go of", || async {
        let answer = client.get("/api/posts").await.ok()?;
        (answer.status == 503).then_some(())
    })
    .await?;
    eventually("no connection is left", || async {
        (place.connections_of_the_service().await.ok()? == 0).then_some(())
    })
    .await?;
    let beat = place.texts(BEAT).await?;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(place.texts(BEAT).await?, beat);
    Ok(())
}
