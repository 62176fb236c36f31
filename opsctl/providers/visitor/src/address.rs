//! The address as it is given: scheme, host, port.

use opsctl_core::{Failure, Result};

/// Where clients go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `https://app.example.com`, without a slash at its end.
    pub text: String,
    /// True for HTTPS.
    pub encrypted: bool,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// Reads one.
    ///
    /// # Errors
    /// Usage, when it is none.
    pub fn read(text: &str) -> Result<Self> {
        let refused = |why: &str| {
            Failure::usage(format!("'{text}' is no address of a service"))
                .cause(why)
                .hint("give --url as https://app.example.com, or http://127.0.0.1:8000")
        };
        let uri = text
            .parse::<hyper::Uri>()
            .map_err(|error| refused("it is no URL").because(error))?;
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(refused("it begins with neither https:// nor http://")),
        };
        if uri.authority().is_some_and(|at| at.as_str().contains('@')) {
            return Err(refused("it holds a login"));
        }
        if !matches!(uri.path(), "" | "/") {
            return Err(refused("it has a path"));
        }
        let host = uri.host().ok_or_else(|| refused("it names no host"))?;
        let usual = if encrypted { 443 } else { 80 };
        Ok(Self {
            text: text.trim_end_matches('/').to_owned(),
            encrypted,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(usual),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_a_host_and_perhaps_a_port() {
        let address = Address::read("https://app.example.com/").unwrap();
        assert_eq!(
            (address.host.as_str(), address.port),
            ("app.example.com", 443)
        );
        let address = Address::read("http://127.0.0.1:8000").unwrap();
        assert_eq!((address.encrypted, address.port), (false, 8000));
        assert_eq!(Address::read("http://[::1]:8000").unwrap().host, "::1");
    }

    #[test]
    fn what_is_no_address_is_refused_and_a_login_is_not_repeated() {
        for text in [
            "app.example.com",
            "ftp://a",
            "https://a/path",
            "https://me:word@a",
        ] {
            let failure = Address::read(text).unwrap_err();
            assert!(!format!("{failure:?}").contains("word"), "{failure}");
        }
    }
}
