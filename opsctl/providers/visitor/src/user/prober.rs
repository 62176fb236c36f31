//! The prober's numbers through the application: each is a change of a draft's title, which ends the copies of it in the cache.

use std::collections::BTreeSet;
use std::path::Path;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Answered, Location, Prober, ProberSession, Sent};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};
use serde_json::json;

use super::account::{Account, Login, Question, document, refused};
use crate::address::Address;
use crate::asking::Client;

/// Writes and reads as a user of the application does.
pub struct UserProber(Account);

impl UserProber {
    /// At the application there; `environment` names the user, and `password` is what it signs up with.
    ///
    /// # Errors
    /// When that is no address, or the authority can't be read.
    pub fn at(
        url: &str,
        authority: Option<&Path>,
        environment: &str,
        password: Secret<String>,
    ) -> Result<Self> {
        Self::by(Client::trusting(authority)?, url, environment, password)
    }

    /// The same where `authority` (PEM) vouches for the application.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn where_vouched(
        url: &str,
        authority: &str,
        environment: &str,
        password: Secret<String>,
    ) -> Result<Self> {
        Self::by(Client::vouched_for(authority)?, url, environment, password)
    }

    /// The same, logging in at another address.
    ///
    /// # Errors
    /// When that is none.
    pub fn logging_in_at(self, url: &str) -> Result<Self> {
        Ok(Self(self.0.logging_in_at(Address::read(url)?)))
    }

    fn by(client: Client, url: &str, environment: &str, password: Secret<String>) -> Result<Self> {
        // Nobody can own a name below this domain (RFC 2606): no mail comes to anybody.
        let email = format!("failover-drill@{environment}.invalid");
        let address = Address::read(url)?;
        Ok(Self(Account::new(client, address, email, password)))
    }

    async fn logged_in(&self) -> Result<Login> {
        let login = self.0.log_in().await?;
        login.ok_or_else(|| {
            Failure::failed("the application lets the drill's user not in")
                .cause("it is not there, or was made with another key of evidence")
        })
    }

    /// The user's draft, with its number.
    async fn draft(&self, login: &Login) -> Result<Option<(String, u64)>> {
        let path = format!("/api/users/{}/posts", login.user);
        let answer = self.0.ask(login, &question("GET", path)).await?;
        let document = document(&answer).filter(|_| answer.status == 200);
        let document =
            document.ok_or_else(|| refused("the application lists no posts", &answer))?;
        let first = &document["items"][0];
        let id = first["id"].as_str().map(ToOwned::to_owned);
        Ok(id.map(|id| (id, number_in(&first["title"]))))
    }

    async fn draft_of(&self, login: &Login) -> Result<(String, u64)> {
        let draft = self.draft(login).await?;
        draft.ok_or_else(|| Failure::failed("the drill's user has no draft"))
    }
}

fn question<'a>(method: &'a str, path: String) -> Question<'a> {
    Question {
        method,
        path,
        body: None,
    }
}

fn number_in(title: &serde_json::Value) -> u64 {
    let title = title.as_str().unwrap_or_default();
    title.parse().unwrap_or_default()
}

#[async_trait]
impl Prober for UserProber {
    async fn prepare(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        permit.check()?;
        self.0.sign_up().await?;
        let login = self.logged_in().await?;
        if self.draft(&login).await?.is_some() {
            return Ok(());
        }
        let post = Question {
            body: Some(json!({"title": "0", "content": "Written by a failover drill."})),
            ..question("POST", "/api/posts".into())
        };
        let answer = self.0.ask(&login, &post).await?;
        match answer.status {
            201 => Ok(()),
            _ => Err(refused("the application takes no draft", &answer)),
        }
    }

    async fn connect(&self, _: &Location) -> Result<Box<dyn ProberSession>> {
        let login = self.logged_in().await?;
        let (post, _) = self.draft_of(&login).await?;
        let path = format!("/api/posts/{post}");
        let account = self.0.clone();
        Ok(Box::new(Session {
            account,
            login,
            path,
        }))
    }

    /// Each number takes the place of the one before: what is there covers all that are smaller.
    async fn kept(&self, _: &Location, _: &OperationId) -> Result<BTreeSet<u64>> {
        let login = self.logged_in().await?;
        let (_, number) = self.draft_of(&login).await?;
        Ok((1..=number).collect())
    }

    async fn remove(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        permit.check()?;
        let Some(login) = self.0.log_in().await? else {
            return Ok(());
        };
        let path = format!("/api/users/{}", login.user);
        let answer = self.0.ask(&login, &question("DELETE", path)).await?;
        match answer.status {
            204 | 401 | 404 => Ok(()),
            _ => Err(refused("the drill's user can't be deleted", &answer)),
        }
    }
}

struct Session {
    account: Account,
    login: Login,
    path: String,
}

#[async_trait]
impl ProberSession for Session {
    async fn write(&mut self, _: &OperationId, number: u64) -> Sent {
        let change = Question {
            body: Some(json!({"title": number.to_string()})),
            ..question("PATCH", self.path.clone())
        };
        match self.account.ask(&self.login, &change).await {
            Ok(answer) => sent(&answer),
            Err(failure) => Sent::Unanswered(failure.to_string()),
        }
    }

    async fn read(&mut self, _: &OperationId) -> Result<Option<u64>> {
        let read = question("GET", self.path.clone());
        let answer = self.account.ask(&self.login, &read).await?;
        let document = document(&answer).filter(|_| answer.status == 200);
        let document = document.ok_or_else(|| refused("a read is refused", &answer))?;
        Ok(Some(number_in(&document["title"])))
    }
}

/// A refusal (4xx, or 503: not now) is a no; any other answer may come after the change.
fn sent(answer: &Answered) -> Sent {
    let words = || format!("the application answers {}", answer.status);
    match answer.status {
        200 => Sent::Acknowledged,
        400..=499 | 503 => Sent::Refused(words()),
        _ => Sent::Unanswered(words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_a_gateway_gave_up_on_may_be_kept_all_the_same() {
        let answer = |status| Answered {
            status,
            headers: std::collections::BTreeMap::new(),
            body: String::new(),
        };
        assert_eq!(sent(&answer(200)), Sent::Acknowledged);
        for no in [401, 409, 429, 503] {
            assert!(matches!(sent(&answer(no)), Sent::Refused(_)), "{no}");
        }
        for unknown in [500, 502, 504] {
            let sent = sent(&answer(unknown));
            assert!(matches!(sent, Sent::Unanswered(_)), "{unknown}");
        }
    }
}
