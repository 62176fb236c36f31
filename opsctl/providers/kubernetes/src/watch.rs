//! Following a scope: one answer that goes on, opened again whenever it ends, and begun anew where the moment is gone.
//!
//! Owns what a watch survives. Ends when it is dropped: it is asked, it never runs by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{self, BoxStream, StreamExt};
use http_body_util::BodyExt;
use hyper::Response;
use kube::client::Body;
use opsctl_core::ports::{Change, Scope};
use opsctl_core::workloads::Object;
use serde::Deserialize;
use serde_json::Value;
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::io::StreamReader;

use crate::connection::Connection;
use crate::place::{Place, plain};
use crate::question::Question;
use crate::read;
use crate::status::Status;
use crate::trouble::Trouble;

/// The API server ends a watch by itself after so long.
const LENGTH: Duration = Duration::from_secs(300);
/// Between attempts; the first follows at once.
const PAUSES: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
];
/// A watch that lasted so long did not fail.
const LASTED: Duration = Duration::from_secs(5);

/// One line of a watch.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    object: Value,
}

type Lines = stream::BoxStream<'static, Option<Line>>;

struct Watch {
    connection: Arc<Connection>,
    place: Place,
    scope: Scope,
    /// The last moment that is known.
    moment: String,
    /// The moment is too old: the next answer is a list.
    expired: bool,
    lines: Option<Lines>,
    opened: Instant,
    /// Attempts since it last went well.
    attempts: usize,
    /// Being away was told.
    away: bool,
}

/// Follows a scope from a moment on. The first opening tells what is wrong with the question; after that nothing ends it.
pub async fn follow(
    connection: Arc<Connection>,
    place: Place,
    scope: Scope,
    from: &str,
) -> Result<BoxStream<'static, Change>, Trouble> {
    let mut watch = Watch {
        connection,
        place,
        scope,
        moment: from.to_owned(),
        expired: false,
        lines: None,
        opened: Instant::now(),
        attempts: 0,
        away: false,
    };
    match watch.connection.open(&watch.question()).await {
        Ok(response) => watch.lines = Some(lines(response)),
        Err(trouble) if trouble.is_expired() => watch.expired = true,
        Err(trouble) => return Err(trouble),
    }
    let changes = stream::unfold(watch, |mut watch| async move {
        let change = watch.next().await;
        Some((change, watch))
    });
    Ok(changes.boxed())
}

impl Watch {
    async fn next(&mut self) -> Change {
        loop {
            let change = match &mut self.lines {
                None => self.open().await,
                Some(lines) => match lines.next().await.flatten() {
                    Some(line) => self.read(line),
                    None => self.ended(),
                },
            };
            if let Some(change) = change {
                return change;
            }
        }
    }

    /// Opens it again, or begins anew.
    async fn open(&mut self) -> Option<Change> {
        let pause = PAUSES[self.attempts.min(PAUSES.len() - 1)];
        self.attempts += 1;
        tokio::time::sleep(pause).await;
        let opened = if self.expired {
            self.list().await.map(Some)
        } else {
            self.resume().await.map(|()| None)
        };
        match opened {
            Ok(change) => {
                self.away = false;
                change
            }
            Err(trouble) if trouble.is_expired() => {
                self.expired = true;
                None
            }
            Err(_) if self.away => None,
            Err(trouble) => {
                self.away = true;
                Some(Change::Away(trouble.words()))
            }
        }
    }

    async fn list(&mut self) -> Result<Change, Trouble> {
        let once = |question: Question| question.patient(Duration::ZERO);
        let listed = read::list(&self.connection, &self.place, &self.scope, once).await?;
        self.moment = listed.resource_version;
        self.expired = false;
        self.attempts = 0;
        Ok(Change::Again(listed.objects))
    }

    async fn resume(&mut self) -> Result<(), Trouble> {
        let question = self.question().patient(Duration::ZERO);
        self.lines = Some(lines(self.connection.open(&question).await?));
        self.opened = Instant::now();
        Ok(())
    }

    fn ended(&mut self) -> Option<Change> {
        self.lines = None;
        if self.opened.elapsed() > LASTED {
            self.attempts = 0;
        }
        None
    }

    fn read(&mut self, line: Line) -> Option<Change> {
        let object = Object(line.object);
        let present = match line.kind.as_str() {
            "ADDED" | "MODIFIED" => true,
            "DELETED" => false,
            "BOOKMARK" => {
                self.moment = object.resource_version().to_owned();
                return None;
            }
            _ => {
                let status = serde_json::from_value::<Status>(object.0).unwrap_or_default();
                self.expired |= status.is_expired();
                return self.ended();
            }
        };
        self.attempts = 0;
        self.moment = object.resource_version().to_owned();
        Some(if present {
            Change::Present(object)
        } else {
            Change::Gone(object)
        })
    }

    fn question(&self) -> Question {
        let path = read::path(&self.place, &self.scope);
        let (moment, length) = (plain(&self.moment), LENGTH.as_secs());
        Question::get(format!(
            "{path}&watch=true&allowWatchBookmarks=true&resourceVersion={moment}&timeoutSeconds={length}"
        ))
    }
}

/// The lines of an answer; `None` for the first that can't be read: it is the last.
fn lines(response: Response<Body>) -> Lines {
    let body = response.into_body().into_data_stream();
    let body = StreamReader::new(body.map(|part| part.map_err(std::io::Error::other)));
    let lines = FramedRead::new(body, LinesCodec::new());
    lines
        .map(|line| serde_json::from_str(&line.ok()?).ok())
        .boxed()
}
