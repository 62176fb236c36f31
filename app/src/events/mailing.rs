//! The subscriber that writes to users: a welcome to whoever signed up, a word to whoever's password was changed. The address is
//! looked up when the mail is sent, so that none is kept beside the user's own row; a user who is gone gets none.

use std::sync::Arc;

use async_trait::async_trait;
use tracing::Instrument;

use super::{Event, Failed, Kind, Subscriber};
use crate::database::{EntityId, Writer, each_engine};
use crate::email::{Mail, MailError, Mailer, letters};
use crate::telemetry::traces::SPANS;

const ADDRESSEE: &str = "SELECT email, first_name FROM users WHERE id = $1";

/// Sends mails.
pub struct Mailing {
    pub mailer: Arc<dyn Mailer>,
}

#[derive(sqlx::FromRow)]
struct Addressee {
    email: String,
    first_name: Option<String>,
}

#[async_trait]
impl Subscriber for Mailing {
    fn name(&self) -> &'static str {
        "email"
    }

    fn wants(&self, event: &Event) -> bool {
        event.is(Kind::UserCreated) || event.is(Kind::PasswordChanged)
    }

    fn acts_outside(&self) -> bool {
        true
    }

    async fn act(&self, writer: &Writer, event: &Event) -> Result<(), Failed> {
        let Some(to) = addressee(writer, event.entity_id).await? else {
            return Ok(());
        };
        let mail = letter(event, &to);
        let span = tracing::info_span!(target: SPANS, "send mail", otel.kind = "client");
        let sent = self.mailer.send(&mail).instrument(span).await;
        sent.map_err(|error| match error {
            MailError::Refused(why) => Failed::Lasting(why),
            MailError::Failed(why) => Failed::Passing(why),
        })
    }
}

/// Of the writer: a replica may not know the user yet.
async fn addressee(writer: &Writer, user: EntityId) -> Result<Option<Addressee>, sqlx::Error> {
    each_engine!(writer, pool => sqlx::query_as(ADDRESSEE).bind(user).fetch_optional(pool).await)
}

fn letter(event: &Event, to: &Addressee) -> Mail {
    let name = to.first_name.as_deref();
    let letter = match event.is(Kind::UserCreated) {
        true => letters::welcome(name),
        false => letters::password_changed(name, event.occurred_at),
    };
    Mail {
        to: to.email.clone(),
        // The same for each try: whoever receives two can tell that they are one.
        id: format!("{}.{}", event.id, event.kind),
        letter,
    }
}
