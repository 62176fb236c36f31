//! Writes mails into the log, for developers.

use async_trait::async_trait;

use super::{Mail, MailError, Mailer};

/// The log.
#[derive(Debug)]
pub struct Console;

#[async_trait]
impl Mailer for Console {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let (to, id) = (&mail.to, &mail.id);
        let (subject, text) = (&mail.letter.subject, &mail.letter.text);
        tracing::info!(
            to,
            id,
            subject,
            text,
            "a mail, which goes nowhere from here"
        );
        Ok(())
    }
}
