//! Every kind of damage is caught and named.

use anyhow::{Context, Result};
use opsctl_core::integrity::{Caught, Damage, DamageKind, caught};
use opsctl_postgres::sabotage::plant;

use crate::stage::{Stage, options};

#[tokio::test]
async fn every_kind_of_damage_is_caught_and_named() -> Result<()> {
    let stage = Stage::set_up().await?;
    stage.site.back_up("base").await?;
    for (number, kind) in DamageKind::ALL.into_iter().enumerate() {
        for seed in [11, 12] {
            let copy = stage
                .restored(&format!("damaged-{number}-{seed}"), "base")
                .await?;
            // People go on working while the drill runs.
            stage
                .site
                .write(u32::try_from(number)? * 100 + u32::try_from(seed)?)
                .await?;
            let planted = plant(Some(&stage.restorer), &copy, &Damage { kind, seed }).await?;
            let planted = planted.with_context(|| format!("nothing to damage by {kind:?}"))?;
            let report = stage.examine(&copy, &options()).await?;
            let outcome = caught(&planted, &report);
            assert!(
                matches!(outcome, Caught::Yes { .. }),
                "{kind:?} with seed {seed} was {outcome:?}: {planted:?} {report:#?}"
            );
            stage.restorer.discard(&copy.name).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_no_scratch_copy_is_never_damaged() -> Result<()> {
    let stage = Stage::set_up().await?;
    let mut copy = stage.copy("copy").await?;
    copy.location = stage.source(&copy)?;
    let damage = Damage {
        kind: DamageKind::RowLost,
        seed: 1,
    };
    let refused = plant(Some(&stage.restorer), &copy, &damage)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, opsctl_core::FailureKind::Refused);
    Ok(())
}
