//! From the kind of damage to the one who does it.

use opsctl_core::integrity::{Damage, DamageKind, Planted, Rng};
use opsctl_core::ports::Copy;
use opsctl_core::{Failure, Result};
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::{objects, page, rows};
use crate::cluster::restore::Restorer;
use crate::connect::{options, trouble};

/// What was damaged, by name, and how.
pub(super) struct Harm {
    pub(super) object: String,
    pub(super) detail: String,
}

/// Damages the copy; `None` when there is nothing that could be damaged so.
///
/// # Errors
/// Refuses any database whose role is not `scratch`.
pub async fn plant(
    restorer: Option<&Restorer>,
    copy: &Copy,
    damage: &Damage,
) -> Result<Option<Planted>> {
    let mut session = connect(copy).await?;
    must_be_scratch(&mut session).await?;
    let mut rng = Rng::new(damage.seed);
    let harm = match (damage.kind, restorer) {
        // A service shows nobody its files, and lets nobody write the catalogue.
        (DamageKind::PageFlipped | DamageKind::IndexBroken, None) => {
            goodbye(session).await;
            None
        }
        (DamageKind::PageFlipped, Some(restorer)) => {
            let chosen = page::choose(&mut session, &mut rng).await?;
            // Pages that the server holds in memory would hide what happens on the disk.
            goodbye(session).await;
            match chosen {
                None => None,
                Some(place) => {
                    restorer.stop(&copy.name).await?;
                    let harm = place.flip(&mut rng)?;
                    restorer.start(&copy.name).await?;
                    Some(harm)
                }
            }
        }
        (kind, _) => {
            let harm = by_kind(&mut session, kind, &mut rng).await;
            goodbye(session).await;
            harm?
        }
    };
    Ok(harm.map(|harm| Planted {
        kind: damage.kind,
        object: harm.object,
        detail: harm.detail,
    }))
}

async fn connect(copy: &Copy) -> Result<PgConnection> {
    options(&copy.location, "opsctl/damage")?
        .disable_statement_logging()
        .connect()
        .await
        .map_err(trouble("connect to the copy to damage it"))
}

/// The damage is done; a session that can't say goodbye any more is no news.
async fn goodbye(session: PgConnection) {
    drop(session.close().await);
}

async fn must_be_scratch(session: &mut PgConnection) -> Result<()> {
    let scratch: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM public.database_identity WHERE id = 1 AND role = 'scratch')",
    )
    .fetch_one(session)
    .await
    .map_err(trouble("ask the copy who it is"))?;
    if scratch {
        return Ok(());
    }
    Err(Failure::refused("this database is no scratch copy")
        .cause("only a restored copy with the role 'scratch' may be damaged"))
}

async fn by_kind(
    session: &mut PgConnection,
    kind: DamageKind,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    match kind {
        DamageKind::RowLost => rows::lose(session, rng).await,
        DamageKind::RowChanged => rows::change(session, rng).await,
        DamageKind::ForeignKeyBroken => rows::orphan(session, rng).await,
        DamageKind::TableTruncated => rows::truncate(session, rng).await,
        DamageKind::StaleBackup => rows::age(session).await,
        DamageKind::SequenceBehind => objects::set_back(session, rng).await,
        DamageKind::TableLost => objects::drop_table(session, rng).await,
        DamageKind::IndexMissing => objects::drop_index(session, rng).await,
        DamageKind::IndexBroken => objects::break_index(session, rng).await,
        DamageKind::ConstraintMissing => objects::drop_constraint(session, rng).await,
        DamageKind::DefaultChanged => objects::drop_default(session, rng).await,
        // Done to the files, while the copy is stopped.
        DamageKind::PageFlipped => Ok(None),
    }
}
