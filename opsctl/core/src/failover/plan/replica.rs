//! The part of the plan for a replica: the same change of databases as a restore's cut-over.

use super::super::FailoverInputs;
use super::super::names::{CATCH_UP, FOLLOW, OPEN};
use super::{Part, Row, actions, fact, prepare, probe, tidy, told};
use crate::engine::{Effect, When};
use crate::environment::DatabaseTarget;
use crate::restore::Live;
use crate::restore::names::{
    DEMOTE, DISCARD, FENCE, FREEZE, PROMOTE, PROVE, SET_ASIDE, SWITCH, THAW, UNFENCE, UNFREEZE,
    step,
};

/// What users feel. A server of ours opens in a moment; what RDS promotes it restarts, and changes afterwards.
fn felt(target: &DatabaseTarget) -> &'static str {
    match target {
        DatabaseTarget::Rds(_) => {
            "writes refused for some minutes (503 and Retry-After), from freeze to unfreeze, since RDS restarts what it promotes; reads go on"
        }
        DatabaseTarget::Sqlite {} | DatabaseTarget::LocalPostgres { .. } => {
            "writes refused for seconds (503 and Retry-After), from freeze to unfreeze; reads go on"
        }
    }
}

pub(super) fn part(target: &DatabaseTarget, live: &Live, inputs: &FailoverInputs) -> Part {
    let database = format!("database of lineage {}", inputs.old.lineage_id);
    let replica = format!("replica {}", inputs.replica);
    Part {
        actions: actions(rows(&database, &replica)),
        context: vec![
            fact("users will feel", felt(target)),
            fact("live processes", live.processes.len().to_string()),
            fact(
                "promised",
                format!("less than {} without writes", inputs.promises.rto),
            ),
            fact(
                "afterwards",
                "the replica serves; the database before it is set aside and kept. It does not go back by itself",
            ),
        ],
        unchecked: vec![
            "whether every process stops writing in time (freeze waits for it)".into(),
            "whether the replica follows (it is made first; nobody waits for that)".into(),
        ],
        until: step(FREEZE),
        point_of_no_return: step(SWITCH),
    }
}

fn rows<'a>(live: &'a str, replica: &'a str) -> Vec<Row<'a>> {
    use Effect::{Change, Create, Destroy, Read};
    use When::{Failure, Success};
    let app = "application";
    #[rustfmt::skip]
    let mut rows = vec![
        prepare(live),
        (FOLLOW, Create, replica, "copy the database and let the copy follow, quarantined", Success),
        probe(live),
        (FREEZE, Change, app, "stop writes, and wait until every process has", Success),
        (FENCE, Change, live, "make it refuse every write, proven by a write that is refused", Success),
        (CATCH_UP, Read, replica, "wait until it has all that the fenced database ever wrote", Success),
        (OPEN, Change, replica, "let it follow no longer", Success),
        (PROMOTE, Change, replica, "make it primary; sessions and effects go on", Success),
        (SWITCH, Change, "database descriptor", "point the application at it; from here there is only forward", Success),
        (SET_ASIDE, Change, live, "keep it, refused by role and lineage", Success),
        (PROVE, Read, app, "prove that every process is on the new lineage", Success),
        (UNFREEZE, Change, app, "take writes again", Success),
    ];
    rows.extend(told());
    #[rustfmt::skip]
    rows.extend([
        (DEMOTE, Change, replica, "put it back into quarantine", Failure),
        (UNFENCE, Change, live, "let it take writes again", Failure),
        (THAW, Change, app, "take writes again", Failure),
        (DISCARD, Destroy, replica, "remove it", Failure),
        tidy(),
    ]);
    rows
}
