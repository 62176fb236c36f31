//! Sends mails by SMTP. The way out is a secret, picked up while running: each mail takes the one that is known then.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::{Console, Mail, MailError, Mailer};
use crate::config::{MailSettings, SMTP_URL, Secret, Strictness, is_encrypted};
use crate::secrets::Live;

/// For each exchange with the mail server.
const PATIENCE: Duration = Duration::from_secs(8);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// A mail server, or the log where development names none.
#[derive(Debug)]
pub struct Smtp {
    settings: MailSettings,
    secrets: Live,
    way: Mutex<Option<(Secret, Transport)>>,
}

impl Smtp {
    pub fn new(settings: MailSettings, secrets: Live) -> Self {
        Self {
            settings,
            secrets,
            way: Mutex::default(),
        }
    }

    /// The same as for the mail before, unless another way was told since.
    fn way(&self, url: &Secret) -> Result<Transport, MailError> {
        let mut way = self
            .way
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((told, transport)) = &*way
            && told == url
        {
            return Ok(transport.clone());
        }
        let transport = self.open(url)?;
        *way = Some((url.clone(), transport.clone()));
        Ok(transport)
    }

    fn open(&self, url: &Secret) -> Result<Transport, MailError> {
        let url = url.reveal();
        if self.settings.strictness == Strictness::Guarded && !is_encrypted(url) {
            return Err(MailError::Failed("SMTP_URL is not encrypted".into()));
        }
        // The parser's own message might repeat the URL.
        let unusable = |_| MailError::Failed("SMTP_URL cannot be used".into());
        let mut builder = Transport::from_url(url).map_err(unusable)?;
        builder = builder.timeout(Some(PATIENCE));
        if let Some(tls) = self.tls(url)? {
            builder = builder.tls(tls);
        }
        Ok(builder.build())
    }

    /// Where an authority was named; else what the URL says holds.
    fn tls(&self, url: &str) -> Result<Option<Tls>, MailError> {
        let (Some(ca), true) = (&self.settings.ca, is_encrypted(url)) else {
            return Ok(None);
        };
        let broken = |why: String| MailError::Failed(format!("SMTP_CA cannot be used: {why}"));
        let pem = std::fs::read(ca).map_err(|error| broken(error.to_string()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| broken(error.to_string()))?;
        let host = host(url).ok_or_else(|| broken("SMTP_URL names no server".into()))?;
        let parameters = TlsParameters::builder(host)
            .add_root_certificate(certificate)
            .build()
            .map_err(|error| broken(error.to_string()))?;
        Ok(Some(match url.starts_with("smtps://") {
            true => Tls::Wrapper(parameters),
            false => Tls::Required(parameters),
        }))
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let to: Address = mail
            .to
            .parse()
            .map_err(|_| MailError::Refused("the address is none that a mail can go to".into()))?;
        let from = &self.settings.from;
        let letter = &mail.letter;
        let id = format!("<{}@{}>", identifier(&mail.id), from.email.domain());
        let mut message = Message::builder()
            .from(from.clone())
            .message_id(Some(id))
            .subject(one_line(&letter.subject));
        let mut text = letter.text.clone();
        match self.settings.only_to.as_slice() {
            [] => message = message.to(Mailbox::new(None, to)),
            instead => {
                text = format!("(staging: this would have gone to {to})\n\n{text}");
                for address in instead {
                    message = message.to(Mailbox::new(None, address.clone()));
                }
            }
        }
        message
            .multipart(MultiPart::alternative_plain_html(text, letter.html.clone()))
            .map_err(|error| MailError::Refused(error.to_string()))
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let Some(url) = self.secrets.now().current(SMTP_URL).cloned() else {
            return match self.settings.strictness {
                Strictness::Lenient => Console.send(mail).await,
                Strictness::Guarded => Err(MailError::Failed("SMTP_URL is not set".into())),
            };
        };
        let message = self.message(mail)?;
        match self.way(&url)?.send(message).await {
            Ok(_taken) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(told(&error))),
            Err(error) => Err(MailError::Failed(told(&error))),
        }
    }
}

/// An error with its causes, in one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    one_line(&text)
}

/// Without anything that could begin another header.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

fn identifier(text: &str) -> String {
    let harmless =
        |character: &char| character.is_ascii_alphanumeric() || "._-".contains(*character);
    text.chars().filter(harmless).collect()
}

fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?']).next()?;
    let place = authority.rsplit('@').next()?;
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::letters;
    use crate::secrets::Secrets;

    fn smtp(only_to: &[&str]) -> Smtp {
        let settings = MailSettings {
            from: "Platform <app@example.com>".parse().unwrap(),
            only_to: only_to.iter().map(|text| text.parse().unwrap()).collect(),
            ca: None,
            strictness: Strictness::Lenient,
        };
        Smtp::new(settings, Live::new(Secrets::default()))
    }

    fn mail(to: &str, subject: &str) -> Mail {
        let words = ["Hello\r\nBcc: them@example.com".to_owned()];
        Mail {
            to: to.into(),
            id: "1\r\nBcc: <them@example.com>".into(),
            letter: letters::letter(subject, &words),
        }
    }

    fn headers(message: &Message) -> String {
        let text = String::from_utf8(message.formatted()).unwrap();
        text.split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn nothing_that_is_told_becomes_a_header() {
        let subject = "Hello\r\nBcc: them@example.com\n\nNo text";
        let message = smtp(&[]).message(&mail("me@example.com", subject)).unwrap();
        let headers = headers(&message);
        let names = headers.lines().filter_map(|line| line.split_once(':'));
        assert!(
            !names.into_iter().any(|(name, _)| name == "Bcc"),
            "{headers}"
        );
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn an_address_that_is_none_is_refused_for_good() {
        for to in [
            "",
            "me",
            "me@example.com\r\nRCPT TO:<them@example.com>",
            "a@b, c@d",
            "<a@b>",
        ] {
            let refused = smtp(&[]).message(&mail(to, "Hello"));
            assert!(matches!(refused, Err(MailError::Refused(_))), "{to:?}");
        }
    }

    #[test]
    fn staging_writes_to_its_own_addresses_alone() {
        let smtp = smtp(&["qa@example.com", "dev@example.com"]);
        let message = smtp.message(&mail("me@example.org", "Hello")).unwrap();
        let to: Vec<String> = message
            .envelope()
            .to()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(to, ["qa@example.com", "dev@example.com"]);
        assert!(!headers(&message).contains("me@example.org"));
    }

    #[test]
    fn the_server_is_found_in_the_url() {
        let url = "smtp://user:p%40ss@mail.example:587/name?tls=required";
        assert_eq!(host(url).as_deref(), Some("mail.example"));
        assert_eq!(
            host("smtps://mail.example").as_deref(),
            Some("mail.example")
        );
        assert_eq!(host("smtps://"), None);
    }
}
