//! What to put into `Authorization`: name and password, or a token that somebody gives for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::{Method, StatusCode};
use opsctl_core::ports::{RegistryError, RegistryLogins};

use crate::challenge::Challenge;
use crate::question::Question;
use crate::transport::Transport;
use crate::{Credentials, DockerConfig, address, keychain};

/// A token is a few kilobytes.
const LONGEST: usize = 1 << 20;

/// Reads what `docker login` left behind: only when a registry wants to know who we are.
pub type ReadConfig = dyn Fn() -> opsctl_core::Result<DockerConfig> + Send + Sync;

/// What was learned: headers by registry and scope.
pub struct Tokens {
    read: Box<ReadConfig>,
    logins: Option<Arc<dyn RegistryLogins>>,
    held: Mutex<BTreeMap<(String, String), String>>,
}

#[derive(serde::Deserialize)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
}

impl Tokens {
    pub fn new(read: Box<ReadConfig>) -> Self {
        Self {
            read,
            logins: None,
            held: Mutex::default(),
        }
    }

    pub fn with(self, logins: Arc<dyn RegistryLogins>) -> Self {
        Self {
            logins: Some(logins),
            ..self
        }
    }

    /// The header for a question, if one was learned.
    pub fn held(&self, question: &Question<'_>) -> Option<String> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&key(question)).cloned()
    }

    /// Meets a challenge and keeps the header.
    ///
    /// # Errors
    /// When there is nothing to meet it with, or nobody gives a token.
    pub async fn meet(
        &self,
        transport: &Transport,
        question: &Question<'_>,
        challenge: &Challenge,
    ) -> Result<(), RegistryError> {
        let registry = question.repository.registry();
        let own = self.credentials(registry).await?;
        let header = match (challenge, own) {
            (Challenge::Basic, Some(own)) => own.basic(),
            (Challenge::Basic, None) => return Err(stranger(registry)),
            (Challenge::Bearer { .. }, own) => {
                let token = fetch(transport, question, challenge, own.as_ref()).await?;
                format!("Bearer {token}")
            }
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(key(question), header);
        Ok(())
    }

    async fn credentials(&self, registry: &str) -> Result<Option<Credentials>, RegistryError> {
        let refused = |why: String| RegistryError::Unauthorised {
            registry: registry.to_owned(),
            why,
        };
        if let Some(logins) = &self.logins {
            let told = logins.login(registry).await;
            let told = told.map_err(|failure| refused(failure.to_string()))?;
            if let Some((user, password)) = told {
                return Ok(Some(Credentials { user, password }));
            }
        }
        let config = (self.read)().map_err(|failure| refused(failure.to_string()))?;
        if let Some(known) = config.known(registry) {
            return Ok(Some(known.clone()));
        }
        let Some(helper) = config.helper(registry) else {
            return Ok(None);
        };
        keychain::ask(helper, registry).await.map_err(refused)
    }
}

fn key(question: &Question<'_>) -> (String, String) {
    let registry = question.repository.registry().to_owned();
    (registry, question.scope())
}

fn stranger(registry: &str) -> RegistryError {
    RegistryError::Unauthorised {
        registry: registry.to_owned(),
        why: "it wants a name and a password, and docker's config.json has none for it".into(),
    }
}

/// Without credentials a token for the public is asked for.
async fn fetch(
    transport: &Transport,
    question: &Question<'_>,
    challenge: &Challenge,
    own: Option<&Credentials>,
) -> Result<String, RegistryError> {
    let registry = question.repository.registry();
    let refused = |why: String| RegistryError::Unauthorised {
        registry: registry.to_owned(),
        why,
    };
    let Challenge::Bearer { realm, service, .. } = challenge else {
        return Err(refused("it wants no token".into()));
    };
    guarded(realm, question).map_err(&refused)?;
    let mut place = realm.clone();
    if let Some(service) = service {
        place = address::with(&place, "service", &service.replace(' ', "%20"));
    }
    for scope in question.scope().split(' ') {
        place = address::with(&place, "scope", scope);
    }
    let asked = Question::read(question.repository, Method::GET, place);
    let request = asked.request(own.map(Credentials::basic).as_deref())?;
    let answer = transport.send(request, 0, LONGEST).await;
    let answer = answer.map_err(|why| RegistryError::Unreachable {
        registry: address::host_of(realm).to_owned(),
        why,
    })?;
    if answer.status != StatusCode::OK {
        let (status, why) = (answer.status, answer.why());
        return Err(refused(format!("no token was given: {status} {why}")));
    }
    // The answer is a secret: no parser may repeat it.
    let given: Option<Given> = serde_json::from_slice(&answer.body).ok();
    given
        .and_then(|given| given.token.or(given.access_token))
        .ok_or_else(|| refused("what was given is no token".into()))
}

/// A password goes in the clear to this machine alone, whatever a challenge says.
fn guarded(realm: &str, question: &Question<'_>) -> Result<(), String> {
    let clear = !realm.starts_with("https://");
    if clear && !question.repository.is_on_this_machine() {
        return Err(format!("it sends us in the clear to {realm}"));
    }
    Ok(())
}
