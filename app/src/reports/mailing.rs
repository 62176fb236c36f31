//! Tells whoever asked for it that a report is there, each in a mail of their own. The mail has a link and never the document: it
//! opens only while its user may have reports. Who asked for none any more by the time it is sent, gets none.

use std::sync::Arc;

use async_trait::async_trait;

use super::link::Link;
use crate::database::{Day, ReportId, UserId, Work, Writer, each_engine, in_work};
use crate::email::{Mail, MailError, Mailer, letters};
use crate::events::{Event, Failed, Kind, Outbox, Subscriber};
use crate::secrets::Live;

// Whoever subscribed and lost the permission since, gets nothing until it is given back.
const SUBSCRIBERS: &str = "SELECT s.user_id FROM report_subscriptions s JOIN user_permissions p ON p.user_id = s.user_id \
    WHERE p.permission = 'admin' ORDER BY s.user_id";
const ADDRESSEE: &str = "SELECT u.email, u.first_name, r.day FROM users u \
    JOIN report_subscriptions s ON s.user_id = u.id \
    JOIN user_permissions p ON p.user_id = u.id AND p.permission = 'admin' \
    JOIN reports r ON r.id = $2 WHERE u.id = $1";

/// Sends the mails.
pub struct Mailing {
    pub mailer: Arc<dyn Mailer>,
    /// What the links are signed with.
    pub secrets: Live,
    /// Where people reach the service.
    pub address: Arc<str>,
}

#[derive(sqlx::FromRow)]
struct Addressee {
    email: String,
    first_name: Option<String>,
    day: Day,
}

/// Tells of a report that is complete with this transaction, once for each who asked for it.
pub(super) async fn tell(
    work: &mut Work<'_>,
    outbox: &Outbox,
    report: ReportId,
) -> Result<usize, sqlx::Error> {
    let users: Vec<UserId> = in_work!(work, connection => sqlx::query_scalar(SUBSCRIBERS)
        .fetch_all(connection)
        .await)?;
    for user in &users {
        let detail = serde_json::json!({"user_id": user.to_string()});
        outbox
            .tell(work, Kind::ReportReady, report.0, Some(detail))
            .await?;
    }
    Ok(users.len())
}

#[async_trait]
impl Subscriber for Mailing {
    fn name(&self) -> &'static str {
        "report-email"
    }

    fn wants(&self, event: &Event) -> bool {
        event.is(Kind::ReportReady)
    }

    fn acts_outside(&self) -> bool {
        true
    }

    async fn act(&self, writer: &Writer, event: &Event) -> Result<(), Failed> {
        let detail = event
            .detail
            .as_ref()
            .and_then(|detail| detail.0.get("user_id"));
        let user = detail.and_then(|user| user.as_str()?.parse::<UserId>().ok());
        let user = user.ok_or_else(|| Failed::Lasting("the event names no user".into()))?;
        let report = ReportId(event.entity_id.0);
        let Some(to) = addressee(writer, user, report).await? else {
            return Ok(());
        };
        let link = Link::new(report, user, event.occurred_at).path(&self.secrets.now());
        let link = link.ok_or_else(|| Failed::Passing("there is no key to sign a link".into()))?;
        let url = format!("{}{link}", self.address);
        let mail = Mail {
            to: to.email,
            id: format!("{}.{}", event.id, event.kind),
            letter: letters::report(to.first_name.as_deref(), &to.day.to_string(), &url),
        };
        self.mailer.send(&mail).await.map_err(|error| match error {
            MailError::Refused(why) => Failed::Lasting(why),
            MailError::Failed(why) => Failed::Passing(why),
        })
    }
}

async fn addressee(
    writer: &Writer,
    user: UserId,
    report: ReportId,
) -> Result<Option<Addressee>, sqlx::Error> {
    each_engine!(writer, pool => sqlx::query_as(ADDRESSEE)
        .bind(user)
        .bind(report)
        .fetch_optional(pool)
        .await)
}
