//! Pods that run: their logs, and what they answer through the API server.

use std::time::Duration;

use anyhow::{Context, Result};
use opsctl_core::ports::{Cluster, LogRequest, PodRequest};
use serde_json::json;
use testkit::lab::{Image, tools_folder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::objects::pod;
use crate::stage::{Stage, eventually};

/// A port of the node, where a test answers for a pod.
const PORT: u16 = 9180;

fn log_of(namespace: &str, pod: &str) -> LogRequest {
    LogRequest {
        namespace: namespace.into(),
        pod: pod.into(),
        container: "main".into(),
        previous: false,
        lines: 10,
    }
}

/// Applies a pod as soon as its service account is there.
async fn run(stage: &Stage, spec: serde_json::Value) -> Result<()> {
    let mut wanted = pod(&stage.namespace, "one");
    for (field, value) in spec.as_object().into_iter().flatten() {
        wanted.0["spec"][field] = value.clone();
    }
    eventually("the pod is taken", async || {
        let applied = stage.cluster.apply(&stage.grant.permit(), &wanted).await?;
        Ok(applied.ok())
    })
    .await?;
    Ok(())
}

async fn is_running(stage: &Stage) -> Result<()> {
    eventually("the pod runs", async || {
        let path = "--output=jsonpath={.status.phase}";
        let phase = stage.kubectl(&["get", "pod/one", path])?;
        Ok((phase == "Running").then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_without_a_log_has_none() -> Result<()> {
    let stage = Stage::new("silent").await?;
    assert_eq!(stage.cluster.log(&log_of("silent", "absent")).await?, None);
    let containers =
        json!([{"name": "main", "image": "local/no-such-image:1", "imagePullPolicy": "Never"}]);
    run(&stage, json!({"containers": containers})).await?;
    assert_eq!(stage.cluster.log(&log_of("silent", "one")).await?, None);
    eventually("it waits for its image", async || {
        let path = "--output=jsonpath={.status.containerStatuses[0].state.waiting.reason}";
        let reason = stage.kubectl(&["get", "pod/one", path])?;
        Ok((reason == "ErrImageNeverPull").then_some(()))
    })
    .await?;
    assert_eq!(stage.cluster.log(&log_of("silent", "one")).await?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_runs_for_the_first_time_has_no_earlier_log() -> Result<()> {
    let stage = Stage::new("first").await?;
    run(&stage, json!({})).await?;
    is_running(&stage).await?;
    let now = log_of("first", "one");
    // It says nothing.
    assert_eq!(stage.cluster.log(&now).await?, None);
    let previous = LogRequest {
        previous: true,
        ..now.clone()
    };
    assert_eq!(stage.cluster.log(&previous).await?, None);
    let wrong = LogRequest {
        container: "other".into(),
        ..now
    };
    let failure = stage.cluster.log(&wrong).await.err();
    let failure = failure.context("there is no such container")?;
    assert!(
        failure.to_string().contains("is not valid for pod"),
        "{failure}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_container_said_before_it_ended_is_read() -> Result<()> {
    let stage = Stage::new("ended").await?;
    let archive = tempfile::NamedTempFile::new()?;
    let image = Image::of(&tools_folder().join("probe"))?;
    image.archive(archive.path(), "local/probe:1")?;
    stage.ground.lab.load(archive.path())?;
    let containers = json!([{"name": "main", "image": "local/probe:1", "args": ["end", "0"]}]);
    run(&stage, json!({"containers": containers})).await?;
    let previous = LogRequest {
        previous: true,
        ..log_of("ended", "one")
    };
    let said = eventually("it ended and was started again", async || {
        Ok(stage.cluster.log(&previous).await?)
    })
    .await?;
    assert_eq!(said.trim(), "ended after 0 s, as told");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_is_asked_through_the_api_server() -> Result<()> {
    let stage = Stage::new("asked").await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let here = listener.local_addr()?.port();
    stage.ground.lab.open_outwards(PORT, here)?;
    let serving = tokio::spawn(serve(listener));
    run(&stage, json!({"hostNetwork": true})).await?;
    is_running(&stage).await?;
    let ask = async |path: &str, port: u16| {
        let request = PodRequest {
            namespace: "asked".into(),
            pod: "one".into(),
            scheme: "http",
            port,
            path: path.into(),
            within: Duration::from_secs(2),
        };
        stage.cluster.ask_pod(&request).await
    };
    let metrics = ask("/metrics?a=b", PORT).await?;
    assert_eq!(metrics.as_deref(), Some("GET /metrics?a=b"));
    // It says no, it says nothing, nobody listens.
    assert_eq!(ask("/no", PORT).await?, None);
    assert_eq!(ask("/silence", PORT).await?, None);
    assert_eq!(ask("/metrics", 1).await?, None);
    serving.abort();
    Ok(())
}

/// Answers with the line that it was asked with.
async fn serve(listener: TcpListener) -> Result<()> {
    let mut silent = Vec::new();
    loop {
        let (mut connection, _) = listener.accept().await?;
        let mut asked = vec![0; 4096];
        let length = connection.read(&mut asked).await?;
        let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
        let line = asked.split(" HTTP/").next().unwrap_or_default();
        let status = match line {
            "GET /silence" => {
                silent.push(connection);
                continue;
            }
            "GET /no" => "403 Forbidden",
            _ => "200 OK",
        };
        let length = line.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{line}"
        );
        connection.write_all(answer.as_bytes()).await?;
    }
}
