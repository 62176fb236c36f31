//! The password of the application's login changes under load, in either order: first in the database, or first in the file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use app::config::Role;
use serde_json::json;

use crate::support::{
    Client, DescriptorFile, Engine, JWT_SECRET, Place, SecretsFile, Service, eventually, server,
};

/// A login of this test's own: the server is everybody's.
struct Login {
    name: String,
    place: Place,
}

impl Login {
    async fn new() -> Result<Self> {
        let mut place = Place::primary(Engine::Postgres).await?;
        let name = format!("login_{}", uuid::Uuid::new_v4().simple());
        place
            .execute(&format!(
                "CREATE ROLE {name} LOGIN PASSWORD 'first' IN ROLE app_readwrite"
            ))
            .await?;
        let (_, rest) = place.url.split_once('@').context("a user is named")?;
        place.url = format!("postgres://{name}:first@{rest}");
        Ok(Self { name, place })
    }

    fn url(&self, password: &str) -> String {
        self.place.url.replace(":first@", &format!(":{password}@"))
    }

    async fn change(&self, password: &str) -> Result<()> {
        let sql = format!("ALTER ROLE {} PASSWORD '{password}'", self.name);
        self.place.execute(&sql).await
    }

    /// How often somebody was refused who came with the wrong password.
    fn refusals(&self) -> Result<usize> {
        let refused = format!("password authentication failed for user \"{}\"", self.name);
        Ok(server()?.log().matches(&refused).count())
    }

    /// How many sessions are older than the change.
    async fn sessions(&self) -> Result<Vec<String>> {
        let pids = format!(
            "SELECT pid AS x FROM pg_stat_activity WHERE usename = '{}'",
            self.name
        );
        self.place.texts(&pids).await
    }
}

/// Requests without a pause, each of which must succeed.
struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<Result<()>>>,
}

impl Load {
    fn of(client: &Client, id: &str) -> Self {
        let (stop, answered) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let task = |_| {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            let (client, path) = (client.clone(), format!("/api/users/{id}"));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let read = client.get(&path).await?;
                    anyhow::ensure!(read.status == 200, "{read:?}");
                    let post = json!({"title": "a title", "content": "words"});
                    let written = client.post("/api/posts", &post).await?;
                    anyhow::ensure!(written.status == 201, "{written:?}");
                    answered.fetch_add(2, Ordering::Relaxed);
                }
                Ok(())
            })
        };
        let tasks = (0..12).map(task).collect();
        Self {
            stop,
            answered,
            tasks,
        }
    }

    /// Waits until it was answered more often.
    async fn goes_on(&self) -> Result<()> {
        let before = self.answered.load(Ordering::Relaxed);
        eventually("requests are answered", || async {
            let more = self.answered.load(Ordering::Relaxed) > before + 100;
            (more || self.tasks.iter().any(tokio::task::JoinHandle::is_finished)).then_some(())
        })
        .await
    }

    /// Ends; an error is that of the first request that failed.
    async fn end(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await??;
        }
        Ok(self.answered.load(Ordering::Relaxed))
    }
}

async fn on_file(file: &SecretsFile) -> Result<Service> {
    let path = file.path().display().to_string();
    let pairs = [
        ("JWT_SECRET", ""),
        ("SECRETS_FILE", path.as_str()),
        // Never read by itself during the test: who is refused has to ask.
        ("SECRETS_INTERVAL", "3600"),
        ("DATABASE_POOL_SIZE", "8"),
    ];
    Ok(Service::start(Role::All, &pairs).await??)
}

fn secrets(url: &str) -> [(&'static str, &str); 2] {
    [("JWT_SECRET", JWT_SECRET), ("DATABASE_URL", url)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_in_the_database_first_it_is_looked_for_and_no_request_fails() -> Result<()> {
    let login = Login::new().await?;
    let file = SecretsFile::of(&secrets(&login.url("first")))?;
    let service = on_file(&file).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    login.change("second").await?;
    // Twelve at once need more connections than there are, and none can be made.
    let load = Load::of(&client, &id);
    eventually("somebody is refused", || async {
        (login.refusals().ok()? > 0).then_some(())
    })
    .await?;
    let before = login.sessions().await?;
    file.write(&secrets(&login.url("second")))?;
    load.goes_on().await?;
    eventually("the connections of before are closed", || async {
        let now = login.sessions().await.ok()?;
        (now.len() > 1 && now.iter().all(|pid| !before.contains(pid))).then_some(())
    })
    .await?;
    load.goes_on().await?;
    let answered = load.end().await?;
    assert!(answered > 200, "{answered}");
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_in_the_file_first_it_is_taken_when_it_works_and_no_request_fails() -> Result<()> {
    let login = Login::new().await?;
    let file = SecretsFile::of(&secrets(&login.url("first")))?;
    let path = file.path().display().to_string();
    let pairs = [
        ("JWT_SECRET", ""),
        ("SECRETS_FILE", path.as_str()),
        ("SECRETS_INTERVAL", "1"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let load = Load::of(&client, &id);
    load.goes_on().await?;
    file.write(&secrets(&login.url("second")))?;
    // Tried, refused, and the one that works stays in use.
    eventually("the new one is tried", || async {
        (login.refusals().ok()? > 0).then_some(())
    })
    .await?;
    load.goes_on().await?;
    let before = login.sessions().await?;
    login.change("second").await?;
    eventually("the connections of before are closed", || async {
        let now = login.sessions().await.ok()?;
        (!now.is_empty() && now.iter().all(|pid| !before.contains(pid))).then_some(())
    })
    .await?;
    load.goes_on().await?;
    load.end().await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_file_of_a_descriptor_is_followed_the_same_way() -> Result<()> {
    let login = Login::new().await?;
    let descriptor = DescriptorFile::of(&login.place)?;
    let text = std::fs::read_to_string(descriptor.path())?;
    let password_file = descriptor.path().with_file_name("app_login.password");
    std::fs::write(&password_file, "first\n")?;
    descriptor.write_text(&text.replace(":first@", "@"))?;
    // A worker beside it would have every connection open already.
    let path = descriptor.path().display().to_string();
    let pairs = [("DATABASE_DESCRIPTOR", path.as_str())];
    let service = Service::start(Role::Api, &pairs).await??;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    login.change("second").await?;
    let load = Load::of(&client, &id);
    eventually("somebody is refused", || async {
        (login.refusals().ok()? > 0).then_some(())
    })
    .await?;
    std::fs::write(&password_file, "second\n")?;
    load.goes_on().await?;
    load.end().await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_logins_take_turns_and_the_one_before_has_no_session_left() -> Result<()> {
    let (first, second) = (Login::new().await?, Login::new().await?);
    let other = first.url("first").replace(&first.name, &second.name);
    let file = SecretsFile::of(&secrets(&first.url("first")))?;
    let path = file.path().display().to_string();
    let pairs = [
        ("JWT_SECRET", ""),
        ("SECRETS_FILE", path.as_str()),
        ("SECRETS_INTERVAL", "1"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let load = Load::of(&client, &id);
    load.goes_on().await?;
    file.write(&secrets(&other))?;
    eventually("the first one has left", || async {
        first.sessions().await.ok()?.is_empty().then_some(())
    })
    .await?;
    load.goes_on().await?;
    load.end().await?;
    service.stop().await;
    Ok(())
}
