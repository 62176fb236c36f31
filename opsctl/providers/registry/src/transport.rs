//! The way there: kept connections, encrypted by those whom the machine trusts.

use std::sync::OnceLock;
use std::time::Duration;

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use opsctl_connections::{Connections, ask, connections, trusted};

use crate::question::Answer;

/// Until somebody answers the door.
const CONNECT: Duration = Duration::from_secs(10);
/// For a question and its answer, whatever they weigh.
const LEAST: Duration = Duration::from_secs(60);
/// What a slow line carries in a second.
const SLOWEST: usize = 64 << 10;

/// Made at the first question: most commands ask no registry.
#[derive(Debug, Default)]
pub struct Transport(OnceLock<Connections>);

impl Transport {
    /// Sends a request and reads the answer to its end.
    ///
    /// # Errors
    /// In words, when nothing or too much came back.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
        sent: usize,
        longest: usize,
    ) -> Result<Answer, String> {
        let connections = self.connections()?;
        let limit = LEAST + Duration::from_secs((sent.max(longest) / SLOWEST) as u64);
        let answer = ask(connections, request, longest, limit).await?;
        let (parts, body) = answer.into_parts();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    fn connections(&self) -> Result<&Connections, String> {
        if let Some(made) = self.0.get() {
            return Ok(made);
        }
        let made = connections(trusted(), Some(CONNECT)).map_err(|error| error.to_string())?;
        Ok(self.0.get_or_init(|| made))
    }
}
