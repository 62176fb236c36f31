//! How the API server says no.

use serde::Deserialize;

/// How the API server says that it can't read an object.
const UNREADABLE: [&str; 2] = [
    "failed to create typed patch object",
    "failed to convert new object",
];

/// The `Status` that comes with a code of 400 and above.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    /// As HTTP has it.
    pub code: u16,
    /// One word for machines; not always there.
    pub reason: Option<String>,
    /// For people.
    pub message: Option<String>,
    /// What it is about.
    pub details: Option<Details>,
    /// For how many seconds it asks to be left alone.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// What a status is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The resource, as `namespaces`.
    pub kind: Option<String>,
    /// What is wrong in particular.
    pub causes: Option<Vec<Cause>>,
    /// As the header.
    #[serde(rename = "retryAfterSeconds")]
    pub retry_after_seconds: Option<u64>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// One word for machines.
    pub reason: Option<String>,
    /// For people.
    pub message: Option<String>,
}

impl Status {
    /// Reads an answer; one that is no `Status` (a proxy's page, a kubelet's line) keeps its words.
    pub fn read(code: u16, retry_after: Option<u64>, body: &[u8]) -> Self {
        let mut status = serde_json::from_slice::<Self>(body)
            .ok()
            .filter(|status| status.code != 0)
            .unwrap_or_else(|| Self {
                message: Some(String::from_utf8_lossy(body).trim().to_owned()),
                ..Self::default()
            });
        status.code = code;
        let told = status.details.as_ref();
        let told = told.and_then(|details| details.retry_after_seconds);
        status.retry_after = retry_after.or(told);
        status
    }

    /// Its word for machines, or nothing.
    pub fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or_default()
    }

    /// Its words for people, or at least the code.
    pub fn message(&self) -> String {
        match self.message.as_deref() {
            Some(message) if !message.is_empty() => message.to_owned(),
            _ => format!("HTTP {}", self.code),
        }
    }

    /// Whether its words hold these.
    pub fn says(&self, words: &str) -> bool {
        self.message
            .as_deref()
            .is_some_and(|message| message.contains(words))
            || self.causes().any(|cause| {
                let message = cause.message.as_deref();
                message.is_some_and(|message| message.contains(words))
            })
    }

    /// Whether one of its causes has that word for machines.
    pub fn has_cause(&self, reason: &str) -> bool {
        self.causes()
            .any(|cause| cause.reason.as_deref() == Some(reason))
    }

    /// The resource that it is about.
    pub fn about(&self) -> &str {
        let details = self.details.as_ref();
        details
            .and_then(|details| details.kind.as_deref())
            .unwrap_or_default()
    }

    /// The moment that was asked for is too old, or none of this server's: only a new list helps.
    pub fn is_expired(&self) -> bool {
        self.code == 410
            || self.reason() == "Expired"
            || self.has_cause("ResourceVersionTooLarge")
            || self.says("Too large resource version")
    }

    /// An object that can't even be read is answered like a fault of the server.
    pub fn blames_the_object(&self) -> bool {
        self.code == 500 && UNREADABLE.iter().any(|words| self.says(words))
    }

    fn causes(&self) -> impl Iterator<Item = &Cause> {
        let details = self.details.iter();
        details.flat_map(|details| details.causes.iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_status_keeps_its_words() {
        let status = Status::read(502, None, b"<html>no</html>\n");
        assert_eq!(
            (status.code, status.message().as_str()),
            (502, "<html>no</html>")
        );
        let empty = Status::read(503, Some(1), b"");
        assert_eq!(empty.message(), "HTTP 503");
        assert_eq!(empty.retry_after, Some(1));
    }

    #[test]
    fn a_moment_that_is_none_of_this_server_is_as_good_as_expired() {
        let body = br#"{"kind":"Status","code":504,"reason":"Timeout","message":"Timeout: Too large resource version: 9, current: 3",
            "details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1}}"#;
        let status = Status::read(504, None, body);
        assert!(status.is_expired());
        assert_eq!(status.retry_after, Some(1));
    }
}
