//! The runbook's statements, run as they stand there.

use std::path::Path;

use anyhow::{Context, Result};
use testkit::documents::commands;

use crate::support::{Client, Engine, Place, Service, eventually};

async fn ends(client: &Client, path: &str) -> Result<()> {
    eventually("its session ends", async || {
        let answer = client.get(path).await.ok()?;
        (answer.status == 401).then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_and_permissions_are_given_as_the_runbook_says() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let service = Service::on(&place).await?;
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runbooks/sessions.md");
    let text = std::fs::read_to_string(runbook)?.replace("<email>", "me@example.com");
    let updates = commands(&text, "UPDATE");
    let [one, tokens, sessions] = updates.as_slice() else {
        anyhow::bail!("{updates:?}");
    };
    let (me, id) = service.client.sign_up("me@example.com").await?;
    let (you, your_id) = service.client.sign_up("you@example.com").await?;
    let (mine, yours) = (format!("/api/users/{id}"), format!("/api/users/{your_id}"));

    let given = commands(&text, "INSERT").pop().context("no grant")?;
    let taken = commands(&text, "DELETE").pop().context("no revocation")?;
    for (statement, status) in [(given, 200), (taken, 403)] {
        place.execute(&statement).await?;
        eventually("the permission holds", async || {
            let answer = me.get("/api/admin/flags").await.ok()?;
            (answer.status == status).then_some(())
        })
        .await?;
    }

    place.execute(one).await?;
    ends(&me, &mine).await?;
    assert_eq!(you.get(&yours).await?.status, 200);
    place.execute(tokens).await?;
    place.execute(sessions).await?;
    ends(&you, &yours).await?;
    let living = "SELECT count(*) AS x FROM sessions WHERE revoked_at IS NULL";
    assert_eq!(place.text(living).await?, "0");
    Ok(())
}
