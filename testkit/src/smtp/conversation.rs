//! One client: greeting, envelope, mail, as RFC 5321 has it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Result, ensure};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::server::{Behaviour, ReceivedMail, Shared, held};
use crate::certificates::Issued;

/// How the server proves its name.
pub(super) type Tls = Arc<ServerConfig>;

/// A client that says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn tls(certificate: &Issued) -> Result<Tls> {
    let chain = CertificateDer::pem_slice_iter(certificate.certificate.as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

/// Talks until the client leaves.
pub(super) fn hold(stream: TcpStream, shared: &Shared, tls: Option<Tls>) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    match tls {
        None => talk(stream, shared),
        Some(tls) => talk(
            StreamOwned::new(ServerConnection::new(tls)?, stream),
            shared,
        ),
    }
}

fn talk(stream: impl Read + Write, shared: &Shared) -> Result<()> {
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 a mail server of a test")?;
    let (mut from, mut to) = (String::new(), Vec::new());
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 || shared.ending.load(Ordering::SeqCst) {
            return Ok(());
        }
        let word = line.trim_end().to_ascii_uppercase();
        let behaviour = *held(&shared.behaviour);
        if word == "QUIT" {
            return say(&mut stream, "221 bye");
        }
        if behaviour == Behaviour::Busy {
            return say(&mut stream, "421 busy, come again later");
        }
        if word.starts_with("MAIL FROM:") {
            from = address(&line);
            to.clear();
            say(&mut stream, "250 ok")?;
        } else if word.starts_with("RCPT TO:") {
            if behaviour == Behaviour::Refuses {
                say(&mut stream, "550 no such mailbox")?;
                continue;
            }
            to.push(address(&line));
            say(&mut stream, "250 ok")?;
        } else if word == "DATA" {
            say(&mut stream, "354 go on")?;
            let data = data(&mut stream)?;
            let (from, to) = (from.clone(), to.clone());
            held(&shared.kept).push(ReceivedMail { from, to, data });
            match *held(&shared.behaviour) {
                Behaviour::HangsUpAfterData => return Ok(()),
                Behaviour::TakesLate(pause) => std::thread::sleep(pause),
                _ => {}
            }
            say(&mut stream, "250 kept")?;
        } else {
            // Extensions are none of a test's business, and to everything else the answer is yes.
            say(&mut stream, "250 ok")?;
        }
    }
}

fn data(stream: &mut impl BufRead) -> Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        ensure!(
            stream.read_line(&mut line)? > 0,
            "the client left in its mail"
        );
        if line.trim_end() == "." {
            return Ok(data);
        }
        // A dot at the beginning was doubled by the client.
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn address(line: &str) -> String {
    let from = line.find('<').map_or(0, |at| at + 1);
    let until = line.find('>').unwrap_or(line.len());
    line.get(from..until).unwrap_or_default().to_owned()
}

fn say(stream: &mut BufReader<impl Read + Write>, line: &str) -> Result<()> {
    let stream = stream.get_mut();
    stream.write_all(format!("{line}\r\n").as_bytes())?;
    Ok(stream.flush()?)
}
