//! What a statement does to its table, read from its words. The worst case counts: nobody can see here
//! whether a type change happens to keep the rows as they are.

use super::lexer::words;
use crate::ports::Engine;

/// What others can't do to the table meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    Nothing,
    Writes,
    Everything,
}

/// How much there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    Moment,
    Unknown,
    Builds,
    Reads,
    Changes,
    Rewrites,
    Destroys,
}

/// One statement's effect on one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    pub table: String,
    pub work: Work,
    pub hold: Hold,
}

/// Where the table's name stands after a keyword, past `IF EXISTS` and `ONLY`.
fn after<'a>(words: &[&'a str], keyword: &str) -> Option<&'a str> {
    let from = 1 + words.iter().position(|word| *word == keyword)?;
    let noise = ["IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY", "TABLE"];
    words[from..]
        .iter()
        .find(|word| !noise.contains(word))
        .copied()
}

/// As the catalogue spells it: lower case unless it is quoted.
fn name(word: &str) -> String {
    if word.contains('"') {
        word.replace('"', "")
    } else {
        word.to_lowercase()
    }
}

/// The table that a statement makes.
pub fn creates(sql: &str) -> Option<String> {
    let words = words(sql);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let head = words.iter().take(4).any(|word| *word == "TABLE");
    (words.first() == Some(&"CREATE") && head).then(|| after(&words, "TABLE").map(name))?
}

/// What it does; `None` when no table that exists is touched.
pub fn impact(engine: Engine, sql: &str) -> Option<Impact> {
    let words = words(sql);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let has = |word: &str| words.contains(&word);
    let (table, work, hold) = match words.as_slice() {
        ["CREATE", "INDEX", ..] | ["CREATE", "UNIQUE", "INDEX", ..] => {
            let hold = if has("CONCURRENTLY") {
                Hold::Nothing
            } else {
                Hold::Writes
            };
            (after(&words, "ON"), Work::Builds, hold)
        }
        ["REINDEX", "TABLE", ..] if !has("CONCURRENTLY") => {
            (after(&words, "TABLE"), Work::Builds, Hold::Everything)
        }
        ["DROP", "TABLE", ..] => (after(&words, "TABLE"), Work::Destroys, Hold::Everything),
        ["TRUNCATE", ..] => (after(&words, "TRUNCATE"), Work::Destroys, Hold::Everything),
        ["VACUUM", "FULL", ..] => (after(&words, "FULL"), Work::Rewrites, Hold::Everything),
        ["CLUSTER", ..] => (after(&words, "CLUSTER"), Work::Rewrites, Hold::Everything),
        ["LOCK", ..] => (after(&words, "LOCK"), Work::Moment, Hold::Everything),
        ["UPDATE", ..] => (after(&words, "UPDATE"), Work::Changes, Hold::Writes),
        ["DELETE", ..] => (after(&words, "FROM"), Work::Changes, Hold::Writes),
        ["CREATE", "TRIGGER", ..] => (after(&words, "ON"), Work::Moment, Hold::Writes),
        ["ALTER", "TABLE", ..] => {
            let (work, hold) = worst(engine, &words);
            (after(&words, "TABLE"), work, hold)
        }
        ["DO", ..] => (Some("?"), Work::Unknown, Hold::Everything),
        _ => return None,
    };
    // Readers of SQLite go on beside the one writer; every write waits for it.
    let hold = match engine {
        Engine::Sqlite => Hold::Writes,
        Engine::Postgres => hold,
    };
    table.map(|table| Impact {
        table: name(table),
        work,
        hold,
    })
}

/// The worst of the actions of an `ALTER TABLE`.
fn worst(engine: Engine, words: &[&str]) -> (Work, Hold) {
    let mut depth = 0_i32;
    let actions = words[2..].split(|word| {
        depth += i32::from(*word == "(") - i32::from(*word == ")");
        *word == "," && depth == 0
    });
    let judge = |action| match engine {
        Engine::Postgres => alteration(action),
        Engine::Sqlite => sqlite_alteration(action),
    };
    let worst = actions.map(judge).max();
    worst.unwrap_or((Work::Moment, Hold::Everything))
}

fn sqlite_alteration(action: &[&str]) -> (Work, Hold) {
    if action.contains(&"DROP") {
        return (Work::Rewrites, Hold::Writes);
    }
    // A column with a CHECK, or one that may not be NULL, is held against every row that is there.
    let proves = action.contains(&"ADD") && (action.contains(&"CHECK") || action.contains(&"NOT"));
    (
        if proves { Work::Reads } else { Work::Moment },
        Hold::Writes,
    )
}

fn alteration(action: &[&str]) -> (Work, Hold) {
    let has = |word: &str| action.contains(&word);
    let pair = |a: &str, b: &str| action.windows(2).any(|two| two == [a, b]);
    let adds = has("ADD");
    let constraint =
        has("CONSTRAINT") || has("CHECK") || has("FOREIGN") || has("UNIQUE") || has("PRIMARY");
    if has("TYPE") || pair("SET", "TABLESPACE") || pair("SET", "LOGGED") || pair("SET", "UNLOGGED")
    {
        return (Work::Rewrites, Hold::Everything);
    }
    if pair("VALIDATE", "CONSTRAINT") {
        return (Work::Reads, Hold::Nothing);
    }
    if adds && has("FOREIGN") {
        let work = if pair("NOT", "VALID") {
            Work::Moment
        } else {
            Work::Reads
        };
        return (work, Hold::Writes);
    }
    if adds && (pair("PRIMARY", "KEY") || has("UNIQUE")) {
        let work = if pair("USING", "INDEX") {
            Work::Moment
        } else {
            Work::Builds
        };
        return (work, Hold::Everything);
    }
    if adds && rewrites_rows(action) {
        return (Work::Rewrites, Hold::Everything);
    }
    let proves = pair("SET", "NOT")
        || pair("ATTACH", "PARTITION")
        || (adds && constraint && !pair("NOT", "VALID"));
    (
        if proves { Work::Reads } else { Work::Moment },
        Hold::Everything,
    )
}

/// A new column whose value differs from row to row has to be written into each of them.
fn rewrites_rows(action: &[&str]) -> bool {
    const VOLATILE: [&str; 7] = [
        "GEN_RANDOM_UUID",
        "RANDOM",
        "CLOCK_TIMESTAMP",
        "NEXTVAL",
        "UUID_GENERATE_V4",
        "SERIAL",
        "BIGSERIAL",
    ];
    action
        .iter()
        .any(|word| VOLATILE.contains(word) || *word == "STORED" || *word == "IDENTITY")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> (Work, Hold) {
        let found = impact(Engine::Postgres, sql).unwrap();
        assert_eq!(found.table, "users", "{sql}");
        (found.work, found.hold)
    }

    #[test]
    fn each_kind_of_statement_is_judged_by_its_worst_action() {
        use {Hold as H, Work as W};
        for (sql, wanted) in [
            (
                "ALTER TABLE users ADD COLUMN a int",
                (W::Moment, H::Everything),
            ),
            (
                "ALTER TABLE users ADD a int DEFAULT 3 NOT NULL",
                (W::Moment, H::Everything),
            ),
            (
                "ALTER TABLE users ADD a uuid DEFAULT gen_random_uuid()",
                (W::Rewrites, H::Everything),
            ),
            (
                "alter table only users alter column a type bigint",
                (W::Rewrites, H::Everything),
            ),
            (
                "ALTER TABLE users ADD a numeric(3, 2), ALTER b SET NOT NULL",
                (W::Reads, H::Everything),
            ),
            (
                "ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0)",
                (W::Reads, H::Everything),
            ),
            (
                "ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
                (W::Moment, H::Everything),
            ),
            (
                "ALTER TABLE users VALIDATE CONSTRAINT c",
                (W::Reads, H::Nothing),
            ),
            (
                "ALTER TABLE users ADD FOREIGN KEY (a) REFERENCES b",
                (W::Reads, H::Writes),
            ),
            (
                "ALTER TABLE users ADD CONSTRAINT c UNIQUE USING INDEX i",
                (W::Moment, H::Everything),
            ),
            ("CREATE INDEX i ON users (a)", (W::Builds, H::Writes)),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON users (a)",
                (W::Builds, H::Nothing),
            ),
            ("UPDATE users SET a = 1", (W::Changes, H::Writes)),
            ("DROP TABLE IF EXISTS users", (W::Destroys, H::Everything)),
        ] {
            assert_eq!(of(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn a_table_that_a_file_makes_itself_is_known() {
        assert_eq!(
            creates("CREATE TABLE IF NOT EXISTS a.\"B\" (x int)").as_deref(),
            Some("a.B")
        );
        assert_eq!(creates("CREATE INDEX i ON t (x)"), None);
    }
}
