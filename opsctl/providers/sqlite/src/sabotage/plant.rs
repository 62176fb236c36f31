//! From the kind of damage to the one who does it.

use opsctl_core::integrity::{Damage, DamageKind, Planted, Rng};
use opsctl_core::ports::Location;
use opsctl_core::{Failure, Result};
use sqlx::{Connection, SqliteConnection};

use super::target::is_scratch;
use super::{objects, page, rows};
use crate::inspect::connect;

/// What was damaged, by name, and how.
pub(super) struct Harm {
    pub(super) object: String,
    pub(super) detail: String,
}

/// Damages the copy; `None` when there is nothing that could be damaged so.
pub(super) async fn plant(location: &Location, damage: &Damage) -> Result<Option<Planted>> {
    let mut session = connect(location).await?;
    if !is_scratch(&mut session).await? {
        return Err(
            Failure::refused(format!("{} is no scratch copy", location.url))
                .cause("only a restored copy with the role 'scratch' may be damaged"),
        );
    }
    let mut rng = Rng::new(damage.seed);
    let harm = by_kind(location, &mut session, damage.kind, &mut rng).await;
    // The damage lies in the file; a session that can't say goodbye any more is no news.
    drop(session.close().await);
    Ok(harm?.map(|harm| Planted {
        kind: damage.kind,
        object: harm.object,
        detail: harm.detail,
    }))
}

async fn by_kind(
    location: &Location,
    session: &mut SqliteConnection,
    kind: DamageKind,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    match kind {
        DamageKind::RowLost => rows::lose(session, rng).await,
        DamageKind::RowChanged => rows::change(session, rng).await,
        DamageKind::ForeignKeyBroken => rows::orphan(session, rng).await,
        DamageKind::TableTruncated => rows::truncate(session, rng).await,
        DamageKind::StaleBackup => rows::age(session).await,
        DamageKind::SequenceBehind => rows::set_back(session, rng).await,
        DamageKind::TableLost => objects::drop_table(session, rng).await,
        DamageKind::IndexMissing => objects::drop_index(session, rng).await,
        DamageKind::IndexBroken => objects::break_index(location, session, rng).await,
        DamageKind::ConstraintMissing => objects::drop_constraint(session, rng).await,
        DamageKind::DefaultChanged => objects::change_default(session, rng).await,
        DamageKind::PageFlipped => page::flip(location, session, rng).await,
    }
}
