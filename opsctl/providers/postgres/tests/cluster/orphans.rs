//! What outlives a dead opsctl, and what does not.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use opsctl_core::ports::CopyState;
use opsctl_postgres::cluster::{Lifetime, ServerState, restore::Restorer, state};

use crate::site::{Site, local_at, numbers, restore, to_backup, until, wanted};

/// Marks the copy of this test program that is killed.
const VICTIM: &str = "VICTIM";

/// Run by the test below with two more arguments; by itself it has nothing to do.
#[tokio::test]
async fn victim() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [.., marker, root] = arguments.as_slice()
        && marker == VICTIM
    {
        let restorer = Restorer::new(local_at(Path::new(root))?, Lifetime::Leashed);
        let copy = restore(&restorer, "copy", to_backup("b1")?).await?;
        let line = format!("{VICTIM} {}\n", copy.lineage_id);
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
        std::io::stdin().read_line(&mut String::new())?;
    }
    Ok(())
}

#[tokio::test]
async fn a_copy_dies_with_opsctl_and_is_taken_up_by_the_next_one() -> Result<()> {
    let site = Site::set_up().await?;
    site.write(1).await?;
    site.back_up("b1").await?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--nocapture", "--exact", "orphans::victim", VICTIM])
        .arg(site.local.layout.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let lineage = BufReader::new(child.stdout.take().context("no pipe")?)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("VICTIM ")?.1.to_owned()))
        .context("the copy of this program restored nothing")?;
    let data: PathBuf = site.local.layout.clusters().join(lineage).join("data");
    assert!(matches!(state(&data), ServerState::Ready { .. }));
    child.kill()?;
    child.wait()?;
    until("the copy's server is gone", async || {
        Ok(state(&data) == ServerState::Stopped)
    })
    .await?;
    let database = site.local.status(site.lineage)?.server;
    assert!(matches!(database, ServerState::Ready { .. }));

    let restorer = site.restorer();
    let request = wanted("copy", to_backup("b1")?)?;
    assert_eq!(restorer.state(&request.name)?, CopyState::Fetched);
    let copy = restorer.start(&request.name).await?;
    assert_eq!(numbers(&restorer, &copy).await?, "1");
    Ok(())
}
