//! The server as tests see it.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use anyhow::Result;

use super::conversation;
use crate::certificates::Issued;

/// What the server does with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Keeps it and says so.
    Takes,
    /// Keeps it and says so this much later.
    TakesLate(Duration),
    /// Answers `421` to everything: come again later.
    Busy,
    /// Answers `550` to each recipient: never.
    Refuses,
    /// Keeps it and hangs up before saying so.
    HangsUpAfterData,
}

/// A mail that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    /// From the envelope.
    pub from: String,
    /// From the envelope.
    pub to: Vec<String>,
    /// Headers and body, as they came.
    pub data: String,
}

impl ReceivedMail {
    /// A header's value; lines that go on are joined.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let mut value: Option<String> = None;
        for line in self.data.lines().take_while(|line| !line.is_empty()) {
            match (&mut value, line.starts_with([' ', '\t'])) {
                (Some(value), true) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (Some(_), false) => break,
                (None, _) => {
                    let (found, rest) = line.split_once(':')?;
                    value = found
                        .eq_ignore_ascii_case(name)
                        .then(|| rest.trim().to_owned());
                }
            }
        }
        value
    }
}

pub(super) struct Shared {
    pub behaviour: Mutex<Behaviour>,
    pub kept: Mutex<Vec<ReceivedMail>>,
    pub ending: AtomicBool,
}

/// A mail server that belongs to one test; it ends when dropped.
pub struct Smtp {
    address: SocketAddr,
    encrypted: bool,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

impl Smtp {
    /// Starts one that speaks in the clear.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> Result<Self> {
        Self::listen(None)
    }

    /// Starts one that speaks TLS from the first byte, as `smtps://` has it.
    ///
    /// # Errors
    /// When the certificate can't be used or no port can be had.
    pub fn start_encrypted(certificate: &Issued) -> Result<Self> {
        Self::listen(Some(conversation::tls(certificate)?))
    }

    fn listen(tls: Option<conversation::Tls>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Behaviour::Takes),
            kept: Mutex::default(),
            ending: AtomicBool::new(false),
        });
        let (address, encrypted) = (listener.local_addr()?, tls.is_some());
        let theirs = Arc::clone(&shared);
        let listening = std::thread::spawn(move || accept(&listener, &theirs, tls.as_ref()));
        Ok(Self {
            address,
            encrypted,
            shared,
            listening: Some(listening),
        })
    }

    /// `smtp://127.0.0.1:port`, or `smtps://localhost:port`.
    #[must_use]
    pub fn url(&self) -> String {
        let port = self.address.port();
        match self.encrypted {
            true => format!("smtps://localhost:{port}"),
            false => format!("smtp://127.0.0.1:{port}"),
        }
    }

    /// What it does from now on, in conversations that have begun as well.
    pub fn behave(&self, behaviour: Behaviour) {
        *held(&self.shared.behaviour) = behaviour;
    }

    /// What it was given so far, in that order.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        held(&self.shared.kept).clone()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // Wakes the listener, which then looks.
        drop(TcpStream::connect(self.address));
        if let Some(listening) = self.listening.take() {
            drop(listening.join());
        }
    }
}

pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, tls: Option<&conversation::Tls>) {
    for stream in listener.incoming() {
        if shared.ending.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let (shared, tls) = (Arc::clone(shared), tls.cloned());
        // A client that leaves ends its conversation, and nothing else.
        std::thread::spawn(move || drop(conversation::hold(stream, &shared, tls)));
    }
}
