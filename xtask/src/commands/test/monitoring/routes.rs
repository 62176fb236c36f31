//! What amtool says of Alertmanager's configuration and of the way of each alert.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::machine::child;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    labels: BTreeMap<String, String>,
    receivers: Vec<String>,
}

/// The configuration is one that Alertmanager takes, and each alert of `routes.yaml` finds its receivers.
pub fn check(amtool: &Path, place: &Path) -> Result<()> {
    let place = place.join("alertmanager");
    let configuration = place.join("alertmanager.yaml");
    // Templates are named by where they are mounted.
    child::output(Command::new(amtool).arg("check-config").arg(&configuration))?;
    child::output(Command::new(amtool).args(["template", "render"]).args([
        "--template.glob",
        &place.join("*.tmpl").display().to_string(),
        "--template.text",
        r#"{{ template "platform.subject" . }}{{ template "platform.text" . }}"#,
    ]))?;
    let text = fs::read_to_string(place.join("routes.yaml"))?;
    let routes: Vec<Route> = serde_yaml::from_str(&text).context("routes.yaml")?;
    ensure!(!routes.is_empty(), "routes.yaml asks nothing");
    for route in &routes {
        child::output(&mut asked(amtool, &configuration, route))?;
    }
    // A test that cannot fail would say nothing.
    let wrong = Route {
        labels: [("severity".to_owned(), "P1".to_owned())].into(),
        receivers: vec!["mail".to_owned()],
    };
    ensure!(
        !child::succeeds(&mut asked(amtool, &configuration, &wrong)),
        "amtool takes any receiver for the right one"
    );
    Ok(())
}

fn asked(amtool: &Path, configuration: &Path, route: &Route) -> Command {
    let mut command = Command::new(amtool);
    command.args(["config", "routes", "test"]);
    command.arg(format!("--config.file={}", configuration.display()));
    command.arg(format!("--verify.receivers={}", route.receivers.join(",")));
    let labels = route.labels.iter();
    command.args(labels.map(|(name, value)| format!("{name}={value}")));
    command
}
