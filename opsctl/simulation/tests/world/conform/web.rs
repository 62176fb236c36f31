//! Clients: what a service answers is read by status, header and body; silence is unknown.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::conform::Verdict;
use opsctl_core::ports::{Answered, Asked, Outside, TlsVersion};
use opsctl_core::{Failure, Result};

use super::{Place, line};

/// A service that refuses everybody, and speaks TLS from this version on; or one that is silent.
struct Service {
    oldest: Option<TlsVersion>,
}

#[async_trait]
impl Outside for Service {
    fn address(&self) -> &str {
        "https://app.example.com"
    }

    async fn ask(&self, _: &Asked) -> Result<Answered> {
        self.oldest
            .ok_or_else(|| Failure::failed("nobody answers"))?;
        Ok(Answered {
            status: 401,
            headers: [("x-frame-options".to_owned(), "DENY".to_owned())].into(),
            body: r#"{"error":"invalid_token"}"#.into(),
        })
    }

    async fn speaks(&self, version: TlsVersion) -> Result<bool> {
        let oldest = self
            .oldest
            .ok_or_else(|| Failure::failed("nobody answers"))?;
        Ok(version.as_str() >= oldest.as_str())
    }
}

async fn verdicts(oldest: Option<TlsVersion>) -> Vec<Verdict> {
    let mut place = Place::new();
    place.outside = Ok(Arc::new(Service { oldest }));
    let lines = [
        line("status", "http: {path: /api/users/1, is: 401}"),
        line(
            "header",
            "http: {path: /, header: X-Frame-Options, is: DENY}",
        ),
        line("body", "http: {path: /, json: /error, is: invalid_token}"),
        line("new", "tls: {version: '1.2', is: accepted}"),
        line("old", "tls: {version: '1.1', is: refused}"),
    ];
    let reports = place.judged(&format!("lines:\n{}", lines.concat())).await;
    reports.iter().map(|report| report.verdict).collect()
}

#[tokio::test]
async fn answers_and_handshakes_are_judged() {
    use Verdict::{Broken, Holds};
    assert_eq!(verdicts(Some(TlsVersion::V1_2)).await, [Holds; 5]);
    let old = verdicts(Some(TlsVersion::V1_0)).await;
    assert_eq!(old, [Holds, Holds, Holds, Holds, Broken]);
}

#[tokio::test]
async fn a_service_that_is_silent_is_unknown() {
    assert_eq!(verdicts(None).await, [Verdict::Unknown; 5]);
}

#[tokio::test]
async fn without_an_address_nothing_is_known() {
    let place = Place::new();
    let line = line("status", "http: {path: /, is: 200}");
    let report = place.judged(&format!("lines:\n{line}")).await;
    assert_eq!(report[0].verdict, Verdict::Unknown);
    assert_eq!(report[0].answers[1].actual, "no --url was given");
}
