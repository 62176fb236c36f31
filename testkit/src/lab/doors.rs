//! Ways between the machine and the lab: a port here that leads to one in there, and the other way round.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};

use super::namespace::Namespace;

/// Opens a port of this machine's loopback that leads to a port of the node; says which. Closed when the process ends.
pub fn inwards(namespace: &Arc<Namespace>, port: u16) -> Result<u16> {
    inwards_at(namespace, port, 0)
}

/// The same, at a port that is known beforehand.
pub fn inwards_at(namespace: &Arc<Namespace>, port: u16, here: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", here))
        .with_context(|| format!("the port {here} of this machine"))?;
    let here = listener.local_addr()?.port();
    let namespace = Arc::downgrade(namespace);
    thread::spawn(move || {
        serve(&listener, move || {
            let namespace = namespace.upgrade()?;
            namespace.connect(port).ok()
        });
    });
    Ok(here)
}

/// Opens a port of one of this machine's addresses that leads to a port of its loopback.
pub fn between(there: (Ipv4Addr, u16), here: u16) -> Result<()> {
    let listener = TcpListener::bind(there);
    let listener = listener.with_context(|| format!("the port {} of {}", there.1, there.0))?;
    lead_home(listener, here);
    Ok(())
}

/// Opens a port of the node that leads to a port of this machine's loopback.
pub fn outwards(namespace: &Arc<Namespace>, there: u16, here: u16) -> Result<()> {
    lead_home(namespace.listen(there)?, here);
    Ok(())
}

fn lead_home(listener: TcpListener, here: u16) {
    thread::spawn(move || {
        serve(&listener, move || {
            TcpStream::connect(("127.0.0.1", here)).ok()
        })
    });
}

/// Whom nobody answers is hung up on.
fn serve(listener: &TcpListener, call: impl Fn() -> Option<TcpStream> + Send + Sync + 'static) {
    let call = Arc::new(call);
    for caller in listener.incoming().flatten() {
        let call = Arc::clone(&call);
        thread::spawn(move || {
            if let Some(callee) = call() {
                let _over = join(caller, callee);
            }
        });
    }
}

fn join(caller: TcpStream, callee: TcpStream) -> io::Result<()> {
    caller.set_nodelay(true)?;
    callee.set_nodelay(true)?;
    let (from, to) = (caller.try_clone()?, callee.try_clone()?);
    let back = thread::spawn(move || carry(callee, caller));
    carry(from, to);
    let _ended = back.join();
    Ok(())
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    // However it ended, the other side hears of it.
    let _carried = io::copy(&mut from, &mut to);
    let _told = to.shutdown(Shutdown::Write);
}
