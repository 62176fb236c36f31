//! A container that ended against our will: by which code or signal, after how long, how often.

use super::status::{ContainerStatus, End};
use super::{Owner, Seen, container, start};
use crate::deploy::verdict::CauseCode;
use crate::deploy::verdict::finding::{Patience, Suspicion};

/// Who ends before this many seconds fails at its start: a wrong setting, a missing neighbour.
const START: f64 = 5.0;

/// What the ends of a container come to; those that a probe brought about are told elsewhere.
pub fn of(seen: &Seen<'_>, status: &ContainerStatus<'_>, killed: i64) -> Option<Suspicion> {
    let ends = seen.scene.baseline.new_ends(status) - killed;
    if ends <= 0 {
        return None;
    }
    let Some(end) = status.last_end() else {
        return unknown(seen, status, ends);
    };
    let key = status.key();
    match cause(&end) {
        CauseCode::NodeLost => {
            let finding = seen
                .finding(CauseCode::NodeLost, end.message())
                .at(status.name());
            Some(Suspicion::for_a_while(
                finding,
                Patience::UntilDeadline,
                &key,
            ))
        }
        code @ (CauseCode::OutOfMemory | CauseCode::CrashAtStart | CauseCode::CrashLoop) => {
            Some(budgeted(seen, status, code, (&told(&end), ends)))
        }
        // What can't be started at all is no matter of how often.
        code => Some(container::suspicion(seen, status, code, &told(&end))),
    }
}

/// The node has forgotten how the container ended, and still says that it does not start it again at once.
fn unknown(seen: &Seen<'_>, status: &ContainerStatus<'_>, ends: i64) -> Option<Suspicion> {
    let waits = status.waiting_reason() == "CrashLoopBackOff";
    let told = (status.waiting_message(), ends);
    waits.then(|| budgeted(seen, status, CauseCode::CrashLoop, told))
}

fn budgeted(
    seen: &Seen<'_>,
    status: &ContainerStatus<'_>,
    code: CauseCode,
    (words, ends): (&str, i64),
) -> Suspicion {
    let tolerated = i64::from(seen.scene.budgets.restarts);
    let message = format!("{words} ({})", counted(ends, seen.owner, tolerated));
    let finding = seen.finding(code, message).at(status.name());
    if ends > tolerated && seen.owner == Owner::Lasting {
        Suspicion::certain(finding, &status.key())
    } else {
        Suspicion::for_a_while(finding, Patience::UntilDeadline, &status.key())
    }
}

fn cause(end: &End<'_>) -> CauseCode {
    match (end.reason(), end.code()) {
        ("ContainerStatusUnknown", _) => CauseCode::NodeLost,
        ("OOMKilled", _) => CauseCode::OutOfMemory,
        ("StartError" | "ContainerCannotRun", _) => start::of_start(end.message()),
        (_, 126 | 127) => CauseCode::CommandNotFound,
        _ if end.lived().is_some_and(|lived| lived >= START) => CauseCode::CrashLoop,
        _ => CauseCode::CrashAtStart,
    }
}

fn told(end: &End<'_>) -> String {
    let mut words = match (end.reason(), end.code()) {
        ("OOMKilled", code) => format!("killed for its memory (exit code {code})"),
        (_, 0) => "ended by itself (exit code 0)".to_owned(),
        (_, code) => format!("exit code {code}"),
    };
    if let Some(signal) = end.signal().filter(|_| end.reason() == "Error") {
        words += &format!(", {signal}");
    }
    if let Some(lived) = end.lived() {
        words += &format!(", after {lived:.0} s");
    }
    if !end.message().is_empty() {
        words += &format!(": {}", end.message());
    }
    words
}

fn counted(ends: i64, owner: Owner, tolerated: i64) -> String {
    let times = if ends == 1 {
        "once".to_owned()
    } else {
        format!("{ends} times")
    };
    match owner {
        Owner::Lasting => format!("{times}, {tolerated} tolerated"),
        Owner::Job => format!("{times}; the job decides when it gives up"),
    }
}
