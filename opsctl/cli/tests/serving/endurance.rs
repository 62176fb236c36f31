//! Whole lives of a platform under load. They take minutes and build the service's image: `cargo xtask test endurance` runs them.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::clients::{Load, Site};
use crate::platform::Platform;

/// In all, before the load may end.
const REQUESTS: u64 = 100_000;
/// A second, while releases come and go: more than three pods may do with what they request.
const BUSY: u64 = 900;
/// A second, once it is over.
const CALM: u64 = 60;

#[test]
fn nobody_notices_a_release_a_rollback_more_pods_fewer_pods_or_a_release_that_cannot_serve() {
    let platform = Arc::new(Platform::start());
    platform.well("deploy v0.1.0 --yes");
    let site: Arc<dyn Site> = platform.clone();
    let mut load = Load::begin(&site, BUSY);
    let see = |moment: &str, load: &Load| {
        let line = load.tally().line(moment);
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        let (failed, first) = load.tally().failures();
        assert_eq!(failed, 0, "{moment}: {first:#?}");
    };

    let old = platform.pods("api");
    platform.well("deploy v0.2.0 --yes");
    see("released", &load);
    // Those before may still be on their way out.
    let now = platform.pods("api");
    let new = now.iter().filter(|pod| !old.contains(pod));
    assert!(new.count() >= 3, "{old:?} {now:?}");

    platform.well("rollback --yes");
    see("rolled back", &load);

    platform.until_ready("api", |pods| pods > 3, Duration::from_secs(180));
    see("scaled out", &load);

    platform.set("DATABASE_TIMEOUT", "long");
    let ended = platform.run("deploy --yes");
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    see("a release that can't serve was taken back", &load);
    assert_eq!(
        platform.ends(),
        ["succeeded", "succeeded", "succeeded", "rolled_back"]
    );
    let kept = platform.well("history show 4").stdout;
    assert!(kept.contains("the configuration cannot be used"), "{kept}");

    while load.tally().asked() < REQUESTS {
        see("on the way", &load);
        std::thread::sleep(Duration::from_secs(5));
    }
    load.pace(CALM);
    platform.until_ready("api", |pods| pods == 3, Duration::from_secs(300));
    load.end();
    see("scaled back", &load);
    assert!(load.tally().of("as themselves") > REQUESTS / 3);
    assert!(load.tally().of("as a stranger") > REQUESTS / 3);
}
