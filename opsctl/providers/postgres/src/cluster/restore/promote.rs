//! Recovering a copy up to its target, and opening it.
//!
//! Recovery pauses at the target; the next transaction id is read there, before the copy can write
//! anything, and is durable before the copy is opened.

use std::time::{Duration, Instant};

use opsctl_core::{Failure, FailureKind, Result};
use sqlx::PgConnection;

use crate::cluster::{
    connection::{Asking, connect},
    layout::{ADMINISTRATOR, ClusterFolder, DATABASE},
    local::LocalPostgres,
    record::{ClusterRecord, CopyRecord, Promotion},
    server,
    server_state::{self, ServerState},
};

const POLL: Duration = Duration::from_millis(5);

/// Brings a server that runs in recovery to its target and promotes it. Idempotent.
pub(super) async fn promote(
    local: &LocalPostgres,
    record: &mut ClusterRecord,
    limit: Duration,
) -> Result<Promotion> {
    let folder = local.layout.cluster(record.lineage_id);
    let account = local.account()?;
    let deadline = Instant::now() + limit;
    let mut session = connect(&folder, record, ADMINISTRATOR).await?;
    if in_recovery(&mut session).await? {
        wait_for_pause(&folder, &mut session, deadline).await?;
        let next = next_transaction_id(&mut session).await?;
        copy_of(record)?.paused_at = Some(next);
        record.write(&account, &folder)?;
        ask(
            &mut session,
            "SELECT pg_wal_replay_resume()",
            "open the copy",
        )
        .await?;
        while in_recovery(&mut session).await? {
            must_go_on(&folder, deadline)?;
            tokio::time::sleep(POLL).await;
        }
    }
    finish(local, record, &mut session).await
}

/// What is left to do once a copy is open: it says of itself that it is one, before anybody else may connect. Idempotent.
pub(super) async fn finish(
    local: &LocalPostgres,
    record: &mut ClusterRecord,
    session: &mut PgConnection,
) -> Result<Promotion> {
    let folder = local.layout.cluster(record.lineage_id);
    let next_transaction_id = copy_of(record)?.paused_at.ok_or_else(|| {
        Failure::new(
            FailureKind::Unknown,
            "the copy left recovery without a pause",
        )
        .left("the copy runs, quarantined")
    })?;
    silence_subscriptions(&folder, record, session).await?;
    claim_identity(&folder, record, record.lineage_id).await?;
    let promotion = Promotion {
        next_transaction_id,
        timeline: timeline(session).await?,
    };
    copy_of(record)?.promotion = Some(promotion);
    record.write(&local.account()?, &folder)?;
    Ok(promotion)
}

pub(super) fn copy_of(record: &mut ClusterRecord) -> Result<&mut CopyRecord> {
    record
        .copy
        .as_mut()
        .ok_or_else(|| Failure::failed("this cluster is no copy"))
}

async fn ask(session: &mut PgConnection, sql: &'static str, what: &str) -> Result<()> {
    sqlx::raw_sql(sql)
        .execute(session)
        .await
        .asking(what)
        .map(drop)
}

pub(super) async fn in_recovery(session: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar("SELECT pg_is_in_recovery()")
        .fetch_one(session)
        .await
        .asking("ask the copy whether it recovers")
}

async fn wait_for_pause(
    folder: &ClusterFolder,
    session: &mut PgConnection,
    deadline: Instant,
) -> Result<()> {
    loop {
        let state: std::result::Result<String, _> =
            sqlx::query_scalar("SELECT pg_get_wal_replay_pause_state()")
                .fetch_one(&mut *session)
                .await;
        match state {
            Ok(state) if state == "paused" => return Ok(()),
            Ok(_) => {}
            // The server may have ended, and knows better why.
            Err(error) => {
                must_go_on(folder, deadline)?;
                return Err(
                    Failure::failed("the copy stops answering while it recovers").because(error),
                );
            }
        }
        must_go_on(folder, deadline)?;
        tokio::time::sleep(POLL).await;
    }
}

fn must_go_on(folder: &ClusterFolder, deadline: Instant) -> Result<()> {
    let stopped = server_state::state(&folder.data()) == ServerState::Stopped;
    if !stopped && Instant::now() < deadline {
        return Ok(());
    }
    let mut failure = server::last_words(folder, 0);
    "the copy does not reach its target".clone_into(&mut failure.what);
    if !stopped {
        failure = failure.cause("it takes longer than it may");
    }
    Err(failure.left("the copy is not open; it recovers again at the next start"))
}

/// Above every transaction that committed in what was recovered. One that was still running at the target is
/// at or above it too, or in progress for ever: it never commits here.
pub(super) async fn next_transaction_id(session: &mut PgConnection) -> Result<u64> {
    let text: String = sqlx::query_scalar("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        .fetch_one(session)
        .await
        .asking("read the copy's next transaction id")?;
    text.parse().map_err(|error: std::num::ParseIntError| {
        Failure::failed("the copy's next transaction id is no number").because(error)
    })
}

async fn timeline(session: &mut PgConnection) -> Result<u32> {
    let name: String = sqlx::query_scalar("SELECT pg_walfile_name(pg_current_wal_lsn())")
        .fetch_one(session)
        .await
        .asking("read the copy's timeline")?;
    crate::cluster::archive::SegmentName::parse(&name).map(|name| name.timeline)
}

/// A subscription would fetch from wherever the source did. No worker runs in quarantine; this keeps it so
/// when the copy leaves it.
async fn silence_subscriptions(
    folder: &ClusterFolder,
    record: &ClusterRecord,
    session: &mut PgConnection,
) -> Result<()> {
    let enabled: Vec<(String, String)> = sqlx::query_as(
        "SELECT d.datname::text, s.subname::text FROM pg_subscription s
         JOIN pg_database d ON d.oid = s.subdbid WHERE s.subenabled",
    )
    .fetch_all(session)
    .await
    .asking("list the copy's subscriptions")?;
    for (database, subscription) in enabled {
        let mut inside = connect(folder, record, &database).await?;
        let name = subscription.replace('"', "\"\"");
        let statement = format!("ALTER SUBSCRIPTION \"{name}\" DISABLE");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&mut inside)
            .await
            .asking("disable a subscription of the copy")?;
    }
    Ok(())
}

/// The first write: from now on the copy says of itself that it is one. Nobody but us can connect yet.
async fn claim_identity(
    folder: &ClusterFolder,
    record: &ClusterRecord,
    lineage: opsctl_core::names::LineageId,
) -> Result<()> {
    let mut session = connect(folder, record, DATABASE).await?;
    let there: bool =
        sqlx::query_scalar("SELECT to_regclass('public.database_identity') IS NOT NULL")
            .fetch_one(&mut session)
            .await
            .asking("look for the copy's identity")?;
    if !there {
        return Ok(());
    }
    sqlx::query(
        "UPDATE public.database_identity
         SET lineage_id = $1, role = 'scratch', effects = 'held', changed_at = now()
         WHERE lineage_id IS DISTINCT FROM $1",
    )
    .bind(lineage.0)
    .execute(&mut session)
    .await
    .asking("write the copy's identity")
    .map(drop)
}
