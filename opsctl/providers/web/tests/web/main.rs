//! A Prometheus that answers, one that breaks, and one that is not there.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use opsctl_core::environment::Scheme;
use opsctl_core::ports::{Measured, PodMetrics};
use opsctl_core::workloads::{ObjectKind, ObjectRef};
use opsctl_web::Prometheus;

const WITHIN: Duration = Duration::from_secs(5);

fn pod(name: &str) -> Measured {
    Measured {
        pod: ObjectRef {
            kind: ObjectKind::new("v1", "Pod"),
            namespace: Some("shop".into()),
            name: name.into(),
        },
        scheme: Scheme::Http,
        port: 9000,
        path: "/metrics".into(),
    }
}

/// A server that gives each request this answer, and tells what it was asked.
fn that_answers(status: &'static str, body: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let (tell, asked) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
            for line in head.lines().filter_map(|line| line.split_once(':')) {
                if line.0.eq_ignore_ascii_case("content-length") {
                    length = line.1.trim().parse().unwrap();
                }
            }
            let mut query = vec![0; length];
            reader.read_exact(&mut query).unwrap();
            let path = head.lines().next().unwrap_or_default();
            let _nobody_listens = tell.send(format!("{path} {}", String::from_utf8_lossy(&query)));
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, asked)
}

async fn read(address: &str, pods: &[&str]) -> Vec<Result<String, String>> {
    let pods: Vec<Measured> = pods.iter().map(|name| pod(name)).collect();
    Prometheus::at(address).unwrap().read(&pods, WITHIN).await
}

#[tokio::test]
async fn every_pod_is_asked_for_at_once_and_one_that_is_unknown_is_said() {
    let (address, asked) = that_answers(
        "200 OK",
        r#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"__name__":"http_requests_total","pod":"api-1","route":"/","status":"200"},"value":[1.5,"12"]}]}}"#,
    );
    let answers = read(&address, &["api-1", "api-2"]).await;
    let told = "http_requests_total{route=\"/\",status=\"200\"} 12\n";
    assert_eq!(answers[0].as_deref(), Ok(told));
    assert!(answers[1].is_err(), "{answers:?}");
    let asked: Vec<String> = asked.try_iter().collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(
        asked[0].starts_with("POST /api/v1/query HTTP/1.1 query=%7B"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn one_that_breaks_or_is_away_tells_of_no_pod_and_why() {
    let (broken, _asked) = that_answers("503 Service Unavailable", "");
    let (odd, _asked) = that_answers("200 OK", "<html>");
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for (address, words) in [
        (broken, "it answered 503"),
        (odd, "an odd answer"),
        (format!("http://{free}"), "refused"),
    ] {
        let answers = read(&address, &["api-1", "api-2"]).await;
        let whys: Vec<String> = answers.into_iter().map(Result::unwrap_err).collect();
        assert!(whys.iter().all(|why| why.contains(words)), "{whys:?}");
    }
}
