//! How mails leave: `SMTP_URL`, `SMTP_CA`, `MAIL_FROM`, `MAIL_STAGING_TO`.

use std::path::PathBuf;

use lettre::Address;
use lettre::message::Mailbox;

use super::environment::Mail;
use super::variables::Variables;
use super::{ConfigError, Environment, Role, Strictness, registry};

/// Everything but `SMTP_URL`, which is a secret and read anew for each use.
#[derive(Debug, Clone)]
pub struct MailSettings {
    pub from: Mailbox,
    /// Who gets every mail in place of whom it is addressed to; empty: whom it is addressed to.
    pub only_to: Vec<Address>,
    /// Who vouches for the mail server, beside those whom the machine trusts.
    pub ca: Option<PathBuf>,
    pub strictness: Strictness,
}

pub(super) fn read(
    variables: &Variables<'_>,
    environment: Environment,
    role: Role,
) -> MailSettings {
    let strictness = environment.strictness();
    let guarded = strictness == Strictness::Guarded && role.works();
    if guarded {
        judge_url(variables, environment);
    }
    let profile = environment.profile().mail;
    let only_to = variables.parsed(registry::MAIL_STAGING_TO, Vec::new(), addresses);
    if profile == Mail::Staging && only_to.is_empty() && role.works() {
        let name = registry::MAIL_STAGING_TO;
        variables.find(ConfigError::Missing { name });
    }
    if profile != Mail::Staging && !only_to.is_empty() {
        let problem = "only staging turns mails away from whom they are addressed to";
        variables.find_invalid(registry::MAIL_STAGING_TO, problem);
    }
    if guarded && variables.text(registry::MAIL_FROM).is_none() {
        let name = registry::MAIL_FROM;
        variables.find(ConfigError::Missing { name });
    }
    let nobody = Mailbox::new(None, nobody());
    MailSettings {
        from: variables.parsed(registry::MAIL_FROM, nobody, sender),
        only_to,
        ca: variables.text(registry::SMTP_CA).map(PathBuf::from),
        strictness,
    }
}

/// Nobody, in a domain that will never exist.
fn nobody() -> Address {
    "app@app.invalid".parse().expect("it is an address")
}

fn judge_url(variables: &Variables<'_>, environment: Environment) {
    let name = registry::SMTP_URL;
    match variables.secret(name) {
        None => variables.find(ConfigError::Missing { name }),
        Some(url) if !is_encrypted(url.reveal()) => variables.find(ConfigError::Plaintext {
            name,
            environment: environment.as_str(),
            accepted: "smtps:// or smtp:// with tls=required".into(),
        }),
        Some(_) => {}
    }
}

/// Whether nobody between can read the mails on this way.
pub fn is_encrypted(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let modes: Vec<&str> = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("tls="))
        .collect();
    url.starts_with("smtps://") || (url.starts_with("smtp://") && modes == ["required"])
}

fn sender(text: &str) -> Result<Mailbox, ConfigError> {
    text.parse().map_err(|_| ConfigError::Invalid {
        name: registry::MAIL_FROM,
        problem: format!("{text:?} is no address, such as Platform <app@example.com>"),
    })
}

fn addresses(text: &str) -> Result<Vec<Address>, ConfigError> {
    let each = text.split(',').map(|one| one.trim().parse());
    each.collect::<Result<_, _>>()
        .map_err(|_| ConfigError::Invalid {
            name: registry::MAIL_STAGING_TO,
            problem: format!("{text:?} is no list of addresses with commas between them"),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_way_that_is_never_in_the_clear_is_encrypted() {
        for url in [
            "smtps://mail.example",
            "smtp://mail.example:587?tls=required",
        ] {
            assert!(is_encrypted(url), "{url}");
        }
        for url in [
            "smtp://mail.example",
            "smtp://mail.example?tls=opportunistic",
            "smtp://mail.example?tls=required&tls=opportunistic",
            "http://mail.example?tls=required",
        ] {
            assert!(!is_encrypted(url), "{url}");
        }
    }
}
