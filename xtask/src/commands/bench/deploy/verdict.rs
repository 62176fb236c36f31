//! From the moment at which the cluster says that a pod can't start to the end of the deploy. opsctl's holds the keeping of its
//! evidence too.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::manifests::broken;
use super::series::{APP, Row};
use super::stage::{ONE, Stage};
use super::tool::{Expected, Ran, Tool, run};

/// A part of what the runtime says.
const FAILURE: &str = "nowhere";

/// A row a tool, whose time begins at the event.
pub fn measure(stage: &Stage) -> Result<Vec<Row>> {
    stage.furnish_with(ONE, &broken(APP, "broken"))?;
    let row = |tool| {
        let (ran, event) = once(stage, tool)?;
        let wall = ran
            .ended
            .and_then(|ended| ended.checked_duration_since(event));
        let ran = Ran {
            wall: wall.context("it ended before the event")?,
            ..ran
        };
        Ok(Row::once(tool, label(tool), &ran))
    };
    Tool::ALL.into_iter().map(row).collect()
}

fn label(tool: Tool) -> String {
    let what = match tool {
        Tool::Opsctl => "opsctl deploy",
        Tool::Kubectl => "kubectl rollout status",
        Tool::Helm => "helm upgrade --wait",
    };
    format!("no such program, from event to end: {what}")
}

fn once(stage: &Stage, tool: Tool) -> Result<(Ran, Instant)> {
    let mut watch = stage
        .states(tool.namespace())
        .stdout(Stdio::piped())
        .spawn()?;
    let states = BufReader::new(watch.stdout.take().context("stdout")?).lines();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = states.map_while(Result::ok);
        if lines.any(|line| line.contains(FAILURE)) {
            let _nobody_waits = tell.send(Instant::now());
        }
    });
    let commands = match tool {
        // It stays as it is, to be compared: going back is more than the others do.
        Tool::Opsctl => vec![stage.opsctl(ONE, &["deploy", "--yes", "--no-rollback"])],
        _ => stage.deploys(tool, ONE),
    };
    let ran = run(&stage.lab, tool, commands, Expected::Either);
    let event = told.recv_timeout(Duration::from_secs(5));
    watch.kill()?;
    watch.wait()?;
    Ok((ran?, event.context("no pod failed")?))
}
