//! Offering old versions of TLS, which our own TLS has not learnt: the first message by hand, and whether it is taken up.

use std::time::Duration;

use opsctl_core::ports::TlsVersion;
use opsctl_core::{Failure, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::address::Address;

/// Who answers later than this does not answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Records and messages by their first byte (RFC 5246, 6.2.1 and 7.4).
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;

/// Suites that servers of those days took, and of today with 1.2.
const SUITES: [u16; 12] = [
    0xc02f, 0xc02b, 0xc030, 0xc02c, 0xc013, 0xc009, 0xc014, 0xc00a, 0x009c, 0x002f, 0x0035, 0x000a,
];

/// True when the server begins a session of that version; false when it refuses or hangs up.
///
/// # Errors
/// When it can't be reached, or what it says is no TLS.
pub async fn offer(address: &Address, version: TlsVersion) -> Result<bool> {
    let what = format!(
        "a handshake of TLS {} with {}",
        version.as_str(),
        address.text
    );
    if !address.encrypted {
        return Err(Failure::failed(format!(
            "{what} is none: it speaks in the clear"
        )));
    }
    let asking = async {
        let place = (address.host.as_str(), address.port);
        let mut stream = TcpStream::connect(place)
            .await
            .map_err(|error| Failure::failed(format!("{what} found nobody")).because(error))?;
        let hello = client_hello(&address.host, version);
        stream
            .write_all(&hello)
            .await
            .map_err(|error| Failure::failed(format!("{what} broke off")).because(error))?;
        let mut head = [0_u8; 11];
        match read(&mut stream, &mut head).await {
            // Hanging up is a refusal as well: it takes no session.
            0 => Ok(false),
            _ if head[0] == ALERT => Ok(false),
            11 if head[0] == HANDSHAKE && head[5] == SERVER_HELLO => {
                Ok(head[9..11] == wire(version))
            }
            _ => Err(Failure::failed(format!(
                "{what} was answered in something else than TLS"
            ))),
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, asking).await;
    in_time.unwrap_or_else(|_| Err(Failure::failed(format!("{what} has no answer"))))
}

/// As much as comes, up to the whole.
async fn read(stream: &mut TcpStream, into: &mut [u8]) -> usize {
    let mut filled = 0;
    while filled < into.len() {
        match stream.read(&mut into[filled..]).await {
            Ok(0) | Err(_) => break,
            Ok(count) => filled += count,
        }
    }
    filled
}

const fn wire(version: TlsVersion) -> [u8; 2] {
    match version {
        TlsVersion::V1_0 => [3, 1],
        TlsVersion::V1_1 => [3, 2],
        TlsVersion::V1_2 => [3, 3],
    }
}

/// The first message of a client (RFC 5246, 7.4.1.2). What is random in it protects nobody: no session follows.
fn client_hello(host: &str, version: TlsVersion) -> Vec<u8> {
    let mut body = wire(version).to_vec();
    body.extend([7; 32]);
    body.push(0);
    let suites: Vec<u8> = SUITES
        .iter()
        .flat_map(|suite| suite.to_be_bytes())
        .collect();
    body.extend(counted(&suites));
    body.extend([1, 0]);
    body.extend(counted(&extensions(host)));
    let mut message = vec![1, 0];
    message.extend(counted(&body));
    let mut record = vec![HANDSHAKE, 3, 1];
    record.extend(counted(&message));
    record
}

fn extensions(host: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let is_name = host.parse::<std::net::IpAddr>().is_err();
    if is_name {
        let mut name = vec![0];
        name.extend(counted(host.as_bytes()));
        all.extend(extension(0, &counted(&name)));
    }
    // Curves, the form of points, and signatures: RSA and ECDSA with SHA-256 and SHA-1.
    all.extend(extension(10, &counted(&[0, 29, 0, 23, 0, 24])));
    all.extend(extension(11, &[1, 0]));
    all.extend(extension(13, &counted(&[4, 1, 4, 3, 8, 4, 2, 1, 2, 3])));
    all
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut extension = kind.to_be_bytes().to_vec();
    extension.extend(counted(content));
    extension
}

/// With its length before it, in two bytes.
fn counted(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let mut counted = length.to_be_bytes().to_vec();
    counted.extend(content);
    counted
}
