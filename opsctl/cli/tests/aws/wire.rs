//! A wire to a server that loses an answer: the server has carried out what was asked, and nobody is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The wire. Its threads end with the connections that they serve.
pub struct Wire {
    pub url: String,
    lost: Arc<AtomicUsize>,
}

/// What both directions of a connection know.
#[derive(Clone)]
struct Line {
    needle: &'static str,
    /// The request whose answer is lost is on its way.
    armed: Arc<AtomicBool>,
    lost: Arc<AtomicUsize>,
}

impl Wire {
    /// To that server; loses the first answer to a request with `needle` in it.
    pub fn losing(server: &str, needle: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = server.strip_prefix("http://").unwrap().to_owned();
        let lost = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&lost);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(&server)) else {
                    return;
                };
                let line = Line {
                    needle,
                    armed: Arc::default(),
                    lost: Arc::clone(&counted),
                };
                join(&client, &server, line);
            }
        });
        Self { url, lost }
    }

    /// How many answers were lost.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

fn join(client: &TcpStream, server: &TcpStream, line: Line) {
    let both = || (client.try_clone().unwrap(), server.try_clone().unwrap());
    let ((from_client, to_server), asking) = (both(), line.clone());
    std::thread::spawn(move || asking.ask(from_client, to_server));
    let (to_client, from_server) = both();
    std::thread::spawn(move || line.answer(from_server, to_client));
}

impl Line {
    fn ask(&self, mut client: TcpStream, mut server: TcpStream) {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = client.read(&mut piece) {
            let text = String::from_utf8_lossy(&piece[..read]);
            if text.contains(self.needle) && self.lost.load(Ordering::SeqCst) == 0 {
                self.armed.store(true, Ordering::SeqCst);
            }
            if server.write_all(&piece[..read]).is_err() {
                break;
            }
        }
        drop(server.shutdown(std::net::Shutdown::Write));
    }

    fn answer(&self, mut server: TcpStream, mut client: TcpStream) {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = server.read(&mut piece) {
            if self.armed.load(Ordering::SeqCst) {
                self.lost.fetch_add(1, Ordering::SeqCst);
                break;
            }
            if client.write_all(&piece[..read]).is_err() {
                break;
            }
        }
        drop(client.shutdown(std::net::Shutdown::Both));
    }
}
