//! A game day: secrets change and the database moves under users, and a moment between two writes comes back. It takes minutes and builds
//! the service: `cargo xtask test endurance` runs it, and it says what it measured.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clients::{Load, Site, Visitor};
use crate::rehearsal::{Rehearsal, VERSION};

/// In all, while credentials change.
const REQUESTS: u64 = 100_000;
/// A second.
const BUSY: u64 = 400;
/// A second, while the database moves.
const CALM: u64 = 100;
const ROWS: &str = "--users 5000 --posts 100000 --comments 50000";
/// Ten thousand signs a post that nothing compresses: more than a gigabyte.
const LONG_POSTS: &str = "SET client_min_messages = warning;
    UPDATE posts SET content = md5(posts.id::text) || long.text
    FROM (SELECT string_agg(md5(n::text), '') AS text FROM generate_series(1, 330) AS n) AS long";
const GIGABYTE: u64 = 1 << 30;

mod endurance {
    use super::*;

    #[test]
    fn credentials_change_unnoticed_a_failover_loses_nothing_and_a_moment_between_two_writes_comes_back()
     {
        let platform = Arc::new(Rehearsal::start());
        let site: Arc<dyn Site> = platform.clone();
        platform.well(&format!("env bring-up {VERSION} --yes"));
        platform.well(&format!("data seed {ROWS} --yes"));
        platform.sql(LONG_POSTS);
        let size = platform.database_size();
        tell(&format!("the database holds {:.2} GB", size as f64 / 1e9));
        assert!(size >= GIGABYTE, "{size} bytes");
        let mut load = Load::begin(&site, BUSY);
        rotate(&platform, &load);
        load.pace(CALM);
        fail_over(&platform, &load);
        load.end();
        go_back(&platform, &site);
    }
}

/// Whatever is asked meanwhile is answered.
fn rotate(platform: &Rehearsal, load: &Load) {
    let mut rotations = 0;
    while load.tally().asked() < REQUESTS {
        let began = Instant::now();
        platform.well("secrets rotate database --yes");
        rotations += 1;
        let took = began.elapsed().as_secs_f64();
        let moment = format!("rotation {rotations} of the database's password took {took:.1} s");
        see(load, &moment);
        while load.tally().asked() < REQUESTS && began.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    see(load, "rotated");
    assert!(rotations >= 2, "{rotations}");
}

fn see(load: &Load, moment: &str) {
    tell(&load.tally().line(moment));
    let (failed, first) = load.tally().failures();
    assert_eq!(failed, 0, "{moment}: {first:#?}");
}

/// What the prober felt is told; users who ask meanwhile are turned away for as long, and served again.
fn fail_over(platform: &Rehearsal, load: &Load) {
    let drill = platform.result("drill failover --kind multi-az --yes");
    let over = &drill["document"]["failover"];
    let gap = |lane: &str| over[lane]["longest_gap_seconds"].as_f64().unwrap();
    tell(&format!(
        "failover: no write for {:.2} s and no read for {:.2} s at most, {} acknowledged writes lost",
        gap("writes"),
        gap("reads"),
        over["lost_writes"]
    ));
    assert_eq!(over["lost_writes"], 0, "{over}");
    let (failed, _) = load.tally().failures();
    settles(load);
    tell(
        &load
            .tally()
            .line(&format!("failed over, {failed} turned away meanwhile")),
    );
}

/// Until nobody has been turned away for some seconds.
fn settles(load: &Load) {
    let (until, mut before) = (Instant::now() + Duration::from_secs(60), usize::MAX);
    loop {
        let now = load.tally().failures().0;
        if now == before {
            return;
        }
        assert!(Instant::now() < until, "{:#?}", load.tally().failures().1);
        before = now;
        std::thread::sleep(Duration::from_secs(5));
    }
}

fn go_back(platform: &Rehearsal, site: &Arc<dyn Site>) {
    let visitor = Visitor::of(site);
    let before = visitor.signs_up("before@example.com");
    let between = platform.now();
    let after = visitor.signs_up("after@example.com");
    assert!(visitor.knows(before) && visitor.knows(after));
    platform.ships_its_log();
    let began = Instant::now();
    let words = format!("restore --to {between} --cut-over --yes --confirm rehearsal");
    let result = platform.result(&words);
    tell(&format!(
        "back at {between} after {:.1} s",
        began.elapsed().as_secs_f64()
    ));
    assert!(visitor.knows(before), "{result}");
    assert!(!visitor.knows(after), "{result}");
}

fn tell(line: &str) {
    let line = format!("{}\n", line.trim_end());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
