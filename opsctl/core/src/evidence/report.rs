//! The evidence as a page for people.

use std::fmt::Write;

use crate::costs::Spent;

use super::{Evidence, EvidenceVerdict, FailoverOf, Lane, Phase, RegionOf, RpoMethod, SelfTestOf};

/// The report of a drill, in Markdown, readable as it stands at 80 columns.
#[must_use]
pub fn render(evidence: &Evidence) -> String {
    let mut page = String::new();
    // Writing into a string can't fail.
    let _ = write_all(&mut page, evidence);
    page
}

fn write_all(page: &mut String, evidence: &Evidence) -> std::fmt::Result {
    let verdict = match evidence.verdict {
        EvidenceVerdict::Passed => "PASSED",
        EvidenceVerdict::Failed => "FAILED",
    };
    writeln!(
        page,
        "# {} drill on {}: {verdict}\n",
        evidence.drill, evidence.environment
    )?;
    for reason in &evidence.reasons {
        writeln!(page, "- {reason}")?;
    }
    if !evidence.reasons.is_empty() {
        writeln!(page)?;
    }
    writeln!(page, "{} – {}", evidence.started_at, evidence.finished_at)?;
    writeln!(page, "run by {}", evidence.principal)?;
    writeln!(page, "operation {}", evidence.operation)?;
    if let Some(spent) = &evidence.cost {
        writeln!(page, "cost {}", cost(spent))?;
    }
    if let Some(over) = &evidence.failover {
        writeln!(page, "from {} to {}\n", over.from, over.to)?;
        felt(page, evidence, over)?;
    } else if let Some(test) = &evidence.self_test {
        restored_from(page, evidence)?;
        trials(page, test)?;
    } else {
        if let Some(region) = &evidence.region {
            abroad(page, region)?;
        }
        restored_from(page, evidence)?;
        times(page, evidence)?;
        levels(page, evidence)?;
        tables(page, evidence)?;
    }
    let yes_no = if evidence.representative.of_production {
        "yes"
    } else {
        "no"
    };
    writeln!(page, "\n## Representative of production: {yes_no}\n")?;
    writeln!(page, "{}", evidence.representative.why)
}

/// What it came to at most: the instance was not there for longer than the drill took.
fn cost(spent: &Spent) -> String {
    match spent.usd {
        Some(usd) => format!("at most {usd} for {} minutes ({})", spent.minutes, spent.of),
        None => spent.of.to_string(),
    }
}

fn abroad(page: &mut String, region: &RegionOf) -> std::fmt::Result {
    let RegionOf { from, to, .. } = region;
    writeln!(page, "\n## {from} counts as lost, brought back in {to}\n")?;
    for part in &region.parts {
        let state = part.state.replace('_', " ");
        writeln!(page, "- {}: {state} — {}", part.name, part.detail)?;
    }
    if let Some(run) = &region.workloads {
        let served = match run.served {
            true => "and served",
            false => "and did not serve",
        };
        writeln!(
            page,
            "- release {} ran in the namespace {} {served} at {}: deployed in {:.1} s, switched in {:.1} s, first answer after {:.1} s more",
            run.release,
            run.namespace,
            run.url,
            run.deploy_seconds,
            run.switch_seconds,
            run.first_request_seconds
        )?;
        for (secret, version) in &run.secrets {
            writeln!(page, "- secret {secret}: version {version}")?;
        }
    }
    for left in &region.not_drilled {
        writeln!(page, "- not drilled: {left}")?;
    }
    writeln!(page, "- the way back: {}\n", region.fail_back)
}

fn restored_from(page: &mut String, evidence: &Evidence) -> std::fmt::Result {
    let point = &evidence.recovery_point;
    writeln!(
        page,
        "restored from {}, taken {}\n",
        point.backup_id, point.taken_at
    )
}

fn felt(page: &mut String, evidence: &Evidence, over: &FailoverOf) -> std::fmt::Result {
    writeln!(page, "## What users felt: {}\n", over.kind)?;
    lane(page, "writes", &over.writes)?;
    lane(page, "reads", &over.reads)?;
    if let Some(asked) = &over.asked {
        writeln!(page, "- asked: {asked}")?;
    }
    writeln!(page, "- lost writes: {}", over.lost_writes)?;
    if let Some(stale) = over.stale_seconds {
        writeln!(
            page,
            "- the longest that a read showed what was there before: {stale:.2} s"
        )?;
    }
    writeln!(
        page,
        "- writes without an answer: {}, of which {} are kept",
        over.unanswered_writes, over.unanswered_kept
    )?;
    if let Some(bytes) = over.behind_bytes {
        writeln!(page, "- log that the replica lacked: {bytes} bytes")?;
    }
    writeln!(
        page,
        "- promised: less than {:.0} s\n",
        evidence.rto.target_seconds
    )?;
    phases(page, "phases", &evidence.rto.phases)?;
    if !over.events.is_empty() {
        writeln!(page, "\n## What the service told\n")?;
    }
    for event in &over.events {
        writeln!(page, "- {event}")?;
    }
    Ok(())
}

fn lane(page: &mut String, name: &str, lane: &Lane) -> std::fmt::Result {
    writeln!(
        page,
        "- {name}: longest gap {:.2} s; {} answered, {} not",
        lane.longest_gap_seconds, lane.answered, lane.failed
    )?;
    for word in &lane.words {
        writeln!(page, "  - {word}")?;
    }
    Ok(())
}

fn trials(page: &mut String, test: &SelfTestOf) -> std::fmt::Result {
    writeln!(page, "## Planted damage, seed {}\n", test.seed)?;
    for trial in &test.trials {
        let planted = trial.planted.as_deref().unwrap_or("nothing planted");
        let outcome = trial.outcome.replace('_', " ");
        write!(page, "- {}: {outcome} — {planted}", trial.kind)?;
        match trial.detail.as_str() {
            "" => writeln!(page)?,
            detail => writeln!(page, "; {detail}")?,
        }
    }
    Ok(())
}

fn times(page: &mut String, evidence: &Evidence) -> std::fmt::Result {
    let (rto, rpo) = (&evidence.rto, &evidence.rpo);
    writeln!(
        page,
        "## RTO {:.1} s of {:.0} s\n",
        rto.measured_seconds, rto.target_seconds
    )?;
    phases(page, "cold", &rto.phases)?;
    if let Some(warm) = &rto.warm {
        phases(page, "warm", &warm.phases)?;
    }
    writeln!(page, "\ncaches: {}\n", rto.caches)?;
    writeln!(
        page,
        "## RPO {:.1} s of {:.0} s\n",
        rpo.measured_seconds, rpo.target_seconds
    )?;
    let method = match rpo.method {
        RpoMethod::Heartbeat => "by the newest heartbeat that survived",
        RpoMethod::BackupRecord => "by the backup's own record: heartbeats were stale",
        RpoMethod::FreshBackup => "no proof: the drill took this backup itself",
    };
    writeln!(
        page,
        "{method}; the backup's record says {:.1} s\n",
        rpo.by_backup_record_seconds
    )
}

fn phases(page: &mut String, name: &str, phases: &[Phase]) -> std::fmt::Result {
    let text: Vec<String> = phases
        .iter()
        .map(|phase| format!("{} {:.2} s", phase.name, phase.seconds))
        .collect();
    writeln!(page, "{name}: {}", text.join(", "))
}

fn levels(page: &mut String, evidence: &Evidence) -> std::fmt::Result {
    writeln!(page, "## Integrity\n")?;
    for level in &evidence.integrity.levels {
        writeln!(
            page,
            "- {}: {} — {}",
            level.name, level.outcome, level.detail
        )?;
    }
    if evidence.fidelity.differences.is_empty() {
        writeln!(page, "- fidelity: no unintended difference")?;
    }
    for difference in &evidence.fidelity.differences {
        writeln!(page, "- fidelity: {difference}")?;
    }
    Ok(())
}

fn tables(page: &mut String, evidence: &Evidence) -> std::fmt::Result {
    if evidence.reconciliation.tables.is_empty() {
        return Ok(());
    }
    writeln!(
        page,
        "\n| table | rows | explained | unprovable | unexplained |"
    )?;
    writeln!(page, "|---|--:|--:|--:|--:|")?;
    for table in &evidence.reconciliation.tables {
        let (name, rows) = (&table.name, table.rows);
        let (known, open, bad) = (table.explained, table.unprovable, table.unexplained);
        writeln!(page, "| {name} | {rows} | {known} | {open} | {bad} |")?;
    }
    Ok(())
}
