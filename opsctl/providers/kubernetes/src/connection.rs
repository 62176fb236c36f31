//! Asking the API server: each request counted, each answer waited for so long and no longer, and asked again where
//! that is safe.
//!
//! Owns what survives an API server that is away for a while. Knows no object.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::RETRY_AFTER;
use kube::client::{Body, Client};
use opsctl_core::Result as Done;
use opsctl_core::guard::Permit;
use serde::de::DeserializeOwned;

use crate::credentials::Credentials;
use crate::question::Question;
use crate::spell::Spell;
use crate::status::Status;
use crate::target::Target;
use crate::transport;
use crate::trouble::Trouble;

/// How long is waited for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For one answer; longer than the API server waits for its webhooks.
    pub answer: Duration,
    /// For a server that has not answered once: an address may be wrong.
    pub first: Duration,
    /// For a server that was there before.
    pub away: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(35),
            first: Duration::from_secs(10),
            away: Duration::from_secs(60),
        }
    }
}

/// A plugin that looks for credentials may ask another service.
const PLUGIN: Duration = Duration::from_secs(60);

/// A way to one API server.
pub struct Connection {
    client: Client,
    credentials: Credentials,
    patience: Patience,
    sent: AtomicU64,
    reached: AtomicBool,
}

/// An answer, and whether an earlier attempt may have been carried out before it.
pub struct Heard {
    /// The answer.
    pub answer: Result<Bytes, Trouble>,
    /// The answer of an earlier attempt was lost.
    pub doubtful: bool,
}

impl Connection {
    /// Makes ready to ask; nothing is sent.
    pub async fn new(target: &Target, patience: Patience) -> Done<Self> {
        let way = target.way().await?;
        let credentials = Credentials::new(&way);
        let config = way.config;
        let made =
            tokio::task::spawn_blocking(move || transport::client(&config, patience.connect));
        let client = match tokio::time::timeout(PLUGIN, made).await {
            Ok(Ok(made)) => made.map_err(|error| credentials.unusable(&error))?,
            Ok(Err(_)) | Err(_) => return Err(credentials.plugin_hangs(PLUGIN)),
        };
        Ok(Self {
            client,
            credentials,
            patience,
            sent: AtomicU64::new(0),
            reached: AtomicBool::new(false),
        })
    }

    /// Where, and as whom.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Asks until there is an answer, and reads it.
    pub async fn read<T: DeserializeOwned>(&self, question: &Question) -> Result<T, Trouble> {
        parsed(&self.ask(question).await?)
    }

    /// Asks until there is an answer.
    pub async fn ask(&self, question: &Question) -> Result<Bytes, Trouble> {
        self.heard(question, None).await.answer
    }

    /// Asks until there is an answer, as long as the permit holds.
    pub async fn heard(&self, question: &Question, permit: Option<&Permit<'_>>) -> Heard {
        let mut spell = self.spell(question);
        loop {
            let answer = match permit.map_or(Ok(()), Permit::check) {
                Err(failure) => Err(Trouble::Stopped(Box::new(failure))),
                Ok(()) => self.once(question).await,
            };
            if let Err(trouble) = &answer
                && self.pause(&mut spell, trouble).await
            {
                continue;
            }
            return Heard {
                answer,
                doubtful: spell.doubtful,
            };
        }
    }

    /// Opens an answer that goes on, until there is one.
    pub async fn open(&self, question: &Question) -> Result<Response<Body>, Trouble> {
        let mut spell = self.spell(question);
        loop {
            let answer = self.begin(question).await;
            if let Err(trouble) = &answer
                && self.pause(&mut spell, trouble).await
            {
                continue;
            }
            return answer;
        }
    }

    /// Waits before the next attempt; `false` when there is none.
    async fn pause(&self, spell: &mut Spell, trouble: &Trouble) -> bool {
        let rights = matches!(trouble.code(), Some(401 | 403));
        let pause = if rights && spell.away && !self.is_ready().await {
            spell.while_starting()
        } else {
            spell.next(trouble)
        };
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        pause.is_some()
    }

    /// Asks once.
    async fn once(&self, question: &Question) -> Result<Bytes, Trouble> {
        let limit = self.limit(question);
        let whole = async {
            let response = self.send(question).await?;
            let body = response.into_body().collect().await;
            Ok(body.map_err(|error| Trouble::of(&error))?.to_bytes())
        };
        let answer = tokio::time::timeout(limit, whole).await;
        answer.unwrap_or_else(|_| Err(late(limit)))
    }

    async fn begin(&self, question: &Question) -> Result<Response<Body>, Trouble> {
        let limit = self.limit(question);
        let answer = tokio::time::timeout(limit, self.send(question)).await;
        answer.unwrap_or_else(|_| Err(late(limit)))
    }

    async fn send(&self, question: &Question) -> Result<Response<Body>, Trouble> {
        let request = question.request();
        let request = request.map_err(|error| Trouble::Garbled(error.to_string()))?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let response = self.client.send(request).await;
        let response = response.map_err(|error| Trouble::of(&error))?;
        self.reached.store(true, Ordering::Relaxed);
        let code = response.status();
        if code.is_success() {
            return Ok(response);
        }
        let wait = response.headers().get(RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.into_body().collect().await;
        let body = body.map_err(|error| Trouble::of(&error))?.to_bytes();
        let status = Status::read(code.as_u16(), wait, &body);
        Err(Trouble::Refused(Box::new(status)))
    }

    /// What a server that has just started says of rights is not to be believed before it is ready.
    async fn is_ready(&self) -> bool {
        self.once(&Question::get("/readyz")).await.is_ok()
    }

    fn limit(&self, question: &Question) -> Duration {
        question.within.unwrap_or(self.patience.answer)
    }

    fn spell(&self, question: &Question) -> Spell {
        let known = self.reached.load(Ordering::Relaxed);
        let patience = if known {
            self.patience.away
        } else {
            self.patience.first
        };
        Spell::new(question.patience.unwrap_or(patience))
    }
}

/// The answer as what it should be.
pub fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    // The words of a parser may repeat what it read.
    serde_json::from_slice(body).map_err(|error| {
        Trouble::Garbled(format!(
            "an answer of {} bytes that is none of Kubernetes' (line {}, column {})",
            body.len(),
            error.line(),
            error.column()
        ))
    })
}

fn late(limit: Duration) -> Trouble {
    Trouble::Unanswered(format!("no answer within {} s", limit.as_secs_f32()))
}
