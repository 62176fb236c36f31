//! One request, from whoever asked for it to the mail that is sent because of it.

use anyhow::{Context, Result};
use hyper::Method;
use serde_json::json;
use testkit::otlp::{Collector, Span};

use crate::support::{Engine, Place, Spawned, eventually, on_both_engines};

on_both_engines!(
    a_request_its_statements_its_event_and_its_mail_are_one_trace,
    nothing_that_was_sent_or_bound_is_told,
);

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";
const EMAIL: &str = "told.to.nobody@example.com";
const PASSWORD: &str = "a password that is told to nobody";

struct Bench {
    _place: Place,
    _process: Spawned,
    _mails: testkit::Smtp,
    collector: Collector,
    client: crate::support::Client,
}

impl Bench {
    async fn new(engine: Engine) -> Result<Self> {
        let place = Place::primary(engine).await?;
        let (collector, mails) = (Collector::start().await?, testkit::Smtp::start()?);
        let pairs = [
            ("DATABASE_URL", place.url.as_str()),
            ("SMTP_URL", &mails.url()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url()),
            // Whoever asks decides.
            ("OTEL_TRACES_SAMPLER_ARG", "0"),
            // Traces are no matter of the log's level.
            ("LOG_LEVEL", "ERROR"),
        ];
        let mut process = Spawned::start(&[], &pairs)?;
        let client = process.client().await?;
        Ok(Self {
            _place: place,
            _process: process,
            _mails: mails,
            collector,
            client,
        })
    }

    async fn sign_up(&self) -> Result<()> {
        let headers = [
            ("traceparent", format!("00-{TRACE}-{PARENT}-01")),
            ("x-request-id", "the-request".to_owned()),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let body = json!({"email": EMAIL, "password": PASSWORD});
        let answer = self
            .client
            .send_with(Method::POST, "/api/users", &headers, Some(&body));
        assert_eq!(answer.await?.status, 201);
        Ok(())
    }

    /// As soon as the mail was sent.
    async fn spans(&self) -> Result<Vec<Span>> {
        eventually("the mail's span arrived", async || {
            let spans = self.collector.spans();
            let whole = ["send mail", "POST /api/users"];
            let has = |name: &&str| spans.iter().any(|span| span.name == **name);
            // The delivery ends after its mail.
            let delivered = |span: &Span| span.attribute("subscriber") == "email";
            (whole.iter().all(has) && spans.iter().any(delivered)).then_some(spans)
        })
        .await
    }
}

fn named<'a>(spans: &'a [Span], name: &str) -> Result<&'a Span> {
    let mut found = spans.iter().filter(|span| span.name == name);
    found.next().with_context(|| format!("{name}: {spans:#?}"))
}

async fn a_request_its_statements_its_event_and_its_mail_are_one_trace(
    engine: Engine,
) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.sign_up().await?;
    let spans = bench.spans().await?;
    // Not sampled by ourselves, and so nothing but this one trace.
    for span in &spans {
        assert_eq!(span.trace, TRACE, "{span:?}");
    }
    let request = named(&spans, "POST /api/users")?;
    assert_eq!((request.parent.as_str(), request.kind), (PARENT, 2));
    assert_eq!(request.attribute("request_id"), "the-request");
    assert_eq!(request.attribute("http.route"), "/api/users");
    assert_eq!(request.attribute("http.response.status_code"), "201");
    let statement = spans.iter().find(|span| {
        let text = span.attribute("db.query.text");
        text.contains("INSERT INTO users") && span.parent == request.id
    });
    let statement = statement.with_context(|| format!("no statement in {spans:#?}"))?;
    assert_eq!((statement.name.as_str(), statement.kind), ("INSERT", 3));
    assert!(
        statement.took > 0 && statement.took <= request.took,
        "{statement:?}"
    );
    let delivery = spans
        .iter()
        .find(|span| span.attribute("subscriber") == "email");
    let delivery = delivery.context("no delivery")?;
    assert_eq!((&delivery.parent, delivery.kind), (&request.id, 5));
    assert_eq!(delivery.attribute("request_id"), "the-request");
    let mail = named(&spans, "send mail")?;
    assert_eq!(mail.parent, delivery.id);
    Ok(())
}

async fn nothing_that_was_sent_or_bound_is_told(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.sign_up().await?;
    let spans = format!("{:?}", bench.spans().await?);
    for secret in [EMAIL, PASSWORD, "argon2", "password="] {
        assert!(!spans.contains(secret), "{secret} in {spans}");
    }
    Ok(())
}
