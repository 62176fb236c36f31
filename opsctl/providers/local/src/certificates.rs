//! Certificates of pods on one machine, where no cert-manager is: an authority that stays in the environment's folder, and what it
//! vouches for. Says when a certificate is due; whoever deploys puts the new one in its place, and app takes it up while it runs.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use opsctl_core::clock::Timestamp;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::Duration;
use x509_parser::pem::parse_x509_pem;

use crate::state::create_new;

/// How long an authority is good; it ends with the environment's folder, long before.
const OF_AUTHORITY: Duration = Duration::days(3650);
/// How long a certificate is good. It is due when a third of that is left, as under cert-manager.
const OF_CERTIFICATE: Duration = Duration::days(90);
/// Clocks differ.
const BEFORE: Duration = Duration::hours(1);

/// The authority of one environment: `keys/pods.pem`, its key and its certificate.
#[derive(Debug, Clone)]
pub struct PodAuthority {
    path: PathBuf,
}

/// What a pod proves its name with, and what others believe it by; each is PEM.
#[derive(Debug)]
pub struct PodCertificate {
    /// `tls.crt`
    pub certificate: String,
    /// `tls.key`
    pub key: Secret<String>,
    /// `ca.crt`
    pub authority: String,
}

impl PodAuthority {
    /// The authority of the environment whose folder is `environment`; made when it first issues.
    #[must_use]
    pub fn below(environment: &Path) -> Self {
        Self {
            path: environment.join("keys/pods.pem"),
        }
    }

    /// A certificate under these names.
    ///
    /// # Errors
    /// When the authority can neither be read nor made, or a name is none.
    pub fn issue(&self, names: &[String], now: Timestamp) -> Result<PodCertificate> {
        let (key, authority) = self.load_or_make(now)?;
        let failed = |error: rcgen::Error| self.failure("can't issue").because(error);
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.not_before = now.0 - BEFORE;
        params.not_after = now.0 + OF_CERTIFICATE;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let own = KeyPair::generate().map_err(failed)?;
        let issuer = Issuer::new(authority_params(now).map_err(failed)?, key);
        let certificate = params.signed_by(&own, &issuer).map_err(failed)?;
        Ok(PodCertificate {
            certificate: certificate.pem(),
            key: Secret::new(own.serialize_pem()),
            authority,
        })
    }

    fn load_or_make(&self, now: Timestamp) -> Result<(KeyPair, String)> {
        let failed = |error: rcgen::Error| self.failure("can't be made").because(error);
        let key = KeyPair::generate().map_err(failed)?;
        let params = authority_params(now).map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?.pem();
        let text = Secret::new(format!("{}{certificate}", key.serialize_pem()));
        match create_new(&self.path, text.expose().as_bytes()) {
            Ok(()) => Ok((key, certificate)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.load(),
            Err(error) => Err(self.failure("can't be made").because(error)),
        }
    }

    fn load(&self) -> Result<(KeyPair, String)> {
        let text = std::fs::read_to_string(&self.path)
            .map(Secret::new)
            .map_err(|error| self.failure("can't be read").because(error))?;
        let begin = text.expose().find("-----BEGIN CERTIFICATE-----");
        let begin = begin.ok_or_else(|| self.failure("holds no certificate"))?;
        let (key, certificate) = text.expose().split_at(begin);
        let key =
            KeyPair::from_pem(key).map_err(|error| self.failure("holds no key").because(error))?;
        Ok((key, certificate.to_owned()))
    }

    fn failure(&self, what: &str) -> Failure {
        let path = self.path.display();
        Failure::failed(format!("the authority of pods {path} {what}"))
            .left("no certificate was issued")
            .hint(format!(
                "mv {path} {path}.old, and deploy again: pods get certificates of a new authority"
            ))
    }
}

/// The same at each start but for its times, which nobody who is vouched for repeats.
fn authority_params(now: Timestamp) -> std::result::Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params
        .distinguished_name
        .push(DnType::CommonName, "pods of this environment");
    params.not_before = now.0 - BEFORE;
    params.not_after = now.0 + OF_AUTHORITY;
    Ok(params)
}

/// Whether it is time for another one: a third is left, or it cannot be read.
#[must_use]
pub fn is_due(certificate: &str, now: Timestamp) -> bool {
    let Ok((_, pem)) = parse_x509_pem(certificate.as_bytes()) else {
        return true;
    };
    let Ok(certificate) = pem.parse_x509() else {
        return true;
    };
    let validity = certificate.validity();
    let (begin, end) = (
        validity.not_before.timestamp(),
        validity.not_after.timestamp(),
    );
    now.0.unix_timestamp() >= end - (end - begin) / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u64) -> Timestamp {
        let begin = Timestamp::parse("2026-11-27T00:00:00Z").unwrap();
        begin.plus(std::time::Duration::from_secs(number * 24 * 3600))
    }

    fn names() -> Vec<String> {
        ["auth", "auth.platform.svc"].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_authority_stays_and_vouches_for_all_that_it_issues() {
        let folder = tempfile::tempdir().unwrap();
        let authority = PodAuthority::below(folder.path());
        let first = authority.issue(&names(), day(0)).unwrap();
        let second = authority.issue(&names(), day(60)).unwrap();
        assert_eq!(first.authority, second.authority);
        assert_ne!(first.certificate, second.certificate);
        for issued in [first, second] {
            let (_, vouching) = parse_x509_pem(issued.authority.as_bytes()).unwrap();
            let (_, vouched) = parse_x509_pem(issued.certificate.as_bytes()).unwrap();
            let (vouching, vouched) = (
                vouching.parse_x509().unwrap(),
                vouched.parse_x509().unwrap(),
            );
            assert_eq!(vouching.subject(), vouched.issuer());
            assert!(vouching.is_ca() && !vouched.is_ca());
        }
    }

    #[test]
    fn a_certificate_is_due_when_a_third_is_left_or_nobody_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let issued = PodAuthority::below(folder.path())
            .issue(&names(), day(0))
            .unwrap();
        assert!(!is_due(&issued.certificate, day(59)));
        assert!(is_due(&issued.certificate, day(61)));
        assert!(is_due("nothing", day(0)));
    }

    #[test]
    fn an_authority_that_is_damaged_is_told_with_what_helps() {
        let folder = tempfile::tempdir().unwrap();
        let authority = PodAuthority::below(folder.path());
        create_new(&authority.path, b"half of one").unwrap();
        let failure = authority.issue(&names(), day(0)).unwrap_err();
        assert!(failure.hints[0].starts_with("mv "), "{failure:?}");
    }
}
