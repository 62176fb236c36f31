//! The SQL of payments; one text for both engines.

use super::event::{Effect, Event};
use crate::database::{UserId, Work, in_work};

const KNOWS: &str = "SELECT count(*) FROM users WHERE id = $1";
const TAKE: &str = "INSERT INTO payment_events (event_id, kind, outcome, occurred_at) \
    VALUES ($1, $2, $3, $4) ON CONFLICT (event_id) DO NOTHING";
/// The first payment of a subscription is the one that counts.
const PAID: &str = "INSERT INTO subscriptions (user_id, provider_id, paid_at) VALUES ($1, $2, $3) \
    ON CONFLICT (provider_id) DO NOTHING";

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The account counts as paid.
    Applied,
    /// Kept, and of no effect here.
    Ignored,
    /// The account is gone, or never was.
    NoSuchUser,
    /// It was told before.
    Repeated,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::NoSuchUser => "no_such_user",
            Self::Repeated => "repeated",
        }
    }
}

/// Keeps the event and does what it asks for, unless both were done before.
pub async fn apply(work: &mut Work<'_>, event: &Event) -> Result<Outcome, sqlx::Error> {
    let outcome = match &event.effect {
        Effect::Nothing => Outcome::Ignored,
        Effect::Paid { user, .. } if knows(work, *user).await? => Outcome::Applied,
        Effect::Paid { .. } => Outcome::NoSuchUser,
    };
    let taken = in_work!(work, connection => sqlx::query(TAKE)
        .bind(&event.id)
        .bind(&event.kind)
        .bind(outcome.as_str())
        .bind(event.occurred_at)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))?;
    if taken == 0 {
        return Ok(Outcome::Repeated);
    }
    if let Effect::Paid { user, subscription } = &event.effect
        && outcome == Outcome::Applied
    {
        in_work!(work, connection => sqlx::query(PAID)
            .bind(*user)
            .bind(subscription)
            .bind(event.occurred_at)
            .execute(connection)
            .await
            .map(drop))?;
    }
    Ok(outcome)
}

async fn knows(work: &mut Work<'_>, user: UserId) -> Result<bool, sqlx::Error> {
    let found: i64 = in_work!(work, connection => sqlx::query_scalar(KNOWS)
        .bind(user)
        .fetch_one(connection)
        .await)?;
    Ok(found > 0)
}
