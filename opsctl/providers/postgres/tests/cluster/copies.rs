//! Copies: kept apart, never half there, gone without a trace.

use anyhow::Result;
use opsctl_core::{names::ScratchName, ports::CopyState};
use opsctl_postgres::cluster::{QUARANTINE_SETTINGS, archive::Inventory};
use sqlx::{Connection, PgConnection};

use crate::site::{Site, ask, numbers, restore, run, session_with, to_backup, to_time, until};

#[tokio::test]
async fn a_copy_is_quarantined_and_says_that_it_is_one() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    let mut session = session_with(&restorer, &copy).await?;
    for (setting, value) in [
        ("archive_mode", "off"),
        ("listen_addresses", ""),
        ("max_logical_replication_workers", "0"),
    ] {
        let found = ask(
            &mut session,
            &format!("SELECT current_setting('{setting}')"),
        )
        .await?;
        assert_eq!(found, value, "{setting}");
    }
    let identity = ask(
        &mut session,
        "SELECT lineage_id::text || ' ' || role || ' ' || effects FROM database_identity",
    )
    .await?;
    assert_eq!(identity, format!("{} scratch held", copy.lineage_id));
    assert_ne!(copy.lineage_id, site.lineage);
    assert_eq!(
        ask(&mut session, "SELECT count(*) FROM pg_replication_slots").await?,
        "0"
    );
    assert_eq!(
        site.ask("SELECT role FROM database_identity").await?,
        "primary"
    );
    // The location is what others connect by.
    assert!(PgConnection::connect(&copy.location.url).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn a_copy_behaves_like_its_source_but_for_its_quarantine() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    let sql = "SELECT name, setting FROM pg_settings WHERE name NOT IN
               ('data_directory', 'config_file', 'hba_file', 'ident_file')";
    let mut session = site.session().await?;
    let source: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&mut session).await?;
    let mut session = session_with(&restorer, &copy).await?;
    let found: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&mut session).await?;
    let differing: Vec<_> = source
        .iter()
        .filter(|setting| !found.contains(setting))
        .filter(|(name, _)| !QUARANTINE_SETTINGS.contains(&name.as_str()))
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
    Ok(())
}

#[tokio::test]
async fn what_a_copy_writes_never_reaches_the_archive_of_its_source() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    site.switch_segment().await?;
    let archive = site.local.layout.archive(site.lineage);
    let before = Inventory::read(&archive)?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    let mut session = session_with(&restorer, &copy).await?;
    run(
        &mut session,
        "CREATE TABLE noise AS SELECT generate_series(1, 100000)",
    )
    .await?;
    ask(&mut session, "SELECT pg_switch_wal()").await?;
    run(&mut session, "CHECKPOINT").await?;
    restorer.stop(&copy.name).await?;
    let after = Inventory::read(&archive)?;
    let own = |inventory: &Inventory| inventory.segments.iter().all(|s| s.timeline == 1);
    assert!(own(&before) && own(&after) && after.histories.is_empty());
    assert!(!site.local.layout.archive(copy.lineage_id).exists());
    Ok(())
}

#[tokio::test]
async fn settings_by_alter_system_do_not_lead_a_copy_back_to_its_source() -> Result<()> {
    let site = Site::set_up().await?;
    let mut session = site.session().await?;
    run(&mut session, "ALTER SYSTEM SET archive_command = 'false'").await?;
    run(&mut session, "ALTER SYSTEM SET listen_addresses = '*'").await?;
    run(&mut session, "ALTER SYSTEM SET work_mem = '7MB'").await?;
    site.back_up("b1").await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    let mut session = session_with(&restorer, &copy).await?;
    assert_eq!(
        ask(&mut session, "SELECT current_setting('listen_addresses')").await?,
        ""
    );
    assert_eq!(
        ask(&mut session, "SELECT current_setting('work_mem')").await?,
        "7MB"
    );
    Ok(())
}

#[tokio::test]
async fn the_next_transaction_id_parts_what_was_recovered_from_what_came_later() -> Result<()> {
    let site = Site::set_up().await?;
    site.back_up("b1").await?;
    // One is still running at the target, one was rolled back, one commits after.
    let mut running = site.session().await?;
    run(&mut running, "BEGIN; INSERT INTO t VALUES (10)").await?;
    site.write(1).await?;
    let mut aborted = site.session().await?;
    run(&mut aborted, "BEGIN; INSERT INTO t VALUES (11); ROLLBACK").await?;
    site.write(2).await?;
    let target = site.clock().await?;
    run(&mut running, "COMMIT").await?;
    site.write(3).await?;
    site.switch_segment().await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_time("b1", target)?).await?;
    assert_eq!(numbers(&restorer, &copy).await?, "1,2");
    let next = copy.next_transaction_id.expect("not captured");
    let mut session = session_with(&restorer, &copy).await?;
    let mut source = site.session().await?;
    let rows: Vec<(i32, String)> = sqlx::query_as("SELECT n, xmin::text FROM t ORDER BY n")
        .fetch_all(&mut source)
        .await?;
    for (n, xmin) in rows {
        let xmin: u64 = xmin.parse()?;
        let committed_here = xmin < next
            && ask(
                &mut session,
                &format!("SELECT pg_xact_status('{xmin}'::xid8)"),
            )
            .await?
                == "committed";
        assert_eq!(
            committed_here,
            n <= 2,
            "row {n} of transaction {xmin}, next {next}"
        );
    }
    // The identity was written after the pause: its transaction is not below.
    let own = ask(&mut session, "SELECT xmin FROM database_identity").await?;
    assert!(own.parse::<u64>()? >= next, "{own} < {next}");
    Ok(())
}

#[tokio::test]
async fn a_copy_is_adopted_serves_archives_for_itself_and_goes_back() -> Result<()> {
    let mut site = Site::set_up().await?;
    site.local.password_file = Some(site.folder.path().join("password"));
    site.write(1).await?;
    site.back_up("b1").await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    assert!(restorer.adopt(&ScratchName::new("other")?).await.is_err());
    let location = restorer.adopt(&copy.name).await?;
    assert_eq!(restorer.adopt(&copy.name).await?, location);
    assert!(restorer.discard(&copy.name).await.is_err());
    let password = std::fs::read_to_string(location.password_file.as_ref().expect("no file"))?;
    let url = location
        .url
        .replace("app_login@", &format!("app_login:{password}@"));
    assert!(PgConnection::connect(&url).await.is_ok());
    assert!(!url.contains(&format!(":{}/", site.record()?.port)));

    let mut session = session_with(&restorer, &copy).await?;
    assert_eq!(
        ask(&mut session, "SELECT current_setting('fsync')").await?,
        "on"
    );
    run(&mut session, "INSERT INTO t VALUES (2)").await?;
    ask(&mut session, "SELECT pg_switch_wal()").await?;
    drop(session);
    let archive = site.local.layout.archive(copy.lineage_id);
    until("it archives for itself", async || {
        Ok(!Inventory::read(&archive)?.segments.is_empty())
    })
    .await?;
    // It outlives whoever restored it.
    drop(restorer);
    let restorer = site.restorer();
    assert!(matches!(restorer.state(&copy.name)?, CopyState::Running(_)));

    restorer.disown(&copy.name, site.clock().await?).await?;
    restorer.disown(&copy.name, site.clock().await?).await?;
    let again = restorer.start(&copy.name).await?;
    assert_eq!(again.next_transaction_id, copy.next_transaction_id);
    assert_eq!(numbers(&restorer, &again).await?, "1,2");
    assert!(PgConnection::connect(&url).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_chilled_copy_still_answers() -> Result<()> {
    let site = Site::set_up().await?;
    site.write(1).await?;
    site.back_up("b1").await?;
    let restorer = site.restorer();
    let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
    let said = restorer.chill(&copy.name, &to_backup("b1")?).await?;
    assert!(said.contains("started anew"), "{said}");
    assert_eq!(numbers(&restorer, &copy).await?, "1");
    Ok(())
}
