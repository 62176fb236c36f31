//! What pods measured, asked of a Prometheus that reads them anyway.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::ports::{Measured, PodMetrics};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::connections::{Connections, Post};

/// The series that a gate reads.
const SERIES: &str = "http_requests_total|http_request_duration_seconds_bucket";
/// A few thousand series.
const LONGEST: usize = 32 << 20;

/// A Prometheus.
#[derive(Debug, Clone)]
pub struct Prometheus {
    address: String,
    connections: Connections,
}

#[derive(serde::Deserialize)]
struct Answer {
    data: Data,
}

#[derive(serde::Deserialize)]
struct Data {
    result: Vec<Sample>,
}

/// One series at one moment.
#[derive(serde::Deserialize)]
struct Sample {
    metric: BTreeMap<String, String>,
    value: (f64, String),
}

impl Prometheus {
    /// The one at this address.
    ///
    /// # Errors
    /// In words, when there is no TLS on this machine.
    pub fn at(address: &str) -> Result<Self, String> {
        Ok(Self {
            address: address.trim_end_matches('/').to_owned(),
            connections: Connections::new()?,
        })
    }

    async fn ask(&self, query: &str, within: Duration) -> Result<Answer, String> {
        let post = Post {
            address: &format!("{}/api/v1/query", self.address),
            content_type: "application/x-www-form-urlencoded",
            body: format!("query={}", utf8_percent_encode(query, NON_ALPHANUMERIC)).into_bytes(),
            within,
            longest: LONGEST,
        };
        let (status, body) = self.connections.post(post).await?;
        match status.is_success() {
            true => {
                serde_json::from_slice(&body).map_err(|error| format!("an odd answer: {error}"))
            }
            false => Err(format!("it answered {}", status.as_u16())),
        }
    }
}

#[async_trait]
impl PodMetrics for Prometheus {
    async fn read(&self, pods: &[Measured], within: Duration) -> Vec<Result<String, String>> {
        match self.ask(&query(pods), within).await {
            Ok(answer) => {
                let mut texts = by_pod(answer.data.result);
                let unknown = || "Prometheus does not know it".to_owned();
                let each = pods.iter().map(|it| texts.remove(&it.pod.name));
                each.map(|text| text.ok_or_else(unknown)).collect()
            }
            Err(why) => vec![Err(format!("Prometheus: {why}")); pods.len()],
        }
    }
}

/// All series of the pods; their names are those of DNS.
fn query(pods: &[Measured]) -> String {
    let namespaces: Vec<&str> = pods
        .iter()
        .filter_map(|it| it.pod.namespace.as_deref())
        .collect();
    let namespace = namespaces.first().copied().unwrap_or_default();
    let names: Vec<String> = pods
        .iter()
        .map(|it| it.pod.name.replace('.', "\\\\."))
        .collect();
    let names = names.join("|");
    format!("{{__name__=~\"{SERIES}\",namespace=\"{namespace}\",pod=~\"{names}\"}}")
}

/// The pods' own texts again, as far as Prometheus knows them.
fn by_pod(samples: Vec<Sample>) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for mut sample in samples {
        let (Some(name), Some(pod)) = (
            sample.metric.remove("__name__"),
            sample.metric.remove("pod"),
        ) else {
            continue;
        };
        let escaped = |text: &str| {
            text.replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
        };
        let labels = sample.metric.iter();
        let labels: Vec<String> = labels
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        let line = format!("{name}{{{}}} {}\n", labels.join(","), sample.value.1);
        texts.entry(pod).or_default().push_str(&line);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use opsctl_core::environment::Scheme;
    use opsctl_core::workloads::{ObjectKind, ObjectRef};

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

    #[test]
    fn one_question_asks_for_all_pods_and_means_their_names_exactly() {
        assert_eq!(
            query(&[pod("api-1"), pod("api.2")]),
            "{__name__=~\"http_requests_total|http_request_duration_seconds_bucket\",\
             namespace=\"shop\",pod=~\"api-1|api\\\\.2\"}"
        );
    }

    #[test]
    fn what_it_answers_is_read_as_if_the_pod_had_told_it() {
        let answer = r#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"__name__":"http_requests_total","pod":"api-1","route":"/a\"b","status":"200"},"value":[1.5,"12"]},
            {"metric":{"__name__":"http_requests_total","route":"/"},"value":[1.5,"9"]}]}}"#;
        let answer: Answer = serde_json::from_str(answer).unwrap();
        let texts = by_pod(answer.data.result);
        assert_eq!(
            texts["api-1"],
            "http_requests_total{route=\"/a\\\"b\",status=\"200\"} 12\n"
        );
        assert_eq!(texts.len(), 1);
        assert!(opsctl_core::deploy::gate::Counts::read(&texts["api-1"], &[]).is_ok());
    }
}
