//! The drill of a lost region where a cluster stands ready: the release runs on the copy until a user is answered. Killed at every boundary
//! it leaves one document, no namespace and no database; what can't serve is a finding, and what nobody goes on with is cleared away.

use std::time::Duration;

use futures::StreamExt;
use opsctl_core::Result;
use opsctl_core::clock::Clock;
use opsctl_core::deploy::release::{Closed, Opened, Verdict as Ending, close, open};
use opsctl_core::deploy::{Origin, ReleaseNumber};
use opsctl_core::doctor::{Patience, examine};
use opsctl_core::engine::{Plan, Verdict, When, abandon};
use opsctl_core::environment::{AbroadSettings, Patience as Budgets, Span};
use opsctl_core::evidence::{Evidence, EvidenceVerdict, WorkloadsOf, render};
use opsctl_core::failover::abroad::{Rendered, expired, inputs, workloads};
use opsctl_core::failover::{RegionObserved, Regions, plan_region};
use opsctl_core::guard::Principal;
use opsctl_core::image::{Digest, Repository};
use opsctl_core::names::{BackupId, OperationId};
use opsctl_core::ports::{Databases, PartState};
use opsctl_core::restore::{Destination, Point};
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_simulation::{Fate, SimulatedCluster};
use serde_json::json;

use crate::drill;
use crate::failover::documents;
use crate::restore::stage::Stage;

const NAMESPACE: &str = "drill";
const THERE: &str = "there.example/app:v1.0.0";

fn repository(place: &str) -> Repository {
    format!("{place}.example/app").parse().unwrap()
}

fn settings() -> AbroadSettings {
    serde_json::from_value(json!({
        "manifests": "k8s/abroad", "namespace": NAMESPACE, "repository": "there.example/app", "url": "https://there.example"
    }))
    .unwrap()
}

/// Release 1 serves at home, its image was replicated, and a cluster stands ready.
async fn stage() -> (Stage, BackupId, SimulatedCluster) {
    let (stage, backup) = drill::stage();
    stage.platform.copy_away(&backup);
    let cluster = SimulatedCluster::default();
    let (home, there) = (repository("here"), repository("there"));
    stage
        .platform
        .stands_ready_away(&cluster, &settings(), &home);
    let image = Digest::of(b"an image");
    stage
        .platform
        .name(&there, &"v1.0.0".parse().unwrap(), &image);
    let at = stage.platform.clock.now();
    let opened = Opened {
        number: ReleaseNumber(1),
        operation: OperationId::new("deploy-1").unwrap(),
        at,
        plan_sha256: "0".into(),
        origin: Origin::Manifests,
        images: [("app".to_owned(), format!("{home}:v1.0.0"))].into(),
        inventory: Vec::new(),
    };
    let closed = Closed {
        at,
        verdict: Ending::Succeeded,
        causes: Vec::new(),
        gate: Vec::new(),
    };
    let store = stage.store.as_ref();
    open(store, &opened, &[]).await.unwrap();
    close(store, ReleaseNumber(1), &closed).await.unwrap();
    (stage, backup, cluster)
}

fn overlay() -> Vec<Object> {
    let metadata = |name: &str| json!({"name": name, "namespace": NAMESPACE});
    let mut door = metadata("front");
    door["annotations"] = json!({"opsctl/door": "drill"});
    vec![
        Object(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})),
        Object(json!({"apiVersion": "v1", "kind": "Service", "metadata": door, "spec": {}})),
        Object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata("api"),
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "api"}}, "template": {
                "metadata": {"labels": {"app": "api"}},
                "spec": {"containers": [{"name": "api", "image": "app"}]},
            }},
        })),
    ]
}

async fn planned(stage: &Stage) -> Result<Plan> {
    let world = stage.world();
    let away = world.away()?;
    let location = stage.platform.descriptor().location;
    let live = Databases::open(&stage.platform, &location).await?;
    let mut parts = away.readiness.look().await;
    let (part, found) = workloads(&world, away).await;
    parts.push(part);
    let rendered = Rendered {
        objects: overlay(),
        patience: Budgets {
            steady: Span::seconds(0),
            ..Budgets::default()
        },
        serving: "platform".into(),
    };
    let found = found.map(|found| inputs(&settings(), &found, rendered));
    let observed = RegionObserved {
        regions: Regions {
            home: away.home.clone(),
            place: away.place.clone(),
        },
        copies: away.backups.list().await?.0,
        source: Some((location, live.identity().await?)),
        parts,
        workloads: found.transpose()?,
    };
    plan_region(&stage.basis("drill-failover-1"), &observed)
}

/// One document, and nothing left: no namespace, no database that is billed, no pin.
async fn over(stage: &Stage, backup: &BackupId, cluster: &SimulatedCluster, at: usize) -> Evidence {
    let documents = documents(stage).await;
    assert_eq!(documents.len(), 1, "evidence exactly once, at {at}");
    assert_eq!(cluster.names(), Vec::<String>::new(), "at {at}");
    let platform = &stage.platform;
    assert!(platform.copies().is_empty(), "it is still billed, at {at}");
    assert_eq!(platform.databases().len(), 1, "at {at}");
    assert_eq!(stage.pins(backup).await, 0, "a pin is left, at {at}");
    let live = platform.live();
    assert_eq!(
        live.numbers, None,
        "a user came to the live database, at {at}"
    );
    documents[0].clone()
}

fn served(document: &Evidence, at: usize) -> WorkloadsOf {
    let reasons = &document.reasons;
    assert_eq!(
        document.verdict,
        EvidenceVerdict::Passed,
        "at {at}: {reasons:?}"
    );
    let region = document.region.as_ref().unwrap();
    let run = region.workloads.clone().unwrap();
    assert!(run.served, "at {at}");
    assert_eq!(run.images["app"], THERE, "at {at}");
    assert_eq!(run.secrets["database"], "version-1", "at {at}");
    run
}

#[tokio::test]
async fn the_release_runs_on_the_copy_and_a_user_who_is_answered_ends_the_rto() {
    let (stage, backup, cluster) = stage().await;
    let plan = planned(&stage).await.unwrap();
    let told = plan.context.iter().find(|fact| fact.name == "run there");
    assert!(told.unwrap().value.contains("no public name"), "{told:?}");
    let ending = plan
        .actions
        .iter()
        .find(|it| it.step.as_str() == "clear-abroad");
    assert_eq!(ending.unwrap().when, When::Always);
    stage.execute(&plan).await.unwrap();
    let document = over(&stage, &backup, &cluster, 0).await;
    served(&document, 0);
    let phases: Vec<&str> = document
        .rto
        .phases
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(phases.last(), Some(&"first-request"), "{phases:?}");
    let sum: f64 = document.rto.phases.iter().map(|it| it.seconds).sum();
    assert!((document.rto.measured_seconds - sum).abs() < 1e-9);
    let left = document.region.clone().unwrap().not_drilled;
    assert!(left.iter().all(|it| !it.starts_with("deploy")), "{left:?}");
    assert!(left.iter().any(|it| it.starts_with("switch")), "{left:?}");
    assert!(render(&document).contains("and served at https://there.example"));
}

#[tokio::test]
async fn killed_at_any_boundary_and_resumed_it_leaves_one_document_and_nothing_else() {
    let (undisturbed, ..) = stage().await;
    let plan = planned(&undisturbed).await.unwrap();
    let count = undisturbed.boundaries(&plan).await;
    assert_eq!(count, 1 + 21 * 4 + 1, "opened, four a step, closed");
    let every = (0..count).map(|at| async move {
        let (stage, backup, cluster) = stage().await;
        let plan = planned(&stage).await.unwrap();
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        served(&over(&stage, &backup, &cluster, at).await, at);
        assert!(!stage.view(&plan).await.is_open(), "at {at}");
    });
    // A few at once: leases are short here, and every one has to be renewed.
    let every = futures::stream::iter(every);
    every.for_each_concurrent(8, |one| one).await;
}

#[tokio::test]
async fn a_release_that_can_not_serve_there_breaks_the_drill_and_is_cleared_away() {
    let (stage, backup, cluster) = stage().await;
    cluster.decide(THERE, Fate::Missing);
    let plan = planned(&stage).await.unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    let Verdict::Broken(reasons) = conclusion.verdict else {
        panic!("it passed");
    };
    assert!(
        reasons[0].starts_with("not served: release 1"),
        "{reasons:?}"
    );
    let document = over(&stage, &backup, &cluster, 0).await;
    assert!(!document.region.unwrap().workloads.unwrap().served);
}

#[tokio::test]
async fn an_image_that_was_not_replicated_is_told_long_before_the_day_and_nothing_is_run() {
    let (stage, _, cluster) = stage().await;
    let elsewhere = AbroadSettings {
        repository: repository("forgotten"),
        ..settings()
    };
    let home = repository("here");
    stage
        .platform
        .stands_ready_away(&cluster, &elsewhere, &home);
    let plan = planned(&stage).await.unwrap();
    assert!(
        plan.actions
            .iter()
            .all(|it| it.step.as_str() != "deploy-abroad")
    );
    let told = plan.context.iter().find(|fact| fact.name == "workloads");
    assert!(
        told.unwrap()
            .value
            .starts_with("finding: forgotten.example/app"),
        "{told:?}"
    );
    let diagnosis = examine(&stage.world(), Patience(Duration::ZERO)).await;
    let mut findings = diagnosis.findings();
    assert!(findings.any(|it| {
        it.what
            .contains("forgotten.example/app:v1.0.0 is not there")
    }));
    let conclusion = stage.execute(&plan).await.unwrap();
    assert!(matches!(conclusion.verdict, Verdict::Broken(_)));
}

#[tokio::test]
async fn a_namespace_that_no_drill_made_is_left_alone() {
    let (stage, _, cluster) = stage().await;
    cluster.place(overlay().remove(0));
    let world = stage.world();
    let (part, found) = workloads(&world, world.away().unwrap()).await;
    assert_eq!(part.state, PartState::Lacking);
    assert!(part.detail.contains("no drill made it"), "{part:?}");
    assert_eq!(found, None);
    let plan = planned(&stage).await.unwrap();
    stage.execute(&plan).await.unwrap();
    assert_eq!(cluster.names(), ["Namespace drill"]);
}

#[tokio::test]
async fn what_a_drill_that_nobody_goes_on_with_left_is_found_and_ended_by_whatever_runs_next() {
    let (stage, _, cluster) = stage().await;
    let plan = planned(&stage).await.unwrap();
    let deployed = 1 + 12 * 4;
    assert!(stage.killed(&plan, deployed).await.is_err());
    let namespace = ObjectRef {
        kind: ObjectKind::new("v1", "Namespace"),
        namespace: None,
        name: NAMESPACE.into(),
    };
    assert!(cluster.find(&namespace).is_some(), "{:?}", cluster.names());
    let who = Principal::claimed("ada");
    let now = stage.platform.clock.now();
    let (store, operation) = (&stage.store, &plan.operation);
    abandon(store, operation, &who, "a test", now)
        .await
        .unwrap();
    assert_eq!(expired(&stage.world()).await.unwrap(), []);
    let later = now.plus(Duration::from_secs(100 * 24 * 3600));
    stage.platform.clock.set(later);
    let diagnosis = examine(&stage.world(), Patience(Duration::ZERO)).await;
    let mut findings = diagnosis.findings();
    assert!(findings.any(|it| it.what.starts_with("the namespace drill abroad")));
    // The first asks for its end, the second finds it gone.
    for id in ["restore-1", "restore-2"] {
        let plan = stage.plan(id, Point::Newest, Destination::Scratch).await;
        stage.execute(&plan.unwrap()).await.unwrap();
    }
    assert_eq!(cluster.names(), Vec::<String>::new());
    assert_eq!(expired(&stage.world()).await.unwrap(), []);
}
