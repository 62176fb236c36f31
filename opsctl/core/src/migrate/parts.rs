//! What a migration is parted into: the steps of its plan. Pure.
//!
//! In a transaction a file is there whole or not at all: one step. Outside one each statement is a step of its own,
//! journaled, and a last step notes the migration; a run that was killed goes on behind the last statement.

use super::{Migration, Statement, split};
use crate::failure::{Failure, Result};
use crate::names::StepName;
use crate::ports::Engine;

/// One step of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it and its note, in one transaction.
    Whole,
    /// One statement outside a transaction.
    Statement(Statement),
    /// The note, once every statement ran.
    Note,
}

/// A part and the step that carries it out.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub step: StepName,
    pub part: Part,
    pub migration: Migration,
    /// In words, for the plan.
    pub summary: String,
}

/// The parts of migrations, in the order in which they run.
///
/// # Errors
/// When a file without a transaction holds a statement that can't be resumed.
pub(super) fn parts(engine: Engine, chosen: &[Migration], down: bool) -> Result<Vec<Planned>> {
    let mut all = Vec::new();
    for migration in chosen {
        if down || migration.in_transaction {
            let verb = if down { "take back" } else { "apply" };
            let summary = format!("{verb} {}", migration.title());
            all.push(planned(migration, None, Part::Whole, summary)?);
        } else {
            all.extend(outside(engine, migration)?);
        }
    }
    Ok(all)
}

fn outside(engine: Engine, migration: &Migration) -> Result<Vec<Planned>> {
    if engine == Engine::Sqlite {
        return Err(
            Failure::usage(format!("{} wants no transaction", migration.title()))
                .cause("every statement of SQLite's schema can run in one")
                .left("nothing was changed"),
        );
    }
    let statements = split(migration)?;
    let count = statements.len();
    let mut all = Vec::new();
    for (number, statement) in (1..).zip(statements) {
        let summary = format!(
            "{}, {number} of {count}: {}",
            migration.title(),
            statement.sql
        );
        let part = Part::Statement(statement);
        all.push(planned(migration, Some(number), part, summary)?);
    }
    let summary = format!("note {} as applied", migration.title());
    all.push(planned(migration, None, Part::Note, summary)?);
    Ok(all)
}

fn planned(
    migration: &Migration,
    number: Option<usize>,
    part: Part,
    summary: String,
) -> Result<Planned> {
    let version = migration.version;
    let step = match number {
        Some(number) => StepName::new(format!("migrate-{version:04}-{number}"))?,
        None => StepName::new(format!("migrate-{version:04}"))?,
    };
    let migration = migration.clone();
    Ok(Planned {
        step,
        part,
        migration,
        summary,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(up: &str) -> Migration {
        Migration::parse("0009_x", up, None).unwrap()
    }

    #[test]
    fn a_file_without_a_transaction_has_a_step_for_each_statement_and_one_for_its_note() {
        let up = "-- no-transaction\nCREATE INDEX CONCURRENTLY a ON t (x);\n\
                  DROP INDEX CONCURRENTLY b;\n";
        let all = parts(Engine::Postgres, &[migration(up)], false).unwrap();
        let steps: Vec<&str> = all.iter().map(|planned| planned.step.as_str()).collect();
        assert_eq!(steps, ["migrate-0009-1", "migrate-0009-2", "migrate-0009"]);
        assert!(
            all[1].summary.contains("2 of 2: DROP INDEX"),
            "{}",
            all[1].summary
        );
        assert_eq!(all[2].part, Part::Note);
        let back = parts(Engine::Postgres, &[migration(up)], true).unwrap();
        assert_eq!((back.len(), &back[0].part), (1, &Part::Whole));
    }

    #[test]
    fn a_file_in_a_transaction_is_one_step_and_sqlite_knows_nothing_else() {
        let inside = parts(
            Engine::Sqlite,
            &[migration("CREATE TABLE a; CREATE TABLE b;")],
            false,
        );
        assert_eq!(inside.unwrap().len(), 1);
        let outside = migration("-- no-transaction\nCREATE INDEX CONCURRENTLY a ON t (x);");
        assert!(parts(Engine::Sqlite, &[outside], false).is_err());
    }
}
