//! Why a question has no answer that can be used, and how it is told.

use std::error::Error;

use opsctl_core::Failure;

use crate::status::Status;

/// Why there is no answer.
#[derive(Debug)]
pub enum Trouble {
    /// Nobody took the question: nothing can have happened.
    Unheard(String),
    /// It was sent, and the answer was lost.
    Unanswered(String),
    /// The server's certificate is none that we trust.
    Untrusted(String),
    /// We have no credentials, or the server hung up on them.
    Credentials(String),
    /// The server said no.
    Refused(Box<Status>),
    /// What came is none of Kubernetes' answers.
    Garbled(String),
    /// The right to ask ended meanwhile.
    Stopped(Box<Failure>),
}

impl Trouble {
    /// By what the connection broke with.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let chain: Vec<_> = chain(error).collect();
        let words = told(&chain);
        let tls = chain.iter().find_map(|error| error.downcast_ref());
        if let Some(tls) = tls {
            return Self::of_tls(tls, words);
        }
        let credentials = chain.iter().find_map(|error| error.downcast_ref());
        if let Some(credentials) = credentials {
            return Self::Credentials(of_plugin(credentials));
        }
        let client = chain
            .iter()
            .find_map(|error| error.downcast_ref::<hyper_util::client::legacy::Error>());
        match client {
            Some(client) if client.is_connect() => Self::Unheard(words),
            _ => Self::Unanswered(words),
        }
    }

    fn of_tls(error: &rustls::Error, words: String) -> Self {
        use rustls::AlertDescription as Alert;
        match error {
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                Self::Untrusted(error.to_string())
            }
            rustls::Error::AlertReceived(
                Alert::BadCertificate
                | Alert::CertificateExpired
                | Alert::CertificateRequired
                | Alert::CertificateRevoked
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied,
            ) => Self::Credentials(error.to_string()),
            _ => Self::Unheard(words),
        }
    }

    /// Whether the question may have been taken although there was no answer.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::Unanswered(_) => true,
            Self::Refused(status) => matches!(status.code, 500 | 502 | 504),
            _ => false,
        }
    }

    /// The code of a server's no.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Refused(status) => Some(status.code),
            _ => None,
        }
    }

    /// A watch can't go on from where it was.
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Refused(status) if status.is_expired())
    }

    /// In a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Unheard(words)
            | Self::Unanswered(words)
            | Self::Untrusted(words)
            | Self::Credentials(words)
            | Self::Garbled(words) => words.clone(),
            Self::Refused(status) => status.message(),
            Self::Stopped(failure) => failure.to_string(),
        }
    }
}

/// A plugin's output may hold a token: of what it printed only what it complained of is told.
fn of_plugin(error: &kube::client::AuthError) -> String {
    use kube::client::AuthError::AuthExecRun;
    match error {
        AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            format!("{}: {}", out.status, said.trim())
        }
        other => other.to_string(),
    }
}

/// Outermost first. An input/output error hides what it wraps from `source`.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), inner)
}

fn inner<'a>(error: &&'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let error: &'a (dyn Error + 'static) = *error;
    let wrapped = error.downcast_ref::<std::io::Error>();
    match wrapped.and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// The innermost says what is the matter, the others in which part of the machinery.
fn told(chain: &[&(dyn Error + 'static)]) -> String {
    chain.last().map(ToString::to_string).unwrap_or_default()
}
