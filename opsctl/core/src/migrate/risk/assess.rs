//! Statements joined with the live tables' facts. Pure.

use sha2::{Digest, Sha256};

use super::impact::{Hold, Impact, Work, creates, impact};
use super::lexer::{Piece, pieces};
use super::words::tell;
use crate::migrate::Migration;
use crate::ports::{Engine, LiveFacts};

/// The text of one migration in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The migration's number.
    pub version: i64,
    /// What runs.
    pub sql: String,
}

impl Script {
    /// What brings a migration.
    #[must_use]
    pub fn up(migration: &Migration) -> Self {
        Self {
            version: migration.version,
            sql: migration.up.clone(),
        }
    }

    /// What takes it back.
    #[must_use]
    pub fn down(migration: &Migration) -> Self {
        Self {
            version: migration.version,
            sql: migration.down.clone().unwrap_or_default(),
        }
    }
}

/// How much a risk asks of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Good to know.
    Note,
    /// Has to be accepted by its id.
    Risky,
}

/// What one statement would do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StatementRisk {
    /// Names it for `--accept-risk`: the migration, the statement's place, and its text. Another text is
    /// another risk.
    pub id: String,
    /// The migration's number.
    pub version: i64,
    /// The line of its file.
    pub line: usize,
    /// The statement's beginning.
    pub statement: String,
    /// What it does, in words.
    pub words: String,
    /// How much it asks.
    pub level: RiskLevel,
}

/// The tables whose facts [`assess`] wants to know.
#[must_use]
pub fn tables_of(engine: Engine, scripts: &[Script]) -> Vec<String> {
    let all = scripts
        .iter()
        .flat_map(|script| pieces(engine, &script.sql));
    let mut tables: Vec<String> = all
        .filter_map(|piece| impact(engine, &piece.sql))
        .map(|impact| impact.table)
        .filter(|table| table != "?")
        .collect();
    tables.sort();
    tables.dedup();
    tables
}

/// The risk of every statement that touches a table which exists already.
#[must_use]
pub fn assess(
    engine: Engine,
    scripts: &[Script],
    facts: &LiveFacts,
    limit: u64,
) -> Vec<StatementRisk> {
    let (mut risks, mut made) = (Vec::new(), Vec::new());
    for script in scripts {
        for (at, piece) in pieces(engine, &script.sql).into_iter().enumerate() {
            made.extend(creates(&piece.sql));
            let Some(impact) = impact(engine, &piece.sql) else {
                continue;
            };
            let exists = facts.of(&impact.table).is_some() || impact.work == Work::Unknown;
            if exists && !made.contains(&impact.table) {
                risks.push(risk(script.version, at + 1, &piece, &impact, facts, limit));
            }
        }
    }
    risks
}

fn risk(
    version: i64,
    place: usize,
    piece: &Piece,
    impact: &Impact,
    facts: &LiveFacts,
    limit: u64,
) -> StatementRisk {
    let large = facts
        .of(&impact.table)
        .is_some_and(|known| known.bytes > limit);
    let lasting = impact.work > Work::Unknown && (impact.hold > Hold::Nothing);
    let digest = hex::encode(Sha256::digest(piece.sql.as_bytes()));
    StatementRisk {
        id: format!("{version:04}.{place}-{}", &digest[..4]),
        version,
        line: piece.line,
        statement: beginning(&piece.sql),
        words: tell(impact, facts),
        level: if large && lasting {
            RiskLevel::Risky
        } else {
            RiskLevel::Note
        },
    }
}

fn beginning(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::TableFacts;

    fn facts(bytes: u64) -> LiveFacts {
        let users = TableFacts {
            table: "users".into(),
            rows: Some(4_000_000),
            bytes,
            writes_per_second: Some(12.0),
            users_now: 0,
        };
        LiveFacts {
            tables: vec![users],
            oldest: None,
        }
    }

    fn risks(sql: &str, bytes: u64) -> Vec<StatementRisk> {
        let script = Script {
            version: 9,
            sql: sql.into(),
        };
        assess(Engine::Postgres, &[script], &facts(bytes), 1 << 30)
    }

    #[test]
    fn a_rewrite_is_told_in_words_and_risky_above_the_limit_only() {
        let sql = "-- phase: expand\nALTER TABLE users ALTER COLUMN a TYPE bigint;";
        let large = risks(sql, (1 << 30) + (1 << 28));
        let words = "rewrites users (1.2 GiB, about 4,000,000 rows): nobody can read or write it \
                     meanwhile; it takes about 12.0 writes a second";
        assert_eq!((large[0].words.as_str(), large[0].line), (words, 2));
        assert_eq!(large[0].level, RiskLevel::Risky);
        assert_eq!(risks(sql, 1 << 30)[0].level, RiskLevel::Note);
    }

    #[test]
    fn what_lasts_a_moment_or_runs_beside_the_traffic_needs_no_acceptance() {
        let sql = "ALTER TABLE users ADD a int; CREATE INDEX CONCURRENTLY i ON users (a);";
        let found = risks(sql, 1 << 40);
        assert!(found.iter().all(|risk| risk.level == RiskLevel::Note) && found.len() == 2);
    }

    #[test]
    fn a_table_that_the_migration_makes_is_no_risk() {
        let sql = "CREATE TABLE posts (a int); CREATE INDEX i ON posts (a);";
        assert!(risks(sql, 1 << 40).is_empty());
    }

    #[test]
    fn an_id_names_one_statement_with_one_text() {
        let id = |sql: &str| risks(sql, 1)[0].id.clone();
        let first = id("UPDATE users SET a = 1");
        assert!(first.starts_with("0009.1-") && first == id("\nUPDATE users SET a = 1;"));
        assert_ne!(first, id("UPDATE users SET a = 2"));
    }
}
