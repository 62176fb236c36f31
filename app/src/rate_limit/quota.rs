//! How much is allowed, and how much of it is left. A minute begins with the first request that is counted in it; when it is
//! over, the next one begins with a whole quota.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::database::UserId;

/// What a quota is counted over.
pub const MINUTE: Duration = Duration::from_secs(60);

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Requests a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    pub of_user: u32,
    pub of_address: u32,
}

/// Whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whom {
    User(UserId),
    Address(IpAddr),
}

impl Whom {
    /// An address as it is counted: of IPv6 a whole subnet, because everybody has one.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let subnet = address.to_bits() & !u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from_bits(subnet))
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }

    /// As the measurements name it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Address(_) => "address",
        }
    }
}

impl Quotas {
    pub const fn of(self, whom: Whom) -> u32 {
        match whom {
            Whom::User(_) => self.of_user,
            Whom::Address(_) => self.of_address,
        }
    }
}

/// What one request found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub limit: u32,
    /// This request among them.
    pub used: u32,
    /// Until the minute is over.
    pub resets_in: Duration,
}

impl Count {
    pub const fn is_over(&self) -> bool {
        self.used > self.limit
    }

    /// Whole seconds, never fewer than until the minute is over.
    pub fn seconds(&self) -> u64 {
        self.resets_in.as_secs() + u64::from(self.resets_in.subsec_nanos() > 0)
    }

    /// Says it in the answer, as draft-ietf-httpapi-ratelimit-headers-06 has it.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let remaining = self.limit.saturating_sub(self.used);
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(remaining));
        headers.insert(RESET, HeaderValue::from(self.seconds()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_of_ipv6_is_one_and_a_mapped_address_is_its_own() {
        let at = |text: &str| Whom::at(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn the_wait_is_never_told_too_short() {
        let count = |millis| Count {
            limit: 1,
            used: 2,
            resets_in: Duration::from_millis(millis),
        };
        assert_eq!(count(1).seconds(), 1);
        assert_eq!(count(2000).seconds(), 2);
    }
}
