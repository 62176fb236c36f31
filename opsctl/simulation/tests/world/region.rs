//! The drill of a lost region, killed at every boundary, with each answer of the second place lost in turn, and with nothing of the
//! first place left: one document, nothing that is billed, no pin and no lock.
use opsctl_core::doctor::{Patience, examine};
use opsctl_core::engine::{Conclusion, Plan, Verdict};
use opsctl_core::evidence::{Evidence, EvidenceVerdict, render};
use opsctl_core::failover::{RegionObserved, Regions, abroad, plan_region};
use opsctl_core::names::BackupId;
use opsctl_core::ports::Databases;
use opsctl_core::state::Key;
use opsctl_core::{FailureKind, Result};
use opsctl_simulation::Platform;

use crate::drill;
use crate::failover::documents;
use crate::restore::stage::Stage;

/// A backup with a user in it, and its copy in the second place.
fn stage() -> (Stage, BackupId) {
    let (stage, backup) = drill::stage();
    stage.platform.copy_away(&backup);
    (stage, backup)
}

async fn planned(stage: &Stage) -> Result<Plan> {
    let world = stage.world();
    let away = world.away()?;
    let location = stage.platform.descriptor().location;
    let source = match Databases::open(&stage.platform, &location).await {
        Ok(live) => Some((location, live.identity().await?)),
        Err(_) => None,
    };
    let observed = RegionObserved {
        regions: Regions {
            home: away.home.clone(),
            place: away.place.clone(),
        },
        copies: away.backups.list().await?.0,
        source,
        parts: abroad::look(&world, away).await,
        workloads: None,
    };
    plan_region(&stage.basis("drill-failover-1"), &observed)
}

/// One document, and nothing left of the drill; the live database is as it was.
async fn over(stage: &Stage, backup: &BackupId, at: usize) -> Evidence {
    let documents = documents(stage).await;
    assert_eq!(documents.len(), 1, "evidence exactly once, at {at}");
    let platform = &stage.platform;
    assert!(platform.copies().is_empty(), "it is still billed, at {at}");
    assert_eq!(platform.databases().len(), 1, "at {at}");
    assert_eq!(stage.pins(backup).await, 0, "a pin is left, at {at}");
    let descriptor = platform.descriptor();
    assert!(descriptor.other.is_empty(), "at {at}: {descriptor:?}");
    let document = documents[0].clone();
    let region = document.region.as_ref().unwrap();
    let way_back = stage.store.read(&key(&region.fail_back)).await.unwrap();
    let text = String::from_utf8(way_back.unwrap()).unwrap();
    assert!(text.contains("from there back to here"), "{text}");
    document
}

fn key(place: &str) -> Key {
    let parts: Vec<&str> = place.split('/').collect();
    Key::of(&parts)
}

fn passed(document: &Evidence, at: usize) {
    let reasons = &document.reasons;
    assert_eq!(
        document.verdict,
        EvidenceVerdict::Passed,
        "at {at}: {reasons:?}"
    );
}

#[tokio::test]
async fn a_drill_killed_at_any_boundary_and_resumed_leaves_one_document_and_nothing_that_is_billed()
{
    let (undisturbed, backup) = stage();
    let plan = planned(&undisturbed).await.unwrap();
    let count = undisturbed.boundaries(&plan).await;
    assert_eq!(count, 1 + 15 * 4 + 1, "opened, four a step, closed");
    passed(&over(&undisturbed, &backup, count).await, count);
    let every = (0..count).map(|at| async move {
        let (stage, backup) = stage();
        let plan = planned(&stage).await.unwrap();
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        passed(&over(&stage, &backup, at).await, at);
        assert!(!stage.view(&plan).await.is_open(), "at {at}");
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn killed_at_any_boundary_while_nothing_of_the_first_place_answers_it_still_ends_well() {
    let lost = || {
        let (stage, backup) = stage();
        stage.platform.lose_home();
        (stage, backup)
    };
    let (undisturbed, _) = lost();
    let plan = planned(&undisturbed).await.unwrap();
    assert!(plan.preconditions.is_empty(), "{plan:?}");
    let count = undisturbed.boundaries(&plan).await;
    let every = (0..count).map(|at| async move {
        let (stage, backup) = lost();
        let plan = planned(&stage).await.unwrap();
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        let document = over(&stage, &backup, at).await;
        passed(&document, at);
        assert!(!document.region.unwrap().source_answered, "at {at}");
    });
    futures::future::join_all(every).await;
}

/// Runs to the end, going on as often as an answer was lost.
async fn to_the_end(stage: &Stage, plan: &Plan) -> Result<Conclusion> {
    let mut answer = stage.execute(plan).await;
    for _ in 0..3 {
        if !stage.view(plan).await.is_open() {
            break;
        }
        answer = stage.resume(plan).await;
    }
    answer
}

#[tokio::test]
async fn whichever_answer_of_the_second_place_is_lost_nothing_is_there_twice_or_stays() {
    let (undisturbed, _) = stage();
    let plan = planned(&undisturbed).await.unwrap();
    undisturbed.execute(&plan).await.unwrap();
    let count = undisturbed.platform.changes_away();
    assert!(count >= 4, "{count} changes");
    for number in 0..count {
        let (stage, backup) = stage();
        stage.platform.lose_answer_away(number);
        let plan = planned(&stage).await.unwrap();
        let _told = to_the_end(&stage, &plan).await;
        assert!(!stage.view(&plan).await.is_open(), "answer {number}");
        let platform = &stage.platform;
        assert!(platform.copies().is_empty(), "billed, answer {number}");
        assert_eq!(platform.databases().len(), 1, "answer {number}");
        assert_eq!(stage.pins(&backup).await, 0, "answer {number}");
        assert!(documents(&stage).await.len() <= 1, "answer {number}");
    }
}

#[tokio::test]
async fn what_lacks_there_is_told_before_the_day_by_plan_doctor_and_evidence() {
    let (stage, backup) = stage();
    stage.platform.lacks_away("images");
    let plan = planned(&stage).await.unwrap();
    let told = plan.context.iter().find(|fact| fact.name == "images");
    assert!(told.unwrap().value.starts_with("finding: "), "{told:?}");
    let diagnosis = examine(&stage.world(), Patience(std::time::Duration::ZERO)).await;
    let words = "images: a failover to there would fail";
    let found = diagnosis.findings().any(|it| it.what.starts_with(words));
    assert!(found, "{diagnosis:?}");
    let conclusion = stage.execute(&plan).await.unwrap();
    let Verdict::Broken(reasons) = conclusion.verdict else {
        panic!("it passed");
    };
    assert!(reasons[0].starts_with("not ready: images"), "{reasons:?}");
    let page = render(&over(&stage, &backup, 0).await);
    assert!(page.contains("- images: lacking"), "{page}");
    assert!(page.contains("not drilled: deploy"), "{page}");
    assert!(page.contains("workloads: by hand"), "{page}");
}

#[tokio::test]
async fn without_a_copy_or_a_second_place_nothing_is_drilled() {
    let (stage, backup) = stage();
    let bare = Platform::new().world(&stage.store);
    assert_eq!(bare.away().err().unwrap().kind, FailureKind::Usage);
    stage.platform.forget_copy(&backup);
    let failure = planned(&stage).await.unwrap_err();
    assert!(failure.to_string().contains("ever copied"), "{failure}");
}
