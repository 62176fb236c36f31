//! The way of a span, with the real parts: the service, the collector, Jaeger. A request is found by its trace's id; who is not meant to
//! send is refused; a Jaeger that is away costs nobody a request, and no span.

mod service;
mod site;
mod trace;

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_yaml::Value;
use testkit::{certificates::Authority, files::TempDir, https::Client};

use super::{exporters, patience::Patience};
use crate::{
    checkout::Checkout,
    commands::test::platform::Platform,
    machine::{
        child,
        traces::{RELEASES, Servers},
    },
    terminal::say,
};
use service::{Kept, PASSWORD, Parent, Service, secrets};
use site::Site;
use trace::Trace;

/// Longer than the collector waits between two tries.
const COMES: Patience = Patience {
    within: Duration::from_secs(90),
    glance: Duration::from_millis(100),
};
/// Between two requests of the same kind on a machine that does other things as well.
const CHANCE: Duration = Duration::from_secs(2);
/// Which images run in a cluster.
const IMAGES: &str = "k8s/monitoring/base/kustomization.yaml";
/// What is asked of the service, as its span is called.
const SIGN_UP: &str = "POST /api/users";
/// While Jaeger is away.
const REQUESTS: usize = 10;
const SPAN: &str = "b7ad6b7169203331";
const FIRST: &str = "0af7651916cd43dd8448eb211c80319c";
const UNKEPT: &str = "1af7651916cd43dd8448eb211c80319c";
const LATER: &str = "2af7651916cd43dd8448eb211c80319c";
const MEANWHILE: &str = "3af7651916cd43dd8448eb211c80319c";

/// Follows requests from the service to Jaeger; what the service wrote down meanwhile.
pub fn check(
    checkout: &Checkout,
    servers: &Servers,
    place: &Path,
    platform: &Platform,
) -> Result<String> {
    let place = place.join("traces");
    are_deployed(checkout)?;
    are_valid(servers, &place)?;
    let mut site = Site::start(servers, &place)?;
    let service = Service::start(platform, &site)?;
    let passed = is_found(&site, &service, platform)
        .and_then(|()| strangers_are_refused(&site))
        .and_then(|()| survives(&mut site, &service));
    passed.with_context(|| site.logs())?;
    Ok(service.log())
}

/// What runs here is what runs there.
fn are_deployed(checkout: &Checkout) -> Result<()> {
    let text = fs::read_to_string(checkout.root.join(IMAGES))?;
    let deployed: Value = serde_yaml::from_str(&text)?;
    let images = deployed["images"].as_sequence().context(IMAGES)?;
    for (name, release) in RELEASES {
        let image = images.iter().find(|it| it["name"] == name).context(name)?;
        let tag = image["newTag"].as_str().unwrap_or_default();
        ensure!(
            tag == release,
            "{IMAGES} runs {name} {tag}, and the tests {release}"
        );
    }
    Ok(())
}

/// Both programs take their configuration as it lies there, and not just any.
fn are_valid(servers: &Servers, place: &Path) -> Result<()> {
    let folder = TempDir::new()?;
    for (program, name) in [
        (&servers.collector, "collector.yaml"),
        (&servers.jaeger, "jaeger.yaml"),
    ] {
        let file = place.join(name);
        let validate = |file: &Path| {
            let mut command = Command::new(program);
            command.args(["validate", &format!("--config={}", file.display())]);
            command
        };
        child::output(&mut validate(&file)).with_context(|| format!("{name} is not valid"))?;
        let mut wrong: Value = serde_yaml::from_str(&fs::read_to_string(&file)?)?;
        wrong["receivers"]["otlp"]["protocol"] = "http".into();
        let copy = folder.path().join(name);
        fs::write(&copy, serde_yaml::to_string(&wrong)?)?;
        ensure!(
            !child::succeeds(&mut validate(&copy)),
            "{name} is valid whatever stands in it"
        );
    }
    Ok(())
}

/// As soon as so many requests are there, and a statement.
fn found(site: &Site, id: &str, requests: usize) -> Result<Trace> {
    let client = Client::new(&site.authority.pem(), None)?;
    let mut found = None;
    COMES
        .until(&format!("the trace {id}"), || {
            found = Trace::of(&client, site.ports.pages, id)?;
            let whole = |trace: &Trace| {
                let all = trace.spans.iter();
                let sign_ups = all.filter(|span| span.name == SIGN_UP).count();
                sign_ups == requests && trace.named("INSERT").is_some()
            };
            Ok(found.as_ref().is_some_and(whole))
        })
        .with_context(|| format!("{found:?}"))?;
    found.context("it was there")
}

fn asked(trace: &str, kept: Kept) -> Parent<'_> {
    Parent {
        trace,
        span: SPAN,
        kept,
    }
}

/// By its id, with the names that people look for, and nothing that nobody may see.
fn is_found(site: &Site, service: &Service, platform: &Platform) -> Result<()> {
    let began = Instant::now();
    service.sign_up("first@example.com", &asked(FIRST, Kept::Yes))?;
    let trace = found(site, FIRST, 1)?;
    say(&format!(
        "a request is found in Jaeger {:.1} s after it was asked, {} spans of it",
        began.elapsed().as_secs_f64(),
        trace.spans.len()
    ));
    let request = trace.named(SIGN_UP).context("the request")?;
    for (what, told, wanted) in [
        ("service", request.service.clone(), "app"),
        ("parent", request.parent.clone(), SPAN),
        ("route", request.tag("http.route"), "/api/users"),
        ("status", request.tag("http.response.status_code"), "201"),
        ("kind", request.tag("span.kind"), "server"),
        ("request", request.tag("request_id"), "first"),
    ] {
        ensure!(told == wanted, "its {what} is {told:?}: {}", trace.text);
    }
    let statement = trace.spans.iter().find(|span| {
        let text = span.tag("db.query.text");
        span.parent == request.id && text.contains("INSERT INTO users")
    });
    ensure!(statement.is_some(), "no statement of it in {}", trace.text);
    let mut never = secrets(platform)?;
    never.extend([PASSWORD, "argon2", "@example.com"].map(str::to_owned));
    for secret in never {
        ensure!(!trace.text.contains(&secret), "a secret in {}", trace.text);
    }
    // Whoever began a trace decides: one that is not to be kept would have been here before the next.
    service.sign_up("unkept@example.com", &asked(UNKEPT, Kept::No))?;
    service.sign_up("later@example.com", &asked(LATER, Kept::Yes))?;
    found(site, LATER, 1)?;
    let client = Client::new(&site.authority.pem(), None)?;
    let unkept = Trace::of(&client, site.ports.pages, UNKEPT)?;
    ensure!(
        unkept.is_none(),
        "kept against the client's word: {unkept:?}"
    );
    Ok(())
}

/// Jaeger takes spans of those alone whom our authority vouches for; neither speaks in the clear.
fn strangers_are_refused(site: &Site) -> Result<()> {
    let ours = site.authority.pem();
    let forwarded = site.ports.forwarded;
    Client::new(&ours, Some(&site.peer()?))?.is_spoken_to(forwarded)?;
    let nobody = Client::new(&ours, None)?;
    let stranger = Authority::new()?.issue_to_a_peer(&["localhost"])?;
    let stranger = Client::new(&ours, Some(&stranger))?;
    for (who, client) in [("nobody", nobody), ("a stranger", stranger)] {
        let refused = client.is_spoken_to(forwarded).is_err();
        ensure!(refused, "Jaeger speaks to {who}");
    }
    let believes_another = Client::new(&Authority::new()?.pem(), None)?;
    let told = believes_another.get(site.ports.spans, "/v1/traces");
    ensure!(told.is_err(), "the collector is whoever it likes to be");
    let in_the_clear = exporters::get(&format!("127.0.0.1:{}", site.ports.spans), "/v1/traces");
    ensure!(in_the_clear.is_err(), "the collector speaks in the clear");
    Ok(())
}

/// Spans wait in the collector while Jaeger is away; neither the service nor its clients notice.
fn survives(site: &mut Site, service: &Service) -> Result<()> {
    let usual = service.sign_up("usual@example.com", &asked(LATER, Kept::Yes))?;
    site.lose_jaeger()?;
    let mut slowest = Duration::ZERO;
    for number in 0..REQUESTS {
        let who = format!("meanwhile-{number}@example.com");
        let took = service.sign_up(&who, &asked(MEANWHILE, Kept::Yes))?;
        slowest = slowest.max(took);
    }
    ensure!(
        slowest < usual * 4 + CHANCE,
        "a request took {slowest:?} without Jaeger, {usual:?} with it"
    );
    let measurements = format!("127.0.0.1:{}", site.ports.measurements);
    COMES.until("a try that fails", || {
        Ok(site.logs().contains("Exporting failed. Will retry"))
    })?;
    site.bring_jaeger_back()?;
    let began = Instant::now();
    let trace = found(site, MEANWHILE, REQUESTS)?;
    say(&format!(
        "{} spans that waited for Jaeger came {:.1} s after it was back",
        trace.spans.len(),
        began.elapsed().as_secs_f64()
    ));
    let told = exporters::read(&measurements)?;
    let lost = told.lines().find(|line| {
        let failed = line.starts_with("otelcol_exporter_send_failed_spans")
            || line.starts_with("otelcol_exporter_enqueue_failed_spans")
            || line.starts_with("otelcol_receiver_refused_spans");
        failed && !line.ends_with(" 0")
    });
    ensure!(lost.is_none(), "the collector lost some: {lost:?}");
    let lines = service.lines();
    let noticed = lines.iter().find(|line| {
        let said = line["message"].as_str().unwrap_or_default();
        said.contains("collector of traces")
    });
    ensure!(noticed.is_none(), "the service noticed: {noticed:?}");
    Ok(())
}
