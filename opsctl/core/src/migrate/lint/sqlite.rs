//! Rules for SQLite, from the words of each statement: what fails there, does nothing there, or takes away.

use super::finding::{Finding, taking_away};
use crate::migrate::Migration;
use crate::migrate::risk::{pieces, words};
use crate::ports::Engine;

pub(super) fn lint(migration: &Migration) -> Vec<Finding> {
    let mut found = Vec::new();
    if !migration.in_transaction {
        let message =
            "SQLite's schema changes all run in a transaction: leave -- no-transaction out";
        found.push(Finding::error(
            migration,
            1,
            "no-transaction-needless",
            message,
        ));
    }
    for piece in pieces(Engine::Sqlite, &migration.up) {
        let words = words(&piece.sql);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        found.extend(statement(migration, piece.line, &words));
    }
    found
}

fn statement(migration: &Migration, line: usize, words: &[&str]) -> Option<Finding> {
    let error = |rule, message| Some(Finding::error(migration, line, rule, message));
    let has = |word: &str| words.contains(&word);
    match words {
        [
            "BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE",
            ..,
        ] => error(
            "transaction-nesting",
            "opsctl begins and commits the transaction",
        ),
        ["VACUUM" | "ATTACH" | "DETACH", ..] => error(
            "not-in-transaction",
            "this fails inside a transaction, and every migration is one",
        ),
        [
            "PRAGMA",
            "FOREIGN_KEYS" | "JOURNAL_MODE" | "SYNCHRONOUS",
            ..,
        ] => error(
            "pragma-without-effect",
            "this setting can't change inside a transaction",
        ),
        ["DROP", "TABLE" | "VIEW", ..] => Some(away(migration, line, "ban-drop")),
        ["ALTER", "TABLE", ..] if has("DROP") => Some(away(migration, line, "ban-drop-column")),
        ["ALTER", "TABLE", ..] if has("RENAME") => Some(away(migration, line, "renaming")),
        ["ALTER", "TABLE", ..] if has("ADD") => added(migration, line, words),
        _ => None,
    }
}

fn away(migration: &Migration, line: usize, rule: &str) -> Finding {
    let message = "the application of before still uses what this takes away";
    let finding = Finding::error(migration, line, rule, message);
    let help = "expand first; take it away in a contract, once no application needs it";
    Finding {
        weight: taking_away(migration.phase),
        ..finding
    }
    .help(help)
}

fn added(migration: &Migration, line: usize, words: &[&str]) -> Option<Finding> {
    let has = |word: &str| words.contains(&word);
    if has("UNIQUE") || has("PRIMARY") {
        let message = "SQLite can't add a column that is UNIQUE or a key";
        let finding = Finding::error(migration, line, "adding-unique-column", message);
        return Some(finding.help("add the column, then CREATE UNIQUE INDEX"));
    }
    (words.windows(2).any(|two| two == ["NOT", "NULL"]) && !has("DEFAULT")).then(|| {
        let message = "a column that may not be NULL needs a default for the rows that are there";
        Finding::error(migration, line, "adding-required-field", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::{Weight, lint, of};

    fn rules(sql: &str) -> Vec<String> {
        let up = format!("-- phase: expand\n{sql}");
        let migration = Migration::parse("0009_x", &up, Some("")).unwrap();
        let found = lint(Engine::Sqlite, &[migration]);
        found.into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn what_sqlite_can_not_do_is_found_without_running_it() {
        for (sql, rule) in [
            ("VACUUM;", "not-in-transaction"),
            ("PRAGMA foreign_keys = OFF;", "pragma-without-effect"),
            (
                "ALTER TABLE a ADD b TEXT NOT NULL;",
                "adding-required-field",
            ),
            ("ALTER TABLE a ADD b TEXT UNIQUE;", "adding-unique-column"),
            ("ALTER TABLE a DROP COLUMN b;", "ban-drop-column"),
            ("BEGIN; COMMIT;", "transaction-nesting"),
        ] {
            assert_eq!(rules(sql).first().map(String::as_str), Some(rule), "{sql}");
        }
        assert!(rules("ALTER TABLE a ADD b TEXT NOT NULL DEFAULT '';").is_empty());
    }

    #[test]
    fn the_repository_s_own_migrations_have_no_error() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let found = lint(engine, &of(engine));
            let errors: Vec<_> = found.iter().filter(|f| f.weight == Weight::Error).collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }
}
