//! Monitoring without a cluster: rules that fire when they should, alerts that find whom they are for, runbooks that are there, and no
//! rule or dashboard over a metric that nobody exports.

mod alertmanager;
mod alerts;
mod configuration;
mod dashboards;
mod delivery;
mod exporters;
mod expressions;
mod inhibitions;
mod logs;
mod mutation;
mod patience;
mod routes;
mod rules;
mod traces;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use inhibitions::Asked;

pub use configuration::write as write_configuration;

use crate::{
    checkout::Checkout,
    commands::test::platform::Platform,
    machine::{
        packages,
        prometheus::{self, Servers},
        traces as traced,
    },
    terminal::say,
};

/// Where it all lies, from the root of the clone.
const PLACE: &str = "infra/monitoring";
/// The environment that is watched here.
const ENVIRONMENT: &str = "local";

/// What this part works with.
#[derive(Debug)]
pub struct Tools {
    rules: prometheus::Tools,
    traces: traced::Servers,
    /// The Python that reads pipelines.
    python: PathBuf,
}

/// Builds what judges rules and routes, and what spans go through.
pub fn require(checkout: &Checkout) -> Result<Tools> {
    packages::require("curl", "curl")?;
    Ok(Tools {
        rules: prometheus::tools()?,
        traces: traced::servers()?,
        python: logs::require(checkout)?,
    })
}

/// Builds what watches and hands over.
pub fn require_servers() -> Result<Servers> {
    prometheus::servers()
}

/// Looks at everything; every fault is told, not the first alone.
pub fn check(checkout: &Checkout, tools: &Tools) -> Result<()> {
    let place = checkout.root.join(PLACE);
    rules::check(&tools.rules.promtool, &place)?;
    routes::check(&tools.rules.amtool, &place)?;
    let alerts = alerts::read(&place.join("prometheus/rules"))?;
    let mut faults = alerts::faults(&alerts, &checkout.root)?;
    faults.extend(configuration::faults(checkout)?);
    Platform::build(checkout)?;
    let platform = Platform::up(checkout, ENVIRONMENT, &[])?;
    let log = traces::check(checkout, &tools.traces, &place, &platform)?;
    faults.extend(logs::faults(checkout, &place, &tools.python, &log)?);
    let exported = exporters::exported(checkout, &place, &platform)?;
    faults.extend(exported.unknown_in(alerts::expressions(&place.join("prometheus/rules"))?));
    faults.extend(dashboards::faults(
        &place.join("grafana/dashboards"),
        &exported,
    )?);
    let asked = Asked {
        alertmanager: &tools.rules.alertmanager,
        amtool: &tools.rules.amtool,
    };
    faults.extend(inhibitions::faults(&asked, &place)?);
    faults.extend(mutation::survivors(
        &tools.rules.promtool,
        &place.join("prometheus"),
    )?);
    for fault in &faults {
        say(fault);
    }
    ensure!(faults.is_empty(), "{} faults in {PLACE}", faults.len());
    say(&format!("{} alerts are as they should be", alerts.len()));
    Ok(())
}

/// A real Prometheus and a real Alertmanager over the real service: failures become a call.
pub fn deliver(checkout: &Checkout, servers: &Servers) -> Result<()> {
    delivery::check(checkout, servers, &checkout.root.join(PLACE))
}
