//! Owns how connections come in: in the clear or over TLS, and with which certificate. Never looks at a request.

mod certificate;
mod expiry;
mod listener;
mod renewal;
mod stream;

pub use certificate::{Certificate, CertificateError};
pub use listener::Listening;
pub use renewal::renew;
pub use stream::Stream;
