//! Asks a registry until it answers: who we are, where else to look, and again a little later.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Method, StatusCode};
use opsctl_core::ports::{RegistryError, RegistryLogins};

use crate::address;
use crate::challenge::Challenge;
use crate::question::{Answer, Question, Repeats};
use crate::retry::{Tries, passes, retry_after};
use crate::tokens::{ReadConfig, Tokens};
use crate::transport::Transport;

/// A blob may lie elsewhere; nobody is sent around for ever.
const REDIRECTS: usize = 5;

/// Asks, for whoever speaks one of the endpoints.
pub struct Asking {
    transport: Transport,
    tokens: Tokens,
}

impl Asking {
    pub fn new(read: Box<ReadConfig>) -> Self {
        Self {
            transport: Transport::default(),
            tokens: Tokens::new(read),
        }
    }

    pub fn with(self, logins: Arc<dyn RegistryLogins>) -> Self {
        Self {
            tokens: self.tokens.with(logins),
            ..self
        }
    }

    /// The answer: anything but a redirection, a passing trouble or a challenge that we could meet.
    ///
    /// # Errors
    /// When the registry is away, asked too often, or does not let us in.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Answer, RegistryError> {
        let mut tries = Tries::default();
        let mut introduced = false;
        loop {
            let answered = self.once(question).await;
            let wait = match answered {
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED && !introduced => {
                    introduced = true;
                    self.introduce(question, &answer).await?;
                    continue;
                }
                Ok(answer) if passes(answer.status) => {
                    let asked_for = retry_after(answer.header("retry-after"));
                    let turned_away = answer.status == StatusCode::TOO_MANY_REQUESTS;
                    let may = turned_away || question.repeats == Repeats::Freely;
                    match tries.again(asked_for).filter(|_| may) {
                        Some(wait) => wait,
                        None => return Err(gave_up(question, &answer, &tries, asked_for)),
                    }
                }
                Ok(answer) => return Ok(answer),
                Err(why) => match tries.again(None) {
                    Some(wait) if question.repeats == Repeats::Freely => wait,
                    _ => return Err(unreachable(question, why)),
                },
            };
            self.pause(question, wait).await;
        }
    }

    async fn pause(&self, question: &Question<'_>, wait: Duration) {
        tracing::info!(
            question = question.what(),
            ?wait,
            "the registry is asked again"
        );
        tokio::time::sleep(wait).await;
    }

    /// One round, redirections included.
    async fn once(&self, question: &Question<'_>) -> Result<Answer, String> {
        let authorization = self.tokens.held(question);
        let mut asked = question.clone();
        let own = address::host_of(&question.address).to_owned();
        for _ in 0..REDIRECTS {
            // Nobody but the registry gets to see who we are: presigned addresses carry their own proof.
            let at_home = address::host_of(&asked.address) == own;
            let authorization = authorization.as_deref().filter(|_| at_home);
            let request = asked.request(authorization).map_err(|it| it.to_string())?;
            let (sent, longest) = (asked.body.len(), asked.longest);
            let answer = self.transport.send(request, sent, longest).await?;
            let reads = [Method::GET, Method::HEAD].contains(&asked.method);
            match answer.header("location") {
                Some(location) if reads && answer.status.is_redirection() => {
                    let next = address::resolved(&asked.address, location);
                    if !next.starts_with("https://") && !question.repository.is_on_this_machine() {
                        return Err(format!(
                            "it sends us in the clear to {}",
                            address::host_of(&next)
                        ));
                    }
                    asked.address = next;
                }
                _ => return Ok(answer),
            }
        }
        Err("it sends us around in circles".into())
    }

    async fn introduce(
        &self,
        question: &Question<'_>,
        answer: &Answer,
    ) -> Result<(), RegistryError> {
        let wanted = answer
            .header("www-authenticate")
            .and_then(Challenge::parse)
            .ok_or_else(|| RegistryError::Unauthorised {
                registry: question.repository.registry().to_owned(),
                why: format!("it does not say how: {}", answer.why()),
            })?;
        self.tokens.meet(&self.transport, question, &wanted).await
    }
}

fn gave_up(
    question: &Question<'_>,
    answer: &Answer,
    tries: &Tries,
    retry_after: Option<Duration>,
) -> RegistryError {
    let registry = question.repository.registry().to_owned();
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => RegistryError::RateLimited {
            registry,
            tries: tries.made,
            retry_after,
        },
        status => RegistryError::Refused {
            registry,
            what: question.what(),
            status: status.as_u16(),
            why: answer.why(),
        },
    }
}

fn unreachable(question: &Question<'_>, why: String) -> RegistryError {
    RegistryError::Unreachable {
        registry: question.repository.registry().to_owned(),
        why,
    }
}
