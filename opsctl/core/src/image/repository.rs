//! Where images are kept: a registry and a path in it, as Docker's reference grammar writes them.

use std::fmt;
use std::str::FromStr;

use crate::failure::{Failure, Result};

/// A repository: `<registry>/<path>`. What Docker leaves out is filled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    registry: String,
    path: String,
}

impl Repository {
    const DEFAULT_REGISTRY: &str = "docker.io";
    const DEFAULT_FOLDER: &str = "library";

    /// The registry's host, with its port where it has one.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path in the registry.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the registry runs on this machine: the only ones that may be spoken to in the clear.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        let host = match self.registry.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => self.registry.split(':').next().unwrap_or(&self.registry),
        };
        let address = host.parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// The first part is a host when it can't be a folder.
fn is_host(part: &str) -> bool {
    part == "localhost"
        || part.contains(['.', ':', '['])
        || part.chars().any(|c| c.is_ascii_uppercase())
}

fn fault_in_host(host: &str) -> Option<&'static str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, after)) if address.parse::<std::net::Ipv6Addr>().is_ok() => {
                match after.strip_prefix(':') {
                    Some(port) => (None, Some(port)),
                    None if after.is_empty() => (None, None),
                    None => return Some("after the address only a port may follow"),
                }
            }
            _ => return Some("the address between brackets is none"),
        },
        None => match host.split_once(':') {
            Some((name, port)) => (Some(name), Some(port)),
            None => (Some(host), None),
        },
    };
    let label = |label: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !label.is_empty()
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    match (name, port) {
        (Some(name), _) if !name.split('.').all(label) => Some("the registry's host is none"),
        (_, Some(port)) if port.parse::<u16>().is_err() => Some("the registry's port is none"),
        _ => None,
    }
}

/// Lower-case letters and digits, with single separators (`.`, `_`, `__`, any dashes) between them.
fn is_component(part: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let separators = part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let separator =
        |text: &str| matches!(text, "" | "." | "_" | "__") || text.bytes().all(|b| b == b'-');
    part.bytes().next().is_some_and(letter)
        && part.bytes().last().is_some_and(letter)
        && separators.into_iter().all(separator)
}

impl FromStr for Repository {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Failure::usage(format!("'{}' is not a repository", text.escape_debug()))
                .cause(why)
                .hint("write it as registry.example.com/team/app")
        };
        let (registry, path) = match text.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path.to_owned()),
            _ => (Self::DEFAULT_REGISTRY, text.to_owned()),
        };
        if let Some(fault) = fault_in_host(registry) {
            return Err(wrong(fault));
        }
        if !path.split('/').all(is_component) {
            return Err(wrong(
                "each part of its path is lower-case letters and digits, parted by '.', '_', '__' or dashes",
            ));
        }
        if path.len() > 255 {
            return Err(wrong("its path is longer than 255 characters"));
        }
        let alone = registry == Self::DEFAULT_REGISTRY && !path.contains('/');
        let path = match alone {
            true => format!("{}/{path}", Self::DEFAULT_FOLDER),
            false => path,
        };
        let registry = registry.to_owned();
        Ok(Self { registry, path })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl serde::Serialize for Repository {
    fn serialize<S: serde::Serializer>(&self, into: S) -> std::result::Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Repository {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let parsed: Repository = text.parse().unwrap();
        (parsed.registry, parsed.path)
    }

    #[test]
    fn what_docker_leaves_out_is_filled_in() {
        for (text, registry, path) in [
            ("app", "docker.io", "library/app"),
            ("team/app", "docker.io", "team/app"),
            ("localhost/app", "localhost", "app"),
            ("localhost:5000/a/b", "localhost:5000", "a/b"),
            ("127.0.0.1:5000/app", "127.0.0.1:5000", "app"),
            ("[::1]:5000/app", "[::1]:5000", "app"),
            (
                "1.dkr.ecr.eu-west-1.example/app",
                "1.dkr.ecr.eu-west-1.example",
                "app",
            ),
            ("example.com/a_b/c__d/e--f", "example.com", "a_b/c__d/e--f"),
        ] {
            assert_eq!(parts(text), (registry.into(), path.into()), "{text}");
        }
    }

    #[test]
    fn what_the_grammar_does_not_know_is_refused() {
        for bad in [
            "",
            "/app",
            "app/",
            "a//b",
            "UPPER",
            "host.com/UPPER",
            "a..b",
            "a___b",
            "-a",
            "a-",
            "host.com:port/a",
            "host.com:70000/a",
            "http://host.com/a",
            "user:password@host.com/a",
            "a b",
            "../a",
            "-host.com/a",
        ] {
            assert!(bad.parse::<Repository>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        let local = |text: &str| text.parse::<Repository>().unwrap().is_on_this_machine();
        for near in [
            "localhost/a",
            "localhost:1/a",
            "127.0.0.1:5000/a",
            "127.1.2.3/a",
            "[::1]:5000/a",
        ] {
            assert!(local(near), "{near}");
        }
        for far in [
            "a",
            "localhost.example.com/a",
            "10.0.0.1:5000/a",
            "127.0.0.1.example.com/a",
        ] {
            assert!(!local(far), "{far}");
        }
    }
}
