//! What ElastiCache says of failovers, read out of the words of its events: it has no codes for them.

use aws_sdk_elasticache::types::{Event, SourceType};
use opsctl_core::ports::{Happened, Told};

use crate::moments;

/// One event of a failover; `None` for all others.
pub fn told(event: &Event) -> Option<Told> {
    let source = event.source_identifier()?;
    let of_node = event.source_type() == Some(&SourceType::CacheCluster);
    Some(Told {
        at: moments::told(event.date())?,
        what: happened(event.message()?, source, of_node)?,
    })
}

/// AWS names a node that recovers by a number of its own, `0001`: the source says which one it is.
fn happened(message: &str, source: &str, of_node: bool) -> Option<Happened> {
    if message.contains("Test Failover API called") {
        return Some(Happened::Called);
    }
    if let Some((from, to)) = change(message) {
        return Some(Happened::FailedOver { from, to });
    }
    match of_node {
        true if message.starts_with("Recovering cache node") => {
            Some(Happened::Recovering(source.to_owned()))
        }
        true if message.starts_with("Finished recovery for cache node") => {
            Some(Happened::Recovered(source.to_owned()))
        }
        _ => None,
    }
}

/// `Failover from primary node A to replica node B completed`; older ones say `master`.
fn change(message: &str) -> Option<(String, String)> {
    let words: Vec<&str> = message.split_whitespace().collect();
    match words.as_slice() {
        [
            "Failover",
            "from",
            "primary" | "master",
            "node",
            from,
            "to",
            "replica",
            "node",
            to,
            "completed",
        ] => Some(((*from).to_owned(), (*to).to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_words_of_a_failover_are_understood_and_no_others() {
        let read = |message: &str, of_node| happened(message, "orders-001", of_node);
        let called = "Test Failover API called for node group 0001";
        assert_eq!(read(called, false), Some(Happened::Called));
        for word in ["primary", "master"] {
            let done = format!(
                "Failover from {word} node orders-001 to replica node orders-002 completed"
            );
            let (from, to) = ("orders-001".into(), "orders-002".into());
            assert_eq!(read(&done, true), Some(Happened::FailedOver { from, to }));
        }
        let node = || "orders-001".to_owned();
        let recovering = read("Recovering cache nodes 0001", true);
        assert_eq!(recovering, Some(Happened::Recovering(node())));
        let recovered = read("Finished recovery for cache nodes 0001", true);
        assert_eq!(recovered, Some(Happened::Recovered(node())));
        assert_eq!(
            read("Snapshot succeeded for snapshot with ID 'a'", true),
            None
        );
    }
}
