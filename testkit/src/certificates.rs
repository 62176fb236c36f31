//! Certificates for tests: an authority of one's own, and what it vouches for. Never to be trusted outside a test.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};

/// Signs certificates.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key, as PEM.
#[derive(Clone)]
pub struct Issued {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    /// A new one, that nobody knows yet.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority of a test");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self { issuer })
    }

    /// Its own certificate, for those who are to trust it.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate of a server under these names (DNS names or addresses).
    ///
    /// # Errors
    /// When a name is none.
    pub fn issue(&self, names: &[&str]) -> Result<Issued> {
        self.sign(Self::params(names)?)
    }

    /// The same, of one who is asked and asks others.
    ///
    /// # Errors
    /// As [`Authority::issue`].
    pub fn issue_to_a_peer(&self, names: &[&str]) -> Result<Issued> {
        let mut params = Self::params(names)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params)
    }

    /// The same, good until a year begins.
    ///
    /// # Errors
    /// As [`Authority::issue`].
    pub fn issue_until(&self, names: &[&str], year: i32) -> Result<Issued> {
        let mut params = Self::params(names)?;
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        self.sign(params)
    }

    fn params(names: &[&str]) -> Result<CertificateParams> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Ok(CertificateParams::new(names)?)
    }

    fn sign(&self, mut params: CertificateParams) -> Result<Issued> {
        params.use_authority_key_identifier_extension = true;
        let servers = ExtendedKeyUsagePurpose::ServerAuth;
        params.extended_key_usages.push(servers);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Issued {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

impl Issued {
    /// As `tls.crt` and `tls.key` into a folder, each in one step; the key is closed to others.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        for (name, text) in [("tls.crt", &self.certificate), ("tls.key", &self.key)] {
            let temporary = folder.join(format!("{name}.new"));
            fs::write(&temporary, text)?;
            fs::set_permissions(&temporary, fs::Permissions::from_mode(0o600))?;
            fs::rename(temporary, folder.join(name))?;
        }
        Ok(())
    }
}
