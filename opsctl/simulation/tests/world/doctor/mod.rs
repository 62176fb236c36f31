//! Each finding of `opsctl doctor` and its cure, over a simulated platform.

use std::time::Duration;

use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::doctor::{Diagnosis, Finding, Level, Patience, examine};
use opsctl_core::guard::Principal;
use opsctl_core::lineage::{Fence, LineageRegister, SetAside};
use opsctl_core::names::{LineageId, OperationId};
use opsctl_core::ports::{DatabaseRole, Effects, Mode};
use opsctl_core::restore::{Destination, Point};
use opsctl_simulation::Obedience;

use crate::backup::stock::{DAY, daily};
use crate::bench::LEASE;
use crate::restore::stage::Stage;

async fn look(stage: &Stage) -> Diagnosis {
    examine(&stage.world(), Patience(LEASE)).await
}

/// The one finding that says so.
fn find<'a>(diagnosis: &'a Diagnosis, words: &str) -> &'a Finding {
    let mut found = diagnosis
        .findings()
        .filter(|finding| finding.what.contains(words));
    let first = found
        .next()
        .unwrap_or_else(|| panic!("nothing says '{words}': {diagnosis:#?}"));
    assert!(found.next().is_none(), "'{words}' was found twice");
    assert!(!first.cure.is_empty());
    first
}

fn says(diagnosis: &Diagnosis, words: &str) -> bool {
    diagnosis
        .findings()
        .any(|finding| finding.what.contains(words))
}

fn change_live(stage: &Stage, change: impl FnOnce(&mut opsctl_simulation::SimulatedDatabase)) {
    let url = stage.platform.descriptor().location.url;
    stage.platform.change(&url, change);
}

#[tokio::test]
async fn a_sound_platform_has_no_trouble_but_the_drill_that_never_ran() {
    let diagnosis = look(&daily(3)).await;
    let troubles: Vec<&str> = diagnosis
        .findings()
        .filter(|finding| finding.level == Level::Trouble)
        .map(|finding| finding.what.as_str())
        .collect();
    assert_eq!(
        troubles,
        ["no restore drill has passed here"],
        "{diagnosis:#?}"
    );
    assert!(diagnosis.checks.iter().all(|check| check.found.is_some()));
}

#[tokio::test]
async fn an_environment_that_was_never_set_up_is_told_how() {
    let stage = daily(1);
    stage.platform.forget_descriptor();
    let diagnosis = look(&stage).await;
    let finding = find(&diagnosis, "no database yet");
    assert_eq!(finding.cure, ["opsctl migrate up"]);
}

#[tokio::test]
async fn a_database_that_is_silent_is_a_finding_and_the_other_checks_go_on() {
    let stage = daily(1);
    change_live(&stage, |database| database.answers = false);
    let diagnosis = look(&stage).await;
    assert!(says(&diagnosis, "nobody answers"));
    assert!(
        diagnosis
            .checks
            .iter()
            .any(|c| c.name == "backups" && c.found.is_some())
    );
}

#[tokio::test]
async fn a_database_of_another_lineage_or_role_is_named() {
    let stage = daily(1);
    change_live(&stage, |database| {
        database.identity.lineage_id = LineageId(uuid::Uuid::new_v4());
        database.identity.role = DatabaseRole::Superseded;
        database.identity.effects = Effects::Held;
    });
    let diagnosis = look(&stage).await;
    // An adoption refuses a database that was set aside.
    let cure = &find(&diagnosis, "the descriptor names").cure[0];
    assert!(cure.contains("restore undo"), "{cure}");
    assert!(says(&diagnosis, "nobody is served from it"));
    let offered = |finding: &Finding| finding.cure.iter().any(|cure| cure.contains("adopt"));
    assert!(!diagnosis.findings().any(offered));
    change_live(&stage, |database| {
        database.identity.role = DatabaseRole::Primary;
    });
    let diagnosis = look(&stage).await;
    assert!(find(&diagnosis, "the descriptor names").cure[0].contains("env adopt --reason"));
    assert_eq!(find(&diagnosis, "are held").level, Level::Advice);
}

#[tokio::test]
async fn a_fence_that_was_left_standing_and_a_heartbeat_that_stopped_are_found() {
    let stage = daily(1);
    let later = stage.platform.clock.now().plus(Duration::from_secs(90));
    stage.platform.clock.set(later);
    change_live(&stage, |database| database.fenced = true);
    let diagnosis = look(&stage).await;
    assert!(says(&diagnosis, "refuses writes: the database is fenced"));
    assert!(says(&diagnosis, "heartbeat"));
}

#[tokio::test]
async fn a_process_that_lags_behind_is_named_with_its_pid() {
    let stage = daily(1);
    stage.platform.start_process(Obedience::Hangs);
    stage.platform.change_descriptor(|descriptor| {
        descriptor.generation += 1;
        descriptor.mode = Mode::ReadOnly;
    });
    let diagnosis = look(&stage).await;
    assert!(find(&diagnosis, "applied generation 1 of 2").cure[0].contains("kill 1001"));
    assert!(find(&diagnosis, "stands aside").cure[0].contains("maintenance off"));
}

#[tokio::test]
async fn an_operation_that_died_is_found_and_one_that_is_over_is_not() {
    let stage = daily(1);
    let plan = stage
        .plan("restore-1", Point::Newest, Destination::Scratch)
        .await
        .unwrap();
    assert!(stage.killed(&plan, 8).await.is_err());
    let finding = look(&stage).await;
    let finding = find(&finding, "restore-1 is open");
    assert_eq!(finding.cure[0], "opsctl operation resume restore-1");
    stage.resume(&plan).await.unwrap();
    assert!(!says(&look(&stage).await, "restore-1 is open"));
}

#[tokio::test]
async fn a_copy_past_its_end_is_found_and_the_next_backup_clears_it_away() {
    let stage = daily(1);
    let plan = stage
        .plan("restore-1", Point::Newest, Destination::Scratch)
        .await
        .unwrap();
    stage.execute(&plan).await.unwrap();
    assert!(!says(&look(&stage).await, "past its end"));
    stage
        .platform
        .clock
        .set(stage.platform.clock.now().plus(DAY * 10));
    assert!(says(
        &look(&stage).await,
        "copy restore-1 of restore-1 is past its end"
    ));
    let backup = crate::backup::stock::plan_a_backup(&stage, "backup-create-1")
        .await
        .unwrap();
    stage.execute(&backup).await.unwrap();
    assert!(stage.platform.copies().is_empty());
}

#[tokio::test]
async fn a_fence_that_is_owed_is_trouble_and_a_database_kept_aside_is_advice() {
    let stage = daily(1);
    let descriptor = stage.platform.descriptor();
    let (now, hour) = (
        stage.platform.clock.now(),
        std::time::Duration::from_secs(3600),
    );
    for (fence, keep_until, words, level) in [
        (Fence::Owed, None, "cut off unfenced", Level::Trouble),
        (Fence::Proven, None, "is kept since", Level::Advice),
        (
            Fence::Proven,
            Some(now.plus(hour)),
            "is kept since",
            Level::Advice,
        ),
        (
            Fence::Proven,
            Some(Timestamp(now.0 - hour)),
            "was due on",
            Level::Trouble,
        ),
    ] {
        let aside = SetAside {
            instance_id: descriptor.instance_id,
            lineage_id: LineageId(uuid::Uuid::new_v4()),
            location: descriptor.location.clone(),
            administrator: descriptor.location.clone(),
            since: stage.platform.clock.now(),
            by: OperationId::new("restore-1").unwrap(),
            copy: None,
            fence,
            keep_until,
        };
        LineageRegister::update(stage.store.as_ref(), |register| {
            register.set_aside = vec![aside.clone()];
        })
        .await
        .unwrap();
        assert_eq!(find(&look(&stage).await, words).level, level);
    }
}

#[tokio::test]
async fn a_lock_of_an_operation_that_is_over_is_found() {
    let stage = daily(1);
    let database = opsctl_core::names::ResourceName::new("database").unwrap();
    let register = opsctl_core::state::Register::at(
        stage.store.as_ref(),
        opsctl_core::state::Key::lock(&database),
    );
    let record = opsctl_core::guard::LockRecord {
        open: Some(OperationId::new("restore-long-gone").unwrap()),
        ..Default::default()
    };
    register.swap(0, &record).await.unwrap();
    let diagnosis = look(&stage).await;
    let finding = find(&diagnosis, "the lock on database");
    assert_eq!(finding.cure, ["opsctl lock release database"]);
    let by = Principal::claimed("ada");
    let freed = opsctl_core::guard::force_release(stage.store.as_ref(), &database, &by).await;
    freed.unwrap();
    assert!(!says(&look(&stage).await, "the lock on database"));
}
