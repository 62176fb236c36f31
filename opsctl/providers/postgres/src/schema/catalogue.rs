//! Whether a statement outside a transaction took effect.

use opsctl_core::migrate::Postcondition;
use sqlx::PgConnection;

/// What the catalogue shows of a postcondition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// The statement took effect.
    Done,
    /// It did not.
    Absent,
    /// A dead run left an index that is not valid.
    Invalid,
}

pub(super) async fn look(
    session: &mut PgConnection,
    wanted: &Postcondition,
) -> Result<Trace, sqlx::Error> {
    match wanted {
        Postcondition::IndexValid { index } => Ok(match valid(session, index).await? {
            Some(true) => Trace::Done,
            Some(false) => Trace::Invalid,
            None => Trace::Absent,
        }),
        Postcondition::IndexGone { index } => Ok(match valid(session, index).await? {
            None => Trace::Done,
            Some(_) => Trace::Absent,
        }),
        Postcondition::EnumValue { kind, value } => {
            let there: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT FROM pg_enum WHERE enumtypid = to_regtype($1) \
                 AND enumlabel = $2)",
            )
            .bind(kind)
            .bind(value)
            .fetch_one(session)
            .await?;
            Ok(if there { Trace::Done } else { Trace::Absent })
        }
    }
}

/// Whether the index is valid; `None` when there is none. One that is being built at this moment by
/// somebody else counts as there and not valid, and must not be healed.
async fn valid(session: &mut PgConnection, index: &str) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)")
        .bind(index)
        .fetch_optional(session)
        .await
}

/// The process that builds the index at this moment.
pub(super) async fn builder(
    session: &mut PgConnection,
    index: &str,
) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT pid FROM pg_stat_progress_create_index WHERE index_relid = to_regclass($1)",
    )
    .bind(index)
    .fetch_optional(session)
    .await
}
