//! Who is told of the daily report, and what the link of the mail opens.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use app::clock::Clock;
use app::config::Role;
use app::database::{Day, Timestamp};
use app::events::{Courier, InProcess, Publisher, Subscriber};
use app::reports::{Made, Mailing, make};
use hyper::Method;
use testkit::smtp::{Behaviour, ReceivedMail};

use crate::support::{Client, Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    a_subscriber_gets_one_mail_whose_link_opens_the_report_without_a_token,
    a_mail_waits_for_its_server_and_who_asked_for_none_any_more_gets_none,
);

const SUBSCRIPTION: &str = "/api/reports/subscription";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

struct Bench {
    place: Place,
    service: Service,
    server: testkit::Smtp,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new(engine: Engine, role: Role) -> Result<Self> {
        let place = Place::primary(engine).await?;
        let server = testkit::Smtp::start()?;
        let folder = tempfile::tempdir()?;
        let (url, path) = (server.url(), folder.path().display().to_string());
        let pairs = [
            ("DATABASE_URL", place.url.as_str()),
            ("STORAGE_DIR", &path),
            ("SMTP_URL", &url),
        ];
        // Made when the test says so, and not by the clock.
        place
            .execute(
                "INSERT INTO jobs (kind, scheduled_at, due_at, state) \
                 VALUES ('daily-report', '2999-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', 'done')",
            )
            .await?;
        let service = Service::start(role, &pairs).await??;
        Ok(Self {
            place,
            service,
            server,
            _folder: folder,
        })
    }

    async fn administrator(&self, email: &str) -> Result<(Client, String)> {
        let (client, id) = self.service.client.sign_up(email).await?;
        give(&self.place, &id).await?;
        set(&client, Method::PUT).await?;
        Ok((client, id))
    }

    async fn make(&self) -> Result<Made> {
        let (yesterday, now) = (Day::today().plus(-1), Timestamp::now());
        Ok(make(self.service.state(), yesterday, now).await?)
    }

    fn mails(&self) -> Vec<ReceivedMail> {
        let mails = self.server.mails().into_iter();
        mails
            .filter(|mail| mail.data.contains("The daily report of"))
            .collect()
    }
}

async fn give(place: &Place, id: &str) -> Result<()> {
    let give =
        format!("INSERT INTO user_permissions (user_id, permission) VALUES ('{id}', 'admin')");
    place.execute(&give).await
}

async fn set(client: &Client, method: Method) -> Result<()> {
    let answer = client.send_with(method, SUBSCRIPTION, &[], None).await?;
    anyhow::ensure!(answer.status == 204, "{answer:?}");
    Ok(())
}

/// The link of a mail, below the address of the service.
fn link(mail: &ReceivedMail, service: &Service) -> Result<String> {
    let beginning = format!("http://{}", service.address());
    // As a mail reader undoes what keeps the lines of a mail short.
    let whole = mail.data.replace("=\r\n", "").replace("=3D", "=");
    let line = whole.lines().find_map(|line| line.strip_prefix(&beginning));
    Ok(line.context("the mail has a link")?.trim_end().to_owned())
}

async fn a_subscriber_gets_one_mail_whose_link_opens_the_report_without_a_token(
    engine: Engine,
) -> Result<()> {
    let bench = Bench::new(engine, Role::All).await?;
    let (admin, id) = bench.administrator("admin@example.com").await?;
    let (other, other_id) = bench.administrator("other@example.com").await?;
    set(&other, Method::DELETE).await?;
    assert_eq!(bench.make().await?, Made::Now);
    assert_eq!(bench.make().await?, Made::Before);
    let done =
        "SELECT count(*) AS x FROM deliveries WHERE subscriber = 'report-email' AND state = 'done'";
    eventually("the mail is sent", || async {
        (bench.place.text(done).await.ok()? == "1").then_some(())
    })
    .await?;
    let mails = bench.mails();
    let [mail] = mails.as_slice() else {
        anyhow::bail!("not one: {mails:?}");
    };
    assert_eq!(mail.to, ["admin@example.com"]);
    let link = link(mail, &bench.service)?;
    let nobody = &bench.service.client;
    let (status, document) = nobody.get_bytes(&link).await?;
    assert_eq!(status, 200, "{link}");
    assert!(document.starts_with(b"%PDF-"));

    let refused = async |link: &str| {
        let answer = nobody.get(link).await?;
        assert_eq!(answer.problem(), (403, "link_invalid"), "{link}");
        anyhow::Ok(())
    };
    let (path, query) = link.split_once('?').context("it is signed")?;
    refused(path).await?;
    refused(&link.replace(&id, &other_id)).await?;
    refused(&link.replace("until=1", "until=2")).await?;
    refused(&format!("/api/reports/{NOBODY}/mailed?{query}")).await?;
    // It is a key to this one door: no token, and no other report.
    let signature = link.rsplit('=').next().context("a signature")?;
    let taken = nobody.with_token(signature).get("/api/reports").await?;
    assert_eq!(taken.problem(), (401, "invalid_token"));

    set(&admin, Method::DELETE).await?;
    refused(&link).await?;
    set(&admin, Method::PUT).await?;
    assert_eq!(nobody.get_bytes(&link).await?.0, 200);
    let take = format!("DELETE FROM user_permissions WHERE user_id = '{id}'");
    bench.place.execute(&take).await?;
    refused(&link).await?;
    give(&bench.place, &id).await?;
    assert_eq!(nobody.get_bytes(&link).await?.0, 200);
    // As a restore ends what was given out before it.
    let after = Timestamp::now().plus(Duration::from_secs(60));
    let end = format!(
        "UPDATE database_identity SET sessions_valid_after = '{}'",
        after.with_milliseconds()
    );
    bench.place.execute(&end).await?;
    eventually("links of before hold no more", || async {
        let answer = nobody.get_bytes(&link).await.ok()?;
        (answer.0 == 403).then_some(())
    })
    .await
}

fn an_hour_passes(time: &Mutex<Timestamp>) {
    let mut now = time.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *now = now.plus(Duration::from_secs(3600));
}

async fn a_mail_waits_for_its_server_and_who_asked_for_none_any_more_gets_none(
    engine: Engine,
) -> Result<()> {
    let bench = Bench::new(engine, Role::Api).await?;
    bench.administrator("one@example.com").await?;
    let (two, _) = bench.administrator("two@example.com").await?;
    bench.make().await?;
    let time = Arc::new(Mutex::new(Timestamp::now()));
    let clock = Clock::Set(Arc::clone(&time));
    let state = bench.service.state();
    let subscriber: Arc<dyn Subscriber> = Arc::new(Mailing {
        mailer: Arc::clone(&state.mailer),
        secrets: state.secrets.clone(),
        address: Arc::clone(&state.public_url),
    });
    let publisher = Publisher {
        database: state.database.clone(),
        clock: clock.clone(),
        bus: Arc::new(InProcess::default()),
        subscribers: vec![Arc::clone(&subscriber)],
    };
    let courier = Courier {
        database: state.database.clone(),
        clock,
        subscriber,
    };
    publisher.round().await?;
    bench.server.behave(Behaviour::Busy);
    assert_eq!(courier.round().await?, 2);
    assert!(bench.mails().is_empty());
    set(&two, Method::DELETE).await?;
    bench.server.behave(Behaviour::Takes);
    for _ in 0..3 {
        an_hour_passes(&time);
        publisher.round().await?;
        while courier.round().await? > 0 {}
    }
    let to: Vec<Vec<String>> = bench.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, [["one@example.com"]]);
    let states = "SELECT DISTINCT state AS x FROM deliveries";
    assert_eq!(bench.place.texts(states).await?, ["done"]);
    Ok(())
}
