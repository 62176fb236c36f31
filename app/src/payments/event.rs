//! What the provider tells, as far as it is understood here.

use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::database::{Timestamp, UserId};
use crate::http::{Invalid, text};

/// The one kind that has an effect: somebody paid.
const PAID: &str = "subscription.paid";

/// A message of the provider.
#[derive(Deserialize, ToSchema)]
pub struct Message {
    /// The event's own number: told twice, it counts once.
    #[schema(example = "evt_1", min_length = 1, max_length = 255)]
    id: String,
    /// `subscription.paid` marks an account as paid. Any other is kept and has no effect.
    #[serde(rename = "type")]
    #[schema(example = "subscription.paid", min_length = 1, max_length = 255)]
    kind: String,
    /// When it happened, in seconds since 1970.
    #[schema(example = 1705314600)]
    created: i64,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize, ToSchema)]
pub struct Data {
    /// Of `subscription.paid`: whose account.
    #[schema(value_type = Option<UserId>)]
    user_id: Option<String>,
    /// Of `subscription.paid`: the subscription's number at the provider.
    #[schema(min_length = 1, max_length = 255)]
    subscription_id: Option<String>,
}

/// A message, judged.
#[derive(Debug)]
pub struct Event {
    pub id: String,
    pub kind: String,
    pub occurred_at: Timestamp,
    pub effect: Effect,
}

/// What an event asks for.
#[derive(Debug)]
pub enum Effect {
    Paid {
        user: UserId,
        subscription: String,
    },
    /// Not for us.
    Nothing,
}

impl Message {
    pub fn judge(self) -> Result<Event, Invalid> {
        let moment = OffsetDateTime::from_unix_timestamp(self.created).ok();
        let moment = moment.filter(|moment| (1970..=9999).contains(&moment.year()));
        let occurred_at = moment
            .and_then(|moment| Timestamp::from_microseconds(moment.unix_timestamp() * 1_000_000))
            .ok_or_else(|| Invalid::new("created", "must be seconds since 1970"))?;
        let effect = match self.kind.as_str() {
            PAID => self.data.paid()?,
            _ => Effect::Nothing,
        };
        Ok(Event {
            id: text("id", self.id, 1..=255)?,
            kind: text("type", self.kind, 1..=255)?,
            occurred_at,
            effect,
        })
    }
}

impl Data {
    fn paid(self) -> Result<Effect, Invalid> {
        let user = self.user_id.and_then(|text| text.parse().ok());
        let user = user.ok_or_else(|| Invalid::new("data.user_id", "must be a UUID"))?;
        let name = "data.subscription_id";
        let subscription = self.subscription_id.unwrap_or_default();
        Ok(Effect::Paid {
            user,
            subscription: text(name, subscription, 1..=255)?,
        })
    }
}
