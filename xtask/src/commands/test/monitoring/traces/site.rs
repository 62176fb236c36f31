//! The collector and Jaeger with the repository's own configuration, but for addresses and certificates. Jaeger keeps spans in memory:
//! Elasticsearch is not to be had here.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_yaml::Value;
use testkit::{
    certificates::{Authority, Issued},
    files::TempDir,
    leash::{Ending, Leash},
    ports::free_ports,
};

use super::COMES;
use crate::machine::traces::Servers;

/// Where `k8s/monitoring` mounts the certificates of both.
const MOUNTS: [&str; 2] = ["/etc/otel-collector/tls", "/etc/jaeger/tls"];

/// Both, and whoever vouches for them.
pub struct Site {
    pub authority: Authority,
    pub ports: Ports,
    jaeger: Option<Leash>,
    collector: Leash,
    jaeger_program: PathBuf,
    folder: TempDir,
}

/// Where each listens, on this machine alone.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// The collector, for the service.
    pub spans: u16,
    /// What the collector says of itself.
    pub measurements: u16,
    /// Jaeger, for the collector.
    pub forwarded: u16,
    /// Jaeger's pages.
    pub pages: u16,
    /// What it opens beside, which nobody asks in a pod.
    beside: [u16; 2],
}

impl Site {
    /// Starts both.
    pub fn start(servers: &Servers, place: &Path) -> Result<Self> {
        let folder = TempDir::new()?;
        let authority = Authority::new()?;
        let [spans, measurements, forwarded, pages, one, other] = free_ports()?;
        let ports = Ports {
            spans,
            measurements,
            forwarded,
            pages,
            beside: [one, other],
        };
        fs::write(folder.path().join("ca.crt"), authority.pem())?;
        // As cert-manager issues them: each is asked, and asks.
        authority
            .issue_to_a_peer(&["localhost"])?
            .write(folder.path())?;
        for (name, change) in [
            ("collector.yaml", collector as fn(&mut Value, Ports)),
            ("jaeger.yaml", jaeger),
        ] {
            let mut configuration = read(place, name, folder.path())?;
            change(&mut configuration, ports);
            let text = serde_yaml::to_string(&configuration)?;
            fs::write(folder.path().join(name), text)?;
        }
        let jaeger = run(&servers.jaeger, &folder.path().join("jaeger.yaml"))?;
        let collector = run(&servers.collector, &folder.path().join("collector.yaml"))?;
        let site = Self {
            authority,
            ports,
            jaeger: Some(jaeger),
            collector,
            jaeger_program: servers.jaeger.clone(),
            folder,
        };
        site.listens(&[ports.spans, ports.forwarded, ports.pages])?;
        Ok(site)
    }

    /// Kills Jaeger, and whatever it kept.
    pub fn lose_jaeger(&mut self) -> Result<()> {
        let jaeger = self.jaeger.take().context("it is gone already")?;
        jaeger.end(Ending::Crash)
    }

    /// Starts it anew where it was.
    pub fn bring_jaeger_back(&mut self) -> Result<()> {
        let configuration = self.folder.path().join("jaeger.yaml");
        self.jaeger = Some(run(&self.jaeger_program, &configuration)?);
        self.listens(&[self.ports.forwarded, self.ports.pages])
    }

    /// The file with whoever vouches for the collector.
    pub fn authority_file(&self) -> String {
        self.folder.path().join("ca.crt").display().to_string()
    }

    /// A certificate as the collector has one.
    pub fn peer(&self) -> Result<Issued> {
        self.authority.issue_to_a_peer(&["localhost"])
    }

    /// What both said until now.
    pub fn logs(&self) -> String {
        let jaeger = self.jaeger.as_ref().map(Leash::log).unwrap_or_default();
        format!("{}\n{jaeger}", self.collector.log())
    }

    fn listens(&self, ports: &[u16]) -> Result<()> {
        let all = || {
            let mut ports = ports.iter();
            Ok(ports.all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()))
        };
        COMES
            .until("the collector and Jaeger", all)
            .with_context(|| self.logs())
    }
}

fn run(program: &Path, configuration: &Path) -> Result<Leash> {
    let folder = testkit::files::tempdir()?.keep();
    let mut command = Command::new(program);
    command.arg(format!("--config={}", configuration.display()));
    Leash::start(&folder, &command)
}

/// A configuration of the repository with the certificates of this place.
fn read(place: &Path, name: &str, certificates: &Path) -> Result<Value> {
    let mut text = fs::read_to_string(place.join(name)).with_context(|| name.to_owned())?;
    for mount in MOUNTS {
        text = text.replace(mount, &certificates.display().to_string());
    }
    serde_yaml::from_str(&text).with_context(|| name.to_owned())
}

fn on(port: u16) -> Value {
    format!("127.0.0.1:{port}").into()
}

/// Where a program tells its measurements.
fn told_at(port: u16) -> Result<Value, serde_yaml::Error> {
    serde_yaml::from_str(&format!(
        "{{readers: [{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: {port}}}}}}}}}]}}"
    ))
}

fn collector(configuration: &mut Value, ports: Ports) {
    configuration["receivers"]["otlp"]["protocols"]["http"]["endpoint"] = on(ports.spans);
    configuration["exporters"]["otlp_grpc"]["endpoint"] =
        format!("localhost:{}", ports.forwarded).into();
    let told = told_at(ports.measurements).unwrap_or_default();
    configuration["service"]["telemetry"]["metrics"] = told;
}

fn jaeger(configuration: &mut Value, ports: Ports) {
    let extensions = &mut configuration["extensions"];
    extensions["jaeger_query"]["http"]["endpoint"] = on(ports.pages);
    extensions["jaeger_query"]["grpc"]["endpoint"] = on(ports.beside[0]);
    let memory = serde_yaml::from_str("{memory: {max_traces: 10000}}").unwrap_or_default();
    extensions["jaeger_storage"]["backends"]["traces"] = memory;
    configuration["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"] = on(ports.forwarded);
    let told = told_at(ports.beside[1]).unwrap_or_default();
    configuration["service"]["telemetry"]["metrics"] = told;
}
