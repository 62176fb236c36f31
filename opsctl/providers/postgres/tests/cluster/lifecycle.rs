//! Set-up, start, stop, status.

use anyhow::Result;
use opsctl_core::secret::Secret;
use opsctl_postgres::cluster::{self, ServerState};
use sqlx::{Connection, PgConnection};

use crate::site::{Site, ask, numbers, restore, run, to_backup};

#[tokio::test]
async fn a_cluster_starts_stops_and_starts_again_with_its_data() -> Result<()> {
    let site = Site::start().await?;
    let mut session = site.session().await?;
    assert_eq!(
        ask(&mut session, "SELECT current_setting('data_checksums')").await?,
        "on"
    );
    assert_eq!(
        ask(&mut session, "SELECT current_setting('archive_mode')").await?,
        "on"
    );
    run(&mut session, "CREATE TABLE kept AS SELECT 7 AS n").await?;
    let before = site.local.status(site.lineage)?;
    assert!(matches!(before.server, ServerState::Ready { .. }));
    site.local.start(site.lineage).await?;
    assert_eq!(site.local.status(site.lineage)?.server, before.server);

    site.local.stop(site.lineage).await?;
    assert_eq!(
        site.local.status(site.lineage)?.server,
        ServerState::Stopped
    );
    site.local.stop(site.lineage).await?;
    site.local.start(site.lineage).await?;
    assert_eq!(site.local.status(site.lineage)?.port, before.port);
    assert_eq!(site.ask("SELECT n FROM kept").await?, "7");
    Ok(())
}

#[tokio::test]
async fn a_server_that_was_killed_recovers_at_the_next_start() -> Result<()> {
    let site = Site::start().await?;
    run(
        &mut site.session().await?,
        "CREATE TABLE kept AS SELECT 7 AS n",
    )
    .await?;
    let pid = site.local.status(site.lineage)?.server.pid().unwrap_or(0);
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()?;
    assert!(killed.success());
    let data = site.local.layout.cluster(site.lineage).data();
    crate::site::until("the server is gone", async || {
        Ok(cluster::state(&data) == ServerState::Stopped)
    })
    .await?;
    // Its other processes notice within moments; until then the memory is in use.
    crate::site::until("it starts", async || {
        Ok(site.local.start(site.lineage).await.is_ok())
    })
    .await?;
    assert_eq!(site.ask("SELECT n FROM kept").await?, "7");
    Ok(())
}

#[tokio::test]
async fn the_administrator_comes_by_socket_only_and_the_application_with_its_password() -> Result<()>
{
    let site = Site::start().await?;
    let port = site.record()?.port;
    let file = site.folder.path().join("app_login.password");
    let password = cluster::password_in(&file)?;
    assert_eq!(cluster::password_in(&file)?, password);
    let mut session = site.session().await?;
    run(&mut session, "CREATE ROLE app_login LOGIN").await?;
    cluster::set_password(&mut session, "app_login", &password).await?;

    let over_tcp = async |user: &str, password: &Secret<String>| {
        let url = format!(
            "postgres://{user}:{}@127.0.0.1:{port}/app",
            password.expose()
        );
        PgConnection::connect(&url).await
    };
    assert!(over_tcp("app_login", &password).await.is_ok());
    assert!(
        over_tcp("app_login", &Secret::new("wrong".into()))
            .await
            .is_err()
    );
    assert!(over_tcp("postgres", &password).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_server_that_can_not_start_says_why() -> Result<()> {
    let site = Site::prepare()?;
    let data = site.local.layout.cluster(site.lineage).data();
    let conf = data.join("postgresql.conf");
    let text = std::fs::read_to_string(&conf)?;
    std::fs::write(&conf, format!("no_such_setting = 1\n{text}"))?;
    let failure = site.local.start(site.lineage).await.unwrap_err();
    assert!(failure.to_string().contains("no_such_setting"), "{failure}");
    Ok(())
}

#[tokio::test]
async fn a_process_number_that_was_given_to_another_is_no_server() -> Result<()> {
    let site = Site::prepare()?;
    let data = site.local.layout.cluster(site.lineage).data();
    let own = std::process::id();
    std::fs::write(
        data.join("postmaster.pid"),
        format!("{own}\n\n\n\n\n\n\nready\n"),
    )?;
    assert_eq!(cluster::state(&data), ServerState::Stopped);
    site.local.stop(site.lineage).await?;
    Ok(())
}

#[tokio::test]
async fn a_folder_may_be_called_whatever_its_owner_likes() -> Result<()> {
    let site = Site::set_up_in("my project's \"x\" 100% \\ ü").await?;
    site.write(1).await?;
    site.switch_segment().await?;
    site.back_up("b1").await?;
    site.write(2).await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    assert_eq!(numbers(&restorer, &copy).await?, "1");
    Ok(())
}
