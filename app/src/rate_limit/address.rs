//! Where a request comes from. What a client says of itself counts only as far as every hop that passed it on is trusted.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Who may say on whose behalf they ask: `TRUSTED_PROXIES`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Addresses and subnets, comma between them.
    ///
    /// # Errors
    /// With the part that is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let subnet = |part: &str| {
            let address = part.parse::<IpAddr>().map(IpNet::from);
            address
                .or_else(|_| part.parse())
                .map_err(|_| part.to_owned())
        };
        parts.map(subnet).collect::<Result<_, _>>().map(Self)
    }

    fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|subnet| subnet.contains(&address))
    }

    /// The client: the peer, or what trusted hops say, read from the nearest to the farthest.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let lines = headers.get_all(FORWARDED_FOR).into_iter();
        let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops {
            if !self.trust(client) {
                break;
            }
            let Ok(address) = hop.trim().parse() else {
                break;
            };
            client = address;
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let proxies = Proxies::parse(proxies).unwrap();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_is_believed_nothing() {
        assert_eq!(client("", "192.0.2.1", &["198.51.100.9"]), "192.0.2.1");
        assert_eq!(
            client("10.0.0.0/8", "192.0.2.1", &["198.51.100.9"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn what_a_client_claims_behind_a_trusted_hop_is_not_believed_either() {
        let claimed = ["203.0.113.5, 198.51.100.9"];
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &claimed), "198.51.100.9");
        let lines = ["203.0.113.5", "198.51.100.9, 10.9.9.9"];
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &lines), "198.51.100.9");
    }

    #[test]
    fn where_a_trusted_hop_writes_nonsense_the_hop_itself_counts() {
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["unknown"]), "10.1.2.3");
        assert_eq!(client("::1", "::1", &["198.51.100.9, x"]), "::1");
    }

    #[test]
    fn subnets_and_addresses_are_read_and_nothing_else() {
        assert!(Proxies::parse("10.0.0.0/8, 192.0.2.1,2001:db8::/32").is_ok());
        assert_eq!(Proxies::parse("10.0.0.0/8,proxy"), Err("proxy".into()));
    }
}
