//! Ports for servers that cannot choose one themselves.

use std::net::TcpListener;

/// A port that nobody listens on at this moment; somebody else may take it in the next, so that a start is tried again.
///
/// # Errors
/// When the machine has none left.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// As many as are wanted, no two of them the same.
///
/// # Errors
/// When the machine has not that many left.
pub fn free_ports<const WANTED: usize>() -> std::io::Result<[u16; WANTED]> {
    let mut held = Vec::new();
    let mut ports = [0; WANTED];
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}
