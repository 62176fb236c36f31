//! `pg_amcheck`: whether every row is where its indexes say, and every page is sound.
//!
//! Meant for copies: its thorough checks lock tables.

use opsctl_core::{Result, names::LineageId};

use super::{
    binaries::Binaries,
    child::Program,
    connection::{Asking, connect},
    layout::{ADMINISTRATOR, ClusterFolder},
    local::LocalPostgres,
    parallel::aside,
    record::ClusterRecord,
};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AmcheckFinding {
    /// Such as `btree index "app.public.users_pkey"`.
    pub object: String,
    /// In PostgreSQL's words.
    pub detail: String,
}

/// Checks all tables and B-tree indexes of one database, every row against every index. Installs the
/// extension `amcheck` where it is missing, into the schema `opsctl_amcheck`.
///
/// # Errors
/// When the program can't do its work; what it finds is no error.
pub async fn amcheck(
    local: &LocalPostgres,
    lineage: LineageId,
    database: &str,
) -> Result<Vec<AmcheckFinding>> {
    let record = local.record(lineage)?;
    let folder = local.layout.cluster(lineage);
    let mut session = connect(&folder, &record, database).await?;
    sqlx::raw_sql("SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS opsctl_amcheck")
        .execute(&mut session)
        .await
        .asking("make room for the extension amcheck")?;
    let account = local.account()?;
    let program = program(&local.binaries, &folder, &record, database);
    let ended = aside(|| program.run(&account))?;
    let findings = findings_in(&ended.stdout);
    match (ended.status.code(), findings.is_empty()) {
        (Some(0 | 2), false) | (Some(0), true) => Ok(findings),
        _ => Err(program
            .failure(&ended)
            .in_context(format!("check database '{database}'"))),
    }
}

fn program(
    binaries: &Binaries,
    folder: &ClusterFolder,
    record: &ClusterRecord,
    database: &str,
) -> Program {
    Program::new(binaries.program("pg_amcheck"))
        .args([
            "--heapallindexed",
            "--parent-check",
            "--no-password",
            "--jobs=2",
        ])
        .arg("--install-missing=opsctl_amcheck")
        .arg("--host")
        .arg(folder.socket_folder())
        .arg(format!("--port={}", record.socket_port()))
        .arg(format!("--username={ADMINISTRATOR}"))
        .arg(database)
}

/// A finding begins at the margin with the object and goes on indented.
fn findings_in(said: &str) -> Vec<AmcheckFinding> {
    let mut findings: Vec<AmcheckFinding> = Vec::new();
    for line in said.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some(last) = findings.last_mut() {
                if !last.detail.is_empty() {
                    last.detail.push_str("; ");
                }
                last.detail.push_str(line.trim());
            }
        } else if let Some(object) = line.strip_suffix(':') {
            findings.push(AmcheckFinding {
                object: object.to_owned(),
                detail: String::new(),
            });
        }
    }
    findings
}

/// Removes what [`amcheck`] installed.
///
/// # Errors
/// When the database refuses.
pub async fn forget_amcheck(session: &mut sqlx::PgConnection) -> Result<()> {
    sqlx::raw_sql(
        "SET client_min_messages = warning;
         DROP SCHEMA IF EXISTS opsctl_amcheck CASCADE",
    )
    .execute(session)
    .await
    .asking("remove the extension amcheck")
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_read_with_all_their_lines() {
        let said = "btree index \"app.public.t_pkey\":\n    ERROR:  high key broken\n    DETAIL:  block 1\n\
                    heap table \"app.public.t\", block 0, offset 3:\n    xmin 9 precedes\n";
        let found = findings_in(said);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].object, "btree index \"app.public.t_pkey\"");
        assert_eq!(found[0].detail, "ERROR:  high key broken; DETAIL:  block 1");
    }
}
