//! squawk's rules for PostgreSQL. The only module that knows the linter: it promises no stable interface.

use squawk_linter::{Linter, Rule, Violation};
use squawk_syntax::SourceFile;

use super::finding::{Finding, Weight, taking_away};
use crate::migrate::Migration;
use crate::migrate::risk::{pieces, words};
use crate::ports::Engine;

/// opsctl itself keeps these: every attempt has a lock time-out, and a file is applied whole or resumed.
const KEPT_BY_OPSCTL: [Rule; 3] = [
    Rule::RequireLockTimeout,
    Rule::RequireStatementTimeout,
    Rule::PreferRobustStmts,
];

pub(super) fn lint(migration: &Migration) -> Vec<Finding> {
    let parsed = SourceFile::parse(&migration.up);
    let broken: Vec<Finding> = parsed
        .errors()
        .iter()
        .map(|error| {
            let line = line_of(migration, error.range().start().into());
            Finding::error(migration, line, "syntax-error", error.message())
        })
        .collect();
    if !broken.is_empty() {
        return broken;
    }
    // A linter that is used twice repeats what it found before.
    let mut linter = Linter::with_rules(&[], &KEPT_BY_OPSCTL);
    linter.settings.assume_in_transaction = migration.in_transaction;
    let violations = linter.lint(&parsed, &migration.up);
    let violations = violations
        .into_iter()
        .map(|violation| finding(migration, violation));
    violations.chain(concurrently(migration)).collect()
}

fn finding(migration: &Migration, violation: Violation) -> Finding {
    Finding {
        version: migration.version,
        line: line_of(migration, violation.text_range.start().into()),
        rule: violation.code.to_string(),
        message: violation.message,
        help: violation.help,
        weight: weight(migration, violation.code),
    }
}

/// The linter looks for a written `BEGIN`; here every file without `-- no-transaction` is in one.
fn concurrently(migration: &Migration) -> Vec<Finding> {
    if !migration.in_transaction {
        return Vec::new();
    }
    let pieces = pieces(Engine::Postgres, &migration.up).into_iter();
    // A materialized view is the one thing that is refreshed beside the traffic in a transaction too.
    let beside = pieces.filter(|piece| {
        let words = words(&piece.sql);
        words.iter().any(|word| word == "CONCURRENTLY") && words[0] != "REFRESH"
    });
    let message = "this can't run inside a transaction";
    let finding = |line| Finding::error(migration, line, "concurrently-in-transaction", message);
    beside
        .map(|piece| finding(piece.line).help("begin the file with -- no-transaction"))
        .collect()
}

const fn weight(migration: &Migration, rule: Rule) -> Weight {
    match rule {
        Rule::BanDropColumn
        | Rule::BanDropTable
        | Rule::BanDropView
        | Rule::BanDropType
        | Rule::BanDropFunction
        | Rule::BanDropSchema
        | Rule::BanDropSequence
        | Rule::BanDropDomain
        | Rule::BanDropExtension
        | Rule::BanSetSchema
        | Rule::RenamingColumn
        | Rule::RenamingTable
        | Rule::RenamingObject
        | Rule::AddingRequiredField
        | Rule::ChangingColumnType => taking_away(migration.phase),
        Rule::BanDropDatabase
        | Rule::BanTruncateCascade
        | Rule::BanUncommittedTransaction
        | Rule::BanConcurrentIndexCreationInTransaction
        | Rule::TransactionNesting
        | Rule::RequireConcurrentIndexCreation
        | Rule::RequireConcurrentIndexDeletion
        | Rule::RequireConcurrentPartitionDetach
        | Rule::RequireConcurrentReindex
        | Rule::ConstraintMissingNotValid
        | Rule::AddingFieldWithDefault
        | Rule::AddingForeignKeyConstraint
        | Rule::AddingNotNullableField
        | Rule::AddingSerialPrimaryKeyField
        | Rule::DisallowedUniqueConstraint
        | Rule::PreferRepack => Weight::Error,
        _ => Weight::Warning,
    }
}

fn line_of(migration: &Migration, at: usize) -> usize {
    1 + migration
        .up
        .get(..at)
        .unwrap_or_default()
        .matches('\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(head: &str, sql: &str) -> Vec<String> {
        let up = format!("{head}\n{sql}");
        let migration = Migration::parse("0009_x", &up, Some("")).unwrap();
        let found = crate::migrate::lint(crate::ports::Engine::Postgres, &[migration]);
        let errors = found
            .into_iter()
            .filter(|finding| finding.weight == Weight::Error);
        errors
            .map(|finding| format!("{}:{}", finding.line, finding.rule))
            .collect()
    }

    #[test]
    fn what_locks_or_takes_away_is_an_error_of_an_expand() {
        let expand = "-- phase: expand";
        for (sql, rule) in [
            (
                "CREATE INDEX i ON users (a);",
                "2:require-concurrent-index-creation",
            ),
            ("ALTER TABLE users DROP COLUMN a;", "2:ban-drop-column"),
            (
                "ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0);",
                "2:constraint-missing-not-valid",
            ),
            (
                "CREATE INDEX CONCURRENTLY i ON users (a);",
                "2:concurrently-in-transaction",
            ),
            ("CREATE TABL a (b int);", "2:syntax-error"),
        ] {
            let found = errors(expand, sql);
            assert!(found.iter().any(|error| error == rule), "{sql}: {found:?}");
        }
    }

    #[test]
    fn a_contract_may_take_away_when_it_says_who_still_serves() {
        let sql = "ALTER TABLE users DROP COLUMN a;";
        let whole = "-- phase: contract\n-- oldest_supported_app_schema: 9";
        assert!(errors(whole, sql).is_empty());
        assert_eq!(errors("-- phase: contract", sql), ["1:floor-missing"]);
    }

    #[test]
    fn indexes_beside_the_traffic_are_fine_outside_a_transaction() {
        let head = "-- no-transaction\n-- phase: expand";
        let sql =
            "CREATE INDEX CONCURRENTLY i ON users (a);\nCREATE INDEX CONCURRENTLY j ON users (b);";
        assert!(errors(head, sql).is_empty());
        assert_eq!(errors(head, "VACUUM users;"), ["1:not-resumable"]);
        assert_eq!(
            errors("-- phase: expand\n-- no-transaction", "SELECT 1;"),
            ["2:no-transaction-misplaced"]
        );
    }
}
