//! A server that also speaks TLS, with a certificate of the test's own.

use anyhow::Result;

use super::Postgres;
use crate::certificates::Issued;

impl Postgres {
    /// As [`Postgres::start_with`], with this certificate; who comes in the clear is let in all the same.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_encrypted(certificate: &Issued, settings: &[(&str, &str)]) -> Result<Self> {
        let mut server = Self::prepare(settings)?;
        certificate.write(server.folder())?;
        for (setting, name) in [("ssl_cert_file", "tls.crt"), ("ssl_key_file", "tls.key")] {
            let path = server.folder().join(name);
            server.account().own(&path)?;
            server.set(setting, &path.display().to_string());
        }
        server.set("ssl", "on");
        server.begin()?;
        Ok(server)
    }
}
