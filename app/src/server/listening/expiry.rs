//! Until when the certificate in use is good, as a measurement: whoever watches is told before clients are turned away.

use metrics::{describe_gauge, gauge};
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

const NOT_AFTER: &str = "tls_certificate_not_after_seconds";

/// Shows the end of the first certificate of the chain.
pub(super) fn show(chain: &[CertificateDer<'_>]) {
    if let Some(end) = chain.first().and_then(|first| not_after(first)) {
        describe_gauge!(
            NOT_AFTER,
            "When the certificate in use ends, in seconds since 1970"
        );
        // Exact until the year 285 million.
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        gauge!(NOT_AFTER).set(end as f64);
    }
}

/// Seconds since 1970.
fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_rest, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(parsed.validity().not_after.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rustls::pki_types::pem::PemObject;
    use testkit::certificates::Authority;

    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let authority = Authority::new().unwrap();
        let issued = authority.issue_until(&["localhost"], 2031).unwrap();
        let certificate = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap();
        // 2031-01-01T00:00:00Z.
        assert_eq!(not_after(&certificate), Some(1_924_992_000));
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        assert_eq!(not_after(&CertificateDer::from(vec![1, 2, 3])), None);
    }
}
