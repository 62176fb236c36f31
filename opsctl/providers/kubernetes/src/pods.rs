//! Asking pods through the API server: their logs, and their own doors.

use std::time::Duration;

use opsctl_core::ports::{LogRequest, PodRequest};

use crate::connection::Connection;
use crate::place::plain;
use crate::question::Question;
use crate::status::Status;
use crate::trouble::Trouble;

/// So much of a log at most, whatever the length of its lines.
const LOG: usize = 1024 * 1024;
/// A node that is gone keeps its logs to itself: evidence is gathered without waiting for it.
const NODE: Duration = Duration::from_secs(5);

/// A container's log, if it has one.
pub async fn log(connection: &Connection, request: &LogRequest) -> Result<Option<String>, Trouble> {
    let path = format!(
        "/api/v1/namespaces/{}/pods/{}/log?container={}&previous={}&tailLines={}&limitBytes={LOG}",
        plain(&request.namespace),
        plain(&request.pod),
        plain(&request.container),
        request.previous,
        request.lines
    );
    let question = Question::get(path);
    let mut answer = connection.ask(&question.clone().patient(NODE)).await;
    if matches!(answer, Err(Trouble::Unheard(_) | Trouble::Unanswered(_))) {
        answer = connection.ask(&question).await;
    }
    match answer {
        Ok(body) => Ok(some_of(&body)),
        Err(Trouble::Refused(status)) if has_none(&status) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// What a node says in place of a log that it has thrown away.
const THROWN_AWAY: [&str; 2] = [
    "unable to retrieve container logs for ",
    "failed to try resolving symlinks in path ",
];

/// An empty log is none: so the API server answers for a pod that has no node yet, too.
fn some_of(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let thrown_away = THROWN_AWAY.iter().any(|words| text.starts_with(words));
    let lost = text.is_empty() || (thrown_away && !text.contains('\n'));
    (!lost).then(|| text.into_owned())
}

fn has_none(status: &Status) -> bool {
    let waiting = [
        "previous terminated container",
        "is waiting to start",
        "is not available",
        "ContainerCreating",
        "PodInitializing",
    ];
    match status.code {
        404 => true,
        400 => {
            waiting.iter().any(|words| status.says(words))
                || status.says("does not have a host assigned")
        }
        _ => false,
    }
}

/// What a pod answers at one of its ports, if it does.
pub async fn ask(connection: &Connection, request: &PodRequest) -> Result<Option<String>, Trouble> {
    let scheme = match request.scheme {
        "https" => "https:",
        _ => "",
    };
    let path = format!(
        "/api/v1/namespaces/{}/pods/{scheme}{}:{}/proxy{}",
        plain(&request.namespace),
        plain(&request.pod),
        request.port,
        request.path
    );
    let question = Question::get(path).within(request.within);
    match connection.ask(&question.patient(Duration::ZERO)).await {
        Ok(body) => Ok(Some(String::from_utf8_lossy(&body).into_owned())),
        // Ours to repair, unlike a pod that says no.
        Err(Trouble::Refused(status)) if is_ours(&status) => Err(Trouble::Refused(status)),
        Err(Trouble::Refused(_) | Trouble::Unanswered(_)) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// The API server itself does not let us through: a pod's own answer is no `Status`.
fn is_ours(status: &Status) -> bool {
    matches!(
        (status.code, status.reason()),
        (401, "Unauthorized") | (403, "Forbidden")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_the_runtime_threw_away_is_none() {
        for lost in [
            "unable to retrieve container logs for containerd://0123",
            "failed to try resolving symlinks in path \"/0.log\": no such file or directory",
            "",
        ] {
            assert_eq!(some_of(lost.as_bytes()), None);
        }
        let line = b"unable to retrieve container logs for fun\nand more";
        assert!(some_of(line).is_some());
        assert_eq!(some_of(b"\xff!").as_deref(), Some("\u{fffd}!"));
    }
}
