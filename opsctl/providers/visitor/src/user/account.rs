//! Signing up, logging in and asking as that user.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use opsctl_core::ports::{Answered, Asked};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};
use serde_json::{Value, json};

use crate::address::Address;
use crate::asking::Client;

/// A user that is logged in.
#[derive(Clone)]
pub struct Login {
    /// The user's id.
    pub user: String,
    token: Secret<String>,
}

/// The account. Cheap to clone; all clones are logged in as one.
#[derive(Clone)]
pub struct Account {
    client: Arc<Client>,
    address: Address,
    /// Where it logs in.
    login: Address,
    email: String,
    password: Secret<String>,
    held: Arc<Mutex<Option<Login>>>,
}

/// What was asked for.
pub struct Question<'a> {
    pub method: &'a str,
    pub path: String,
    pub body: Option<Value>,
}

impl Account {
    pub fn new(client: Client, address: Address, email: String, password: Secret<String>) -> Self {
        Self {
            client: Arc::new(client),
            login: address.clone(),
            address,
            email,
            password,
            held: Arc::default(),
        }
    }

    /// The same, logging in somewhere else.
    pub fn logging_in_at(self, login: Address) -> Self {
        Self { login, ..self }
    }

    /// The account exists from now on, if it did not before.
    pub async fn sign_up(&self) -> Result<()> {
        let who = json!({"email": self.email, "password": self.password.expose()});
        let answer = self.send("POST", "/api/users", Some(&who), None).await?;
        match answer.status {
            // An earlier run made it.
            201 | 409 => Ok(()),
            _ => Err(refused("the application signs nobody up", &answer)),
        }
    }

    /// Logged in; `None` where there is no such user, or it has another password.
    pub async fn log_in(&self) -> Result<Option<Login>> {
        if let Some(login) = self.held() {
            return Ok(Some(login));
        }
        let who = json!({"email": self.email, "password": self.password.expose()});
        let answer = self.send("POST", "/auth/login", Some(&who), None).await?;
        if answer.status == 401 {
            return Ok(None);
        }
        let token = document(&answer).and_then(|it| Some(it["access_token"].as_str()?.to_owned()));
        let login = token.and_then(|token| {
            let user = user_in(&token)?;
            let token = Secret::new(token);
            Some(Login { user, token })
        });
        let login = login.ok_or_else(|| refused("the application logs nobody in", &answer))?;
        *self.slot() = Some(login.clone());
        Ok(Some(login))
    }

    /// Asks as that user. Whose token is refused has to log in again.
    pub async fn ask(&self, login: &Login, question: &Question<'_>) -> Result<Answered> {
        let body = question.body.as_ref();
        let asked = self.send(question.method, &question.path, body, Some(login));
        let answer = asked.await?;
        if answer.status == 401 {
            *self.slot() = None;
        }
        Ok(answer)
    }

    fn held(&self) -> Option<Login> {
        self.slot().clone()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Login>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        login: Option<&Login>,
    ) -> Result<Answered> {
        let mut headers = BTreeMap::new();
        if let Some(login) = login {
            let bearer = format!("Bearer {}", login.token.expose());
            headers.insert("authorization".to_owned(), bearer);
        }
        let asked = Asked {
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body_bytes: 0,
        };
        let address = match path.starts_with("/auth/") {
            true => &self.login,
            false => &self.address,
        };
        match body {
            Some(body) => self.client.say(address, &asked, body).await,
            None => self.client.ask(address, &asked).await,
        }
    }
}

/// The user that a token is about. Who issued it has just been asked; nobody is let in by this.
fn user_in(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims["sub"].as_str()?.to_owned())
}

/// The answer's JSON.
pub fn document(answer: &Answered) -> Option<Value> {
    serde_json::from_str(&answer.body).ok()
}

/// What the application said instead. Its words hold nothing that was not asked with.
pub fn refused(what: &str, answer: &Answered) -> Failure {
    let said = document(answer).and_then(|it| Some(it["message"].as_str()?.to_owned()));
    let said = said.unwrap_or_else(|| "in other words than the application's".into());
    Failure::failed(what).cause(format!("it answers {}: {said}", answer.status))
}
