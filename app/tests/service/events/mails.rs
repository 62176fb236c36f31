//! Mails, sent to a real server that fails as it is told. The rounds are the test's own, and so is the time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use app::clock::Clock;
use app::config::{MailSettings, Role, SMTP_URL, Secret, Strictness};
use app::database::Timestamp;
use app::email::Smtp;
use app::events::{Courier, InProcess, Mailing, Publisher, Subscriber};
use app::secrets::{Live, Secrets};
use serde_json::json;
use testkit::certificates::Authority;
use testkit::smtp::Behaviour;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_welcome_arrives_once,
    a_mail_server_that_is_busy_for_an_hour_gets_every_mail_in_the_end,
    what_is_refused_for_good_is_a_dead_letter_until_somebody_tries_it_again,
    a_mail_whose_taking_nobody_heard_of_comes_again_under_the_same_name,
    a_claim_that_ran_out_is_taken_up_by_somebody_else,
);

/// A service that leaves the work to the test, and a worker in the test's hands.
struct Bench {
    place: Place,
    service: Service,
    server: testkit::Smtp,
    time: Arc<Mutex<Timestamp>>,
    publisher: Publisher,
    courier: Courier,
}

fn mailing(server: &testkit::Smtp, ca: Option<std::path::PathBuf>) -> Result<Arc<Mailing>> {
    let url = Secret::new(server.url());
    let secrets: Secrets = [(SMTP_URL.to_owned(), url)].into_iter().collect();
    let settings = MailSettings {
        from: "Platform <app@example.com>".parse()?,
        only_to: Vec::new(),
        ca,
        strictness: Strictness::Lenient,
    };
    let mailer = Arc::new(Smtp::new(settings, Live::new(secrets)));
    Ok(Arc::new(Mailing { mailer }))
}

impl Bench {
    async fn new(engine: Engine) -> Result<Self> {
        let place = Place::primary(engine).await?;
        let service = Service::start(Role::Api, &[("DATABASE_URL", &place.url)]).await??;
        let server = testkit::Smtp::start()?;
        let time = Arc::new(Mutex::new(Timestamp::now()));
        let clock = Clock::Set(Arc::clone(&time));
        let subscriber: Arc<dyn Subscriber> = mailing(&server, None)?;
        let publisher = Publisher {
            database: service.database().clone(),
            clock: clock.clone(),
            bus: Arc::new(InProcess::default()),
            subscribers: vec![Arc::clone(&subscriber)],
        };
        let courier = Courier {
            database: service.database().clone(),
            clock,
            subscriber,
        };
        Ok(Self {
            place,
            service,
            server,
            time,
            publisher,
            courier,
        })
    }

    fn passes(&self, time: Duration) {
        let mut now = self
            .time
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        *now = now.plus(time);
    }

    fn now(&self) -> Timestamp {
        *self
            .time
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Delivers whatever is due now.
    async fn deliver(&self) -> Result<()> {
        while self.courier.round().await? > 0 {}
        Ok(())
    }

    async fn states(&self) -> Result<Vec<String>> {
        let states = "SELECT DISTINCT state AS x FROM deliveries";
        self.place.texts(states).await
    }

    fn ids(&self) -> BTreeSet<Option<String>> {
        let mails = self.server.mails();
        mails.iter().map(|mail| mail.header("Message-ID")).collect()
    }
}

async fn a_welcome_arrives_once(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    let body = json!({"email": "me@example.com", "password": "correct horse battery",
        "first_name": "<b>Åse"});
    assert_eq!(
        bench.service.client.post("/api/users", &body).await?.status,
        201
    );
    for _ in 0..3 {
        bench.publisher.round().await?;
        bench.deliver().await?;
        bench.passes(Duration::from_secs(3600));
    }
    let mails = bench.server.mails();
    let [mail] = mails.as_slice() else {
        anyhow::bail!("not one: {mails:?}");
    };
    assert_eq!(mail.to, ["me@example.com"]);
    assert_eq!(mail.header("Subject").as_deref(), Some("Welcome"));
    assert!(mail.data.contains("text/plain") && mail.data.contains("text/html"));
    let event = bench.place.text("SELECT id AS x FROM outbox").await?;
    let id = format!("<{event}.user.created@example.com>");
    assert_eq!(mail.header("Message-ID"), Some(id));
    Ok(())
}

async fn a_mail_server_that_is_busy_for_an_hour_gets_every_mail_in_the_end(
    engine: Engine,
) -> Result<()> {
    let bench = Bench::new(engine).await?;
    for number in 0..5 {
        let email = format!("u{number}@example.com");
        bench.service.client.sign_up(&email).await?;
    }
    bench.publisher.round().await?;
    bench.server.behave(Behaviour::Busy);
    for _ in 0..60 {
        bench.deliver().await?;
        bench.passes(Duration::from_secs(60));
    }
    assert_eq!(bench.states().await?, ["pending"]);
    assert!(bench.server.mails().is_empty());
    bench.server.behave(Behaviour::Takes);
    for _ in 0..60 {
        bench.deliver().await?;
        bench.passes(Duration::from_secs(60));
    }
    assert_eq!(bench.states().await?, ["done"]);
    assert_eq!(bench.server.mails().len(), 5);
    assert_eq!(bench.ids().len(), 5);
    Ok(())
}

async fn what_is_refused_for_good_is_a_dead_letter_until_somebody_tries_it_again(
    engine: Engine,
) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.server.behave(Behaviour::Refuses);
    let admin = bench.service.admin(&bench.place).await?;
    bench.publisher.round().await?;
    for _ in 0..5 {
        bench.deliver().await?;
        bench.passes(Duration::from_secs(60));
    }
    let listed = admin.get("/api/admin/dead-letters").await?;
    let letter = &listed.json["items"][0];
    assert_eq!(letter["kind"], "user.created", "{listed:?}");
    assert_eq!(letter["attempts"], 3);
    let why = letter["last_error"].as_str().context("it says why")?;
    assert!(why.contains("no such mailbox"), "{why}");

    bench.server.behave(Behaviour::Takes);
    let id = letter["id"].as_str().context("it has an id")?;
    let one = format!("/api/admin/dead-letters/{id}");
    assert_eq!(admin.post(&one, &json!({})).await?.json["replayed"], 1);
    assert_eq!(admin.post(&one, &json!({})).await?.json["replayed"], 0);
    bench.passes(Duration::from_secs(60));
    bench.deliver().await?;
    assert_eq!(bench.server.mails().len(), 1);
    assert_eq!(bench.states().await?, ["done"]);
    Ok(())
}

async fn a_mail_whose_taking_nobody_heard_of_comes_again_under_the_same_name(
    engine: Engine,
) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.service.client.sign_up("me@example.com").await?;
    bench.publisher.round().await?;
    bench.server.behave(Behaviour::HangsUpAfterData);
    bench.deliver().await?;
    assert_eq!(bench.states().await?, ["pending"]);
    bench.server.behave(Behaviour::Takes);
    bench.passes(Duration::from_secs(60));
    bench.deliver().await?;
    assert_eq!(bench.server.mails().len(), 2);
    assert_eq!(bench.ids().len(), 1, "whoever receives both can tell");
    assert_eq!(bench.states().await?, ["done"]);
    Ok(())
}

async fn a_claim_that_ran_out_is_taken_up_by_somebody_else(engine: Engine) -> Result<()> {
    let bench = Bench::new(engine).await?;
    bench.service.client.sign_up("me@example.com").await?;
    bench.publisher.round().await?;
    // As a worker leaves it that was killed with the delivery in its hands.
    let lease = uuid::Uuid::new_v4();
    let held = bench
        .now()
        .plus(Duration::from_secs(60))
        .with_milliseconds();
    let claim =
        format!("UPDATE deliveries SET lease_id = '{lease}', attempts = 1, due_at = '{held}'");
    bench.place.execute(&claim).await?;
    bench.deliver().await?;
    assert!(bench.server.mails().is_empty(), "somebody else holds it");
    bench.passes(Duration::from_secs(61));
    bench.deliver().await?;
    bench.deliver().await?;
    assert_eq!(bench.server.mails().len(), 1);
    assert_eq!(bench.states().await?, ["done"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_are_sent_over_tls_to_a_server_that_proves_its_name() -> Result<()> {
    let authority = Authority::new()?;
    let server = testkit::Smtp::start_encrypted(&authority.issue(&["localhost"])?)?;
    let folder = tempfile::tempdir()?;
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem())?;
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::start(Role::Api, &[("DATABASE_URL", &place.url)]).await??;
    service.client.sign_up("me@example.com").await?;
    let stranger = Courier {
        database: service.database().clone(),
        clock: Clock::Database,
        subscriber: mailing(&server, None)?,
    };
    let publisher = Publisher {
        database: service.database().clone(),
        clock: Clock::Database,
        bus: Arc::new(InProcess::default()),
        subscribers: vec![Arc::clone(&stranger.subscriber)],
    };
    publisher.round().await?;
    stranger.round().await?;
    assert!(server.mails().is_empty(), "nobody vouches for the server");
    let friend = Courier {
        subscriber: mailing(&server, Some(ca))?,
        clock: Clock::Set(Arc::new(Mutex::new(
            Timestamp::now().plus(Duration::from_secs(60)),
        ))),
        ..stranger
    };
    friend.round().await?;
    assert_eq!(server.mails().len(), 1);
    Ok(())
}
