//! A restore beside PostgreSQL's own ways to the same: `pg_basebackup` and a start, and `pg_restore -j2`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use testkit::postgres::Account;

use super::{
    machine,
    measure::{Candidate, Measured, Took, interleaved, table, timed},
    report::{Section, goal},
    site::{Site, way_into},
};
use crate::{checkout::Checkout, machine::child};

const ROUNDS: u32 = 5;
/// Of the faster of the two others.
const GOAL: f64 = 1.0;

/// Measures all three on the same rows.
pub fn measure(checkout: &Checkout, site: &Site) -> Result<Section> {
    let peer = Peer::of(site)?;
    let candidates = vec![
        candidate("opsctl restore", || ours(site)),
        candidate("pg_basebackup + start", || peer.copied()),
        candidate("pg_restore -j2", || peer.reloaded()),
    ];
    let rows = interleaved(candidates, ROUNDS)?;
    Ok(Section {
        title: "Restore".to_owned(),
        findings: findings(&rows, site),
        table: table(&rows),
        circumstances: machine::circumstances(checkout)?,
    })
}

fn candidate<'a>(label: &str, run: impl FnMut() -> Result<Took> + 'a) -> Candidate<'a> {
    Candidate {
        label: label.to_owned(),
        run: Box::new(run),
    }
}

fn findings(rows: &[Measured], site: &Site) -> Vec<String> {
    let seconds: Vec<f64> = rows.iter().map(|row| row.median.as_secs_f64()).collect();
    let [ours, others @ ..] = seconds.as_slice() else {
        return Vec::new();
    };
    let ratio = ours / others.iter().copied().fold(f64::INFINITY, f64::min);
    vec![
        format!(
            "A whole `opsctl restore` to scratch, every file checked against its sum, takes {ratio:.2} of the \
             faster of the others; the goal is {GOAL}: {}.",
            goal(ratio <= GOAL)
        ),
        "`pg_restore` loads into a running, empty server: its initdb and start are not counted. Processor \
         time is the clients' alone."
            .to_owned(),
        format!(
            "`opsctl data seed` wrote the 1,000,000 comments, 100,000 posts and 10,000 users in {:.1} s; the \
             goal is a minute: {}.",
            site.seeded_in,
            goal(site.seeded_in <= 60.0)
        ),
    ]
}

/// The whole command, until it exits; the copy is discarded outside the measure.
fn ours(site: &Site) -> Result<Took> {
    let mut copy = String::new();
    let took = timed(|| {
        let answer = site.opsctl(&["restore"])?;
        let name = answer["result"]["copy"]
            .as_str()
            .context("no copy was named")?;
        name.clone_into(&mut copy);
        Ok(())
    })?;
    site.opsctl(&["restore", "discard", &copy])?;
    Ok(took)
}

/// What PostgreSQL's own programs need.
struct Peer<'a> {
    site: &'a Site,
    account: Account,
    live: String,
    dump: PathBuf,
    empty: PathBuf,
}

impl<'a> Peer<'a> {
    fn of(site: &'a Site) -> Result<Self> {
        let account = Account::choose()?;
        let peer = Self {
            site,
            account,
            live: site.live()?,
            dump: site.place("app.dump"),
            empty: site.place("empty"),
        };
        let mut dump = Command::new(site.binaries.program("pg_dump"));
        dump.args(["-Fc", "-d", &peer.live, "-f"]).arg(&peer.dump);
        child::run(&mut dump)?;
        account.create_folder(&peer.empty)?;
        let mut init = peer.program("initdb");
        init.args(["-k", "-A", "trust", "-U", "postgres", "-D"]);
        child::output(init.arg(&peer.empty))?;
        Ok(peer)
    }

    fn program(&self, name: &str) -> Command {
        self.account.command(&self.site.binaries.program(name))
    }

    /// A physical copy of the live database, started.
    fn copied(&self) -> Result<Took> {
        let data = self.site.place("copied");
        self.account.create_folder(&data)?;
        let took = timed(|| {
            let mut copy = self.program("pg_basebackup");
            copy.args(["-X", "stream", "-c", "fast", "-d", &self.live, "-D"]);
            child::output(copy.arg(&data))?;
            self.start(&data)
        })?;
        self.stop(&data)?;
        fs::remove_dir_all(&data)?;
        Ok(took)
    }

    /// The rows of a dump, loaded into an empty database.
    fn reloaded(&self) -> Result<Took> {
        let data = &self.empty;
        self.start(data)?;
        let server = way_into(data, "postgres")?;
        for sql in ["DROP DATABASE IF EXISTS app", "CREATE DATABASE app"] {
            self.site.psql(&server, sql)?;
        }
        let took = timed(|| {
            let mut load = Command::new(self.site.binaries.program("pg_restore"));
            load.args(["-j2", "--no-owner", "--no-privileges", "-d"]);
            load.arg(way_into(data, "app")?).arg(&self.dump);
            child::output(&mut load).map(drop)
        })?;
        self.stop(data)?;
        Ok(took)
    }

    /// On a socket in its own folder, without archiving: nobody but us comes.
    fn start(&self, data: &Path) -> Result<()> {
        let settings = format!(
            "-c listen_addresses= -c archive_mode=off -c unix_socket_directories={}",
            data.display()
        );
        let mut start = self.program("pg_ctl");
        start.args(["start", "-w", "-s", "-o", &settings, "-l"]);
        start.arg(data.join("log")).arg("-D").arg(data);
        // Its server keeps the standard streams: nobody may wait for their end.
        start.stdout(std::process::Stdio::null());
        child::run(start.stderr(std::process::Stdio::null()))
    }

    fn stop(&self, data: &Path) -> Result<()> {
        let mut stop = self.program("pg_ctl");
        child::run(
            stop.args(["stop", "-w", "-s", "-m", "fast", "-D"])
                .arg(data),
        )
    }
}
