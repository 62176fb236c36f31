//! An effect that is under way under a key: a transaction like any other, which ends with the answer.

use std::ops::{Deref, DerefMut};

use super::once::Asked;
use super::{Answer, rows};
use crate::cache::{Cache, Subject};
use crate::database::{UserId, Work};
use crate::http::ApiError;

/// Dropped, it is undone and the key is free.
#[must_use]
pub struct Doing<'writer> {
    work: Work<'writer>,
    asked: Option<Asked>,
}

impl<'writer> Doing<'writer> {
    pub(super) fn new(work: Work<'writer>, asked: Option<Asked>) -> Self {
        Self { work, asked }
    }

    /// For whoever was nobody until now: the key is theirs.
    pub async fn belongs_to(&mut self, user: UserId) -> Result<(), ApiError> {
        match &self.asked {
            Some(asked) => rows::take(&mut self.work, user, asked).await,
            None => Ok(()),
        }
    }

    /// Keeps the answer and commits; copies of what changed are worthless from now on.
    pub async fn end(
        mut self,
        cache: &Cache,
        changed: &[Subject],
        answer: Answer,
    ) -> Result<Answer, ApiError> {
        let owner = self.work.actor().user;
        self.keep(owner, &answer).await?;
        match changed {
            [] => self.work.commit().await?,
            changed => cache.commit(self.work, changed).await?,
        }
        Ok(answer)
    }

    /// The same for whoever was nobody until now.
    pub async fn end_for(mut self, user: UserId, answer: Answer) -> Result<Answer, ApiError> {
        self.keep(Some(user), &answer).await?;
        self.work.commit().await?;
        Ok(answer)
    }

    async fn keep(&mut self, owner: Option<UserId>, answer: &Answer) -> Result<(), ApiError> {
        if let (Some(asked), Some(user)) = (&self.asked, owner) {
            rows::keep(&mut self.work, user, &asked.key, answer).await?;
        }
        Ok(())
    }
}

impl<'writer> Deref for Doing<'writer> {
    type Target = Work<'writer>;

    fn deref(&self) -> &Self::Target {
        &self.work
    }
}

impl DerefMut for Doing<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.work
    }
}
