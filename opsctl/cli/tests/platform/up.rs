//! A newcomer's first minute: `opsctl up` in an empty folder.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Ended, Place, application};

struct Up {
    child: Child,
    log: BufReader<ChildStderr>,
    said: String,
}

impl Up {
    /// Starts it, and waits until it stays up.
    fn start(place: &Place, words: &[&str]) -> Self {
        application();
        let mut child = place
            .command(&[&["up"], words].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut up = Self {
            child,
            log,
            said: String::new(),
        };
        while !up.said.contains("up; Ctrl-C stops it") {
            let read = up.log.read_line(&mut up.said).unwrap();
            assert!(read > 0, "{}", up.said);
        }
        up
    }

    fn address(&self) -> String {
        let (_, rest) = self.said.split_once("listens on http://").unwrap();
        rest.lines().next().unwrap().to_owned()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }
}

fn listens(address: &str) -> bool {
    TcpStream::connect(address).is_ok()
}

#[test]
fn the_first_start_drills_and_the_service_goes_with_its_opsctl() {
    let place = Place::bare();
    let mut up = Up::start(&place, &["--port", "0"]);
    assert!(up.said.contains("a little sample data"), "{}", up.said);
    assert!(up.said.contains("evidence show"), "{}", up.said);
    let evidence = place.run(&["evidence", "list"]).expect(0);
    assert!(evidence.stdout.contains("passed"), "{}", evidence.stdout);
    let address = up.address();
    assert!(listens(&address));

    let second = Ended::of(place.command(&["up"]).output().unwrap()).expect(5);
    assert!(second.stderr.contains("is up already"), "{}", second.stderr);

    up.signal(Signal::INT);
    assert_eq!(up.child.wait().unwrap().code(), Some(0));
    assert!(!listens(&address));

    let again = Up::start(&place, &["--port", "0"]);
    assert!(!again.said.contains("sample data"), "{}", again.said);
    assert!(!again.said.contains("drilling"), "{}", again.said);
    // Even a death that nobody can catch ends the service.
    let address = again.address();
    again.signal(Signal::KILL);
    let deadline = Instant::now() + Duration::from_secs(60);
    while listens(&address) {
        assert!(Instant::now() < deadline, "the service outlives its opsctl");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[test]
fn a_database_that_somebody_made_gets_no_sample_data() {
    let place = Place::new();
    let mut up = Up::start(&place, &["--port", "0", "--no-drill"]);
    assert!(!up.said.contains("sample data"), "{}", up.said);
    up.signal(Signal::TERM);
    assert_eq!(up.child.wait().unwrap().code(), Some(0));
    let evidence = place.run(&["evidence", "list"]).expect(0);
    assert!(!evidence.stdout.contains("passed"), "{}", evidence.stdout);
}
