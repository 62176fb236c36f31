//! A question over HTTP to a part of the lab, on a connection that is already there. Never keeps one open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// How long a part may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Such as `GET`.
    pub method: &'a str,
    /// With everything behind the address.
    pub path: &'a str,
    /// What the body is, where there is one.
    pub kind: &'a str,
    /// Empty where nothing is sent.
    pub body: &'a [u8],
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    head: String,
    body: Vec<u8>,
}

impl<'a> Question<'a> {
    /// Asks for a page.
    pub fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            kind: "",
            body: &[],
        }
    }

    /// Sends it, as HTTP/1.0: whoever answers hangs up at the end.
    pub fn ask(&self, mut connection: TcpStream, host: &str) -> Result<Answer> {
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        let Self {
            method, path, kind, ..
        } = self;
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\n");
        if *method != "GET" {
            let length = self.body.len();
            head.push_str(&format!("Content-Length: {length}\r\n"));
            head.push_str(&format!("Content-Type: {kind}\r\n"));
        }
        connection.write_all(format!("{head}\r\n").as_bytes())?;
        connection.write_all(self.body)?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer)?;
        Answer::read(&answer).with_context(|| format!("{method} {path}"))
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Result<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.context("the answer has no head")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).context("the answer has no status")?;
        Ok(Self {
            status: status.parse().context("the status is no number")?,
            body: bytes[end + 4..].to_vec(),
            head,
        })
    }

    /// Fails with what was said, unless it is one of the answers hoped for.
    pub fn one_of(self, statuses: &[u16]) -> Result<Self> {
        ensure!(
            statuses.contains(&self.status),
            "{}: {}",
            self.head.lines().next().unwrap_or_default(),
            String::from_utf8_lossy(&self.body).trim()
        );
        Ok(self)
    }

    /// What a header says.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = lines.filter(|(header, _)| header.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_status_and_its_headers() -> Result<()> {
        let answer = Answer::read(b"HTTP/1.1 202 Accepted\r\nLocation: /here\r\n\r\nbody")?;
        assert_eq!(answer.status, 202);
        assert_eq!(answer.header("location"), Some("/here"));
        let refused = answer.one_of(&[201]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(refused, "HTTP/1.1 202 Accepted: body");
        Ok(())
    }

    #[test]
    fn half_an_answer_is_a_failure() {
        assert!(Answer::read(b"HTTP/1.1 200 OK\r\n").is_err());
        assert!(Answer::read(b"\r\n\r\n").is_err());
    }
}
