//! The whole way of an alert, with nothing pretended: the service loses its database, Prometheus sees requests fail, Alertmanager hands it
//! over, and whoever is on call is called; nobody takes it up, and the next one is called.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use testkit::{
    leash::Leash,
    on_call::{Call, HandMoved, OnCall, Policy, Severity},
    ports::free_ports,
};

use super::{alertmanager, patience::Patience, rules};
use crate::{
    checkout::Checkout, commands::test::platform::Platform, machine::prometheus::Servers,
    terminal::say,
};

const ENVIRONMENT: &str = "local-postgres";
/// Longer than requests wait for a database that is gone, twice, and Alertmanager gathers what belongs together.
const PATIENCE: Patience = Patience {
    within: Duration::from_secs(240),
    glance: Duration::from_millis(200),
};
/// So long a fault lasts before it counts, in place of minutes.
const FOR: &str = "2s";
/// The time that a P1 may wait for somebody.
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// Loses the database, waits for the calls, brings the database back and waits for the end.
pub fn check(checkout: &Checkout, servers: &Servers, place: &Path) -> Result<()> {
    Platform::build(checkout)?;
    let platform = Platform::up(checkout, ENVIRONMENT, &["local-postgres", "start"])?;
    let clock = Arc::new(HandMoved::default());
    let policy = Policy::read(&fs::read_to_string(place.join("escalation.yaml"))?)?;
    let on_call = OnCall::start(policy, clock.clone(), 0)?;
    let site = Site::start(servers, place, &platform, &on_call)?;
    let watched = PATIENCE.until("the watchdog", || Ok(on_call.words_of_the_watchdog() > 0));
    watched.with_context(|| site.logs())?;
    ask(&platform.url, 3)?;
    platform.opsctl(&["--env", ENVIRONMENT, "local-postgres", "stop", "--yes"])?;
    let began = Instant::now();
    let call = PATIENCE.until("a call", || {
        ask(&platform.url, 5)?;
        Ok(first(&on_call.calls(), "ErrorRateHigh").is_some())
    });
    call.with_context(|| site.logs())?;
    say(&format!(
        "called {:.1} s after the database was gone",
        began.elapsed().as_secs_f64()
    ));
    let calls = on_call.calls();
    let call = first(&calls, "ErrorRateHigh").context("a call")?;
    ensure!(
        call.severity == Severity::P1 && call.whom == "on-call",
        "{call:?}"
    );
    clock.pass(FIVE_MINUTES);
    let calls = on_call.calls();
    let second = calls
        .iter()
        .any(|call| call.alert == "ErrorRateHigh" && call.whom == "second-on-call");
    ensure!(
        second,
        "nobody took it up, and nobody else was called: {calls:?}"
    );
    platform.opsctl(&["--env", ENVIRONMENT, "local-postgres", "start"])?;
    PATIENCE
        .until("the end", || {
            ask(&platform.url, 2)?;
            Ok(!on_call.open().contains(&"ErrorRateHigh".to_owned()))
        })
        .with_context(|| site.logs())
}

fn first<'a>(calls: &'a [Call], alert: &str) -> Option<&'a Call> {
    calls.iter().find(|call| call.alert == alert)
}

/// Requests that need the database, all at once: without one each waits until the service gives up. What comes of them is
/// Prometheus's affair.
fn ask(url: &str, times: usize) -> Result<()> {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let all = (0..times).map(|number| {
        let address = address.to_owned();
        thread::spawn(move || log_in(&address, number))
    });
    let all: Vec<_> = all.collect();
    for one in all {
        one.join().map_err(|_| anyhow!("a request panicked"))??;
    }
    Ok(())
}

/// Whoever tries one account again and again is slowed down, which is no failure: each is somebody new.
fn log_in(address: &str, number: usize) -> Result<()> {
    let nobody = new_name();
    let body =
        format!(r#"{{"email":"{nobody}-{number}@example.com","password":"not-the-password"}}"#);
    let mut tcp = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        tcp,
        "POST /auth/login HTTP/1.0\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut said = String::new();
    tcp.read_to_string(&mut said)?;
    ensure!(said.starts_with("HTTP/1"), "the service answers {said}");
    Ok(())
}

/// A name that nobody had before.
fn new_name() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("nobody-{}", since.map_or(0, |since| since.as_nanos()))
}

/// The two servers, each in a folder of its own.
struct Site {
    prometheus: Leash,
    alertmanager: Leash,
}

impl Site {
    fn start(
        servers: &Servers,
        place: &Path,
        platform: &Platform,
        on_call: &OnCall,
    ) -> Result<Self> {
        let [ours, theirs] = free_ports()?;
        let (watches, hands_over) = (format!("127.0.0.1:{ours}"), format!("127.0.0.1:{theirs}"));
        let configuration = alertmanager::configuration(place, &on_call.url())?;
        let alertmanager = alertmanager::start(&servers.alertmanager, &configuration, &hands_over)?;
        let targets = [
            ("app", platform.measurements(ENVIRONMENT)?),
            ("alertmanager", hands_over.clone()),
        ];
        let folder = prometheus_folder(place, &targets, &hands_over)?;
        let mut prometheus = Command::new(&servers.prometheus);
        prometheus.arg(format!(
            "--config.file={}",
            folder.join("prometheus.yaml").display()
        ));
        prometheus.arg(format!(
            "--storage.tsdb.path={}",
            folder.join("data").display()
        ));
        prometheus.arg(format!("--web.listen-address={watches}"));
        let prometheus = Leash::start(&folder, &prometheus)?;
        Ok(Self {
            prometheus,
            alertmanager,
        })
    }

    fn logs(&self) -> String {
        format!("{}\n{}", self.prometheus.log(), self.alertmanager.log())
    }
}

fn folder() -> Result<PathBuf> {
    Ok(testkit::files::tempdir()?.keep())
}

/// The repository's own rules, with times of seconds.
fn prometheus_folder(
    place: &Path,
    targets: &[(&str, String)],
    alertmanager: &str,
) -> Result<PathBuf> {
    let folder = folder()?;
    fs::create_dir(folder.join("rules"))?;
    let minutes = regex::Regex::new(r"(?m)^        for: [0-9]+[mh]$")?;
    for file in rules::files(&place.join("prometheus/rules"))? {
        let text = fs::read_to_string(&file)?;
        let short = minutes.replace_all(&text, format!("        for: {FOR}"));
        fs::write(
            folder
                .join("rules")
                .join(file.file_name().context("a name")?),
            short.as_bytes(),
        )?;
    }
    let mut text = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s, external_labels: {{environment: test, runbooks: runbooks}}}}\n\
         rule_files: ['{}/rules/*.yaml']\n\
         alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{alertmanager}']}}]}}]}}\n\
         scrape_configs:\n",
        folder.display(),
    );
    for (job, address) in targets {
        let labels = if *job == "app" {
            "{service: api}"
        } else {
            "{}"
        };
        text.push_str(&format!(
            "  - {{job_name: {job}, static_configs: [{{targets: ['{address}'], labels: {labels}}}]}}\n"
        ));
    }
    fs::write(folder.join("prometheus.yaml"), text)?;
    Ok(folder)
}
