//! The promises of `testkit::postgres`, kept on a real server.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use testkit::Postgres;

/// Set for the copy of this test program that is killed.
const VICTIM: &str = "TESTKIT_VICTIM";

#[test]
fn a_server_has_an_empty_database_and_data_checksums() -> Result<()> {
    let server = Postgres::start()?;
    assert_eq!(server.execute("app", "SELECT 1 + 1")?, "2");
    assert_eq!(server.execute("app", "SHOW data_checksums")?, "on");
    assert_eq!(server.execute("app", "SHOW server_encoding")?, "UTF8");
    assert!(server.url().ends_with("/app"));
    Ok(())
}

#[test]
fn databases_of_any_name_can_be_added() -> Result<()> {
    let server = Postgres::start()?;
    server.create_database("two \"words\"")?;
    let found = server.execute("postgres", "SELECT count(*) FROM pg_database")?;
    assert_eq!(found, "5");
    Ok(())
}

#[test]
fn others_than_the_administrator_need_a_password() -> Result<()> {
    let server = Postgres::start()?;
    server.execute("app", "CREATE ROLE guest LOGIN PASSWORD 'right'")?;
    let log_in = |password: &str| {
        Command::new(server.binaries().program("psql"))
            .args(["-X", "-w", "-c", "SELECT 1"])
            .arg(server.url().replace("postgres@", "guest@"))
            .env("PGPASSWORD", password)
            .output()
    };
    assert!(log_in("right")?.status.success());
    assert!(!log_in("wrong")?.status.success());
    Ok(())
}

#[test]
fn settings_reach_the_server() -> Result<()> {
    let server = Postgres::start_with(&[("wal_level", "logical")])?;
    assert_eq!(server.execute("app", "SHOW wal_level")?, "logical");
    Ok(())
}

#[test]
fn data_survives_a_stop_and_a_crash() -> Result<()> {
    let mut server = Postgres::start()?;
    server.execute("app", "CREATE TABLE kept AS SELECT 1 AS n")?;
    server.stop()?;
    assert_eq!(server.pid(), None);
    server.start_again()?;
    server.execute("app", "INSERT INTO kept VALUES (2)")?;
    server.crash()?;
    server.start_again()?;
    assert_eq!(server.execute("app", "SELECT sum(n) FROM kept")?, "3");
    Ok(())
}

#[test]
fn dropping_it_stops_the_server_and_removes_its_folder() -> Result<()> {
    let server = Postgres::start()?;
    let (pid, data) = (server.pid().context("not running")?, server.data_dir());
    drop(server);
    assert!(!is_running(pid));
    assert!(!data.parent().context("no folder")?.exists());
    Ok(())
}

#[test]
fn a_server_that_is_stopped_leaves_no_folder_either() -> Result<()> {
    let mut server = Postgres::start()?;
    let data = server.data_dir();
    server.stop_immediately()?;
    drop(server);
    assert!(!data.parent().context("no folder")?.exists());
    Ok(())
}

/// Runs only inside the test below; by itself it has nothing to do.
#[test]
fn victim() -> Result<()> {
    if std::env::args().any(|argument| argument == VICTIM) {
        let server = Postgres::start()?;
        let line = format!(
            "{} {}\n",
            server.pid().context("not running")?,
            server.data_dir().display()
        );
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
        std::io::stdin().read_line(&mut String::new())?;
    }
    Ok(())
}

#[test]
fn killing_the_test_stops_its_server_and_removes_its_folder() -> Result<()> {
    // The second filter matches nothing; it tells the copy what it is.
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--nocapture", "--exact", "victim", VICTIM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("no pipe")?;
    let (pid, data) = BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            let (pid, data) = line.rsplit_once(" /")?;
            let pid: u32 = pid.rsplit(' ').next()?.parse().ok()?;
            Some((pid, format!("/{data}")))
        })
        .context("the copy started no server")?;
    assert!(is_running(pid));
    child.kill()?;
    child.wait()?;
    let folder = Path::new(&data).parent().context("no folder")?;
    let deadline = Instant::now() + Duration::from_secs(30);
    while is_running(pid) || folder.exists() {
        assert!(Instant::now() < deadline, "the server outlives its test");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn is_running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}
