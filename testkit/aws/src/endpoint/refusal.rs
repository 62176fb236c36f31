//! What a service says instead of doing it.

/// A refusal as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// As on the wire, which is not always the name of the documented shape.
    pub code: String,
    pub status: u16,
    pub message: String,
}

impl Refusal {
    /// The client's fault: status 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            status: 400,
            message: message.into(),
        }
    }

    /// What is asked for is not there: status 404.
    pub fn not_found(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status: 404,
            ..Self::new(code, message)
        }
    }

    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Something behind the service went wrong; no client is to blame.
    pub fn internal(error: &anyhow::Error) -> Self {
        Self::new("InternalFailure", format!("behind the service: {error:#}")).with_status(500)
    }

    /// Whose fault it is, as XML has it.
    pub fn side(&self) -> &'static str {
        if self.status >= 500 {
            "Receiver"
        } else {
            "Sender"
        }
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::internal(&error)
    }
}
