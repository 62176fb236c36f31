//! One simulated cluster with a state store, and releases to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use opsctl_core::Result;
use opsctl_core::clock::Clock;
use opsctl_core::deploy::release::{Release, history, manifests, show};
use opsctl_core::deploy::{
    Deploy, DeployInputs, OnFailure, Origin, PinnedImage, ReleaseNumber, Request, SchemaOutlook,
    plan, prepare, target_of_rollback,
};
use opsctl_core::engine::{
    Basis, Conclusion, FaultPoint, JournalView, NoFaults, Plan, Run, execute, resume,
};
use opsctl_core::environment::{
    Environment, GateSettings, ImageSettings, Latest, Span, WorkloadSettings,
};
use opsctl_core::guard::{Answer, Approval, LeaseTerms, Principal, Rules, approve};
use opsctl_core::image::Repository;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Cluster, PodMetrics, World};
use opsctl_core::state::StateStore;
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_simulation::{
    Counting, KillAt, Killed, MemoryStore, Platform, SimulatedCluster, environment, survive,
};
use serde_json::json;

use crate::bench::{LEASE, Nobody};
use crate::runner::run_of;

/// A stage. Clones are the same one.
#[derive(Clone)]
pub struct Stage {
    pub cluster: SimulatedCluster,
    pub platform: Platform,
    pub store: Arc<dyn StateStore>,
    pub environment: Arc<Environment>,
}

impl Stage {
    pub fn new() -> Self {
        let mut environment = environment();
        let mut workloads = WorkloadSettings::on("k8s/overlays/local", "app");
        // Its pods have no probe, and nothing of it ends by itself.
        workloads.patience.steady = Span::seconds(0);
        environment.settings.workloads = Some(workloads);
        Self {
            cluster: SimulatedCluster::default(),
            platform: Platform::new(),
            store: Arc::new(MemoryStore::default()),
            environment: Arc::new(environment),
        }
    }

    /// A stage whose Deployment tells what it measures, and is measured by it.
    pub fn gated(gate: GateSettings) -> Self {
        let stage = Self::new();
        let mut environment = Environment::clone(&stage.environment);
        if let Some(workloads) = &mut environment.settings.workloads {
            workloads.gate = Some(gate);
        }
        Self {
            environment: Arc::new(environment),
            ..stage
        }
    }

    /// A stage whose images lie in that repository, where `latest` follows what is deployed.
    pub fn followed(repository: &Repository) -> Self {
        let stage = Self::new();
        let mut environment = Environment::clone(&stage.environment);
        environment.settings.images = Some(ImageSettings {
            repository: repository.clone(),
            latest: Latest::FollowsDeploys,
        });
        Self {
            environment: Arc::new(environment),
            ..stage
        }
    }

    pub fn world(&self) -> World {
        World {
            environment: Arc::clone(&self.environment),
            cluster: Some(Arc::new(self.cluster.clone()) as Arc<dyn Cluster>),
            pod_metrics: Some(Arc::new(self.cluster.clone()) as Arc<dyn PodMetrics>),
            ..self.platform.world(&self.store)
        }
    }

    /// The plan of a release of these manifests.
    pub async fn plan(&self, id: &str, manifests: Vec<Object>, image: &str) -> Result<Plan> {
        let images = BTreeMap::from([("app".to_owned(), image.to_owned())]);
        self.plan_of(id, manifests, images, Origin::Manifests).await
    }

    async fn plan_of(
        &self,
        id: &str,
        manifests: Vec<Object>,
        images: BTreeMap<String, String>,
        origin: Origin,
    ) -> Result<Plan> {
        let request = Request {
            manifests,
            origin,
            images: images
                .into_iter()
                .map(|(name, reference)| (name, pinned(reference)))
                .collect(),
            running: BTreeMap::new(),
            migration: None,
            schema: SchemaOutlook::Unknown("nobody looked".into()),
            on_failure: OnFailure::RollBack,
            override_freeze: None,
        };
        let prepared = prepare(&self.world(), request).await?;
        prepared.preflight.pass(&self.environment.name)?;
        let basis = Basis {
            environment: &self.environment,
            operation: OperationId::new(id)?,
            now: self.platform.clock.now(),
            opsctl_version: "0.1.0",
        };
        plan(&prepared.inputs, &basis)
    }

    pub async fn plan_back(&self, id: &str, to: Option<u32>) -> Result<Plan> {
        let number = target_of_rollback(&self.world(), to.map(ReleaseNumber)).await?;
        let store = self.store.as_ref();
        let images = show(store, number).await?.opened.images;
        let objects = manifests(store, number).await?;
        self.plan_of(id, objects, images, Origin::Release { number })
            .await
    }

    /// Plans and runs.
    pub async fn deploy(&self, id: &str, image: &str) -> Result<Conclusion> {
        let plan = self.plan(id, objects(), image).await?;
        self.execute(&plan).await
    }

    fn run(&self, faults: Arc<dyn FaultPoint>) -> Run {
        let clock = self.platform.clock.clone();
        let terms = LeaseTerms {
            lease: LEASE,
            wait: LEASE * 20,
        };
        run_of(&self.store, Arc::new(clock), terms, faults)
    }

    async fn approval(&self, plan: &Plan) -> Result<Approval> {
        let answer = Answer {
            yes: true,
            confirm: None,
        };
        let (who, now) = (Principal::claimed("ada"), self.platform.clock.now());
        let store = self.store.as_ref();
        approve(store, plan, &who, &Rules::default(), &answer, &Nobody, now).await
    }

    async fn execute_with(&self, plan: &Plan, faults: Arc<dyn FaultPoint>) -> Result<Conclusion> {
        let deploy = Deploy::from_plan(plan, &self.world())?;
        let approval = self.approval(plan).await?;
        execute(&self.run(faults), plan, &approval, &deploy).await
    }

    pub async fn execute(&self, plan: &Plan) -> Result<Conclusion> {
        self.execute_with(plan, Arc::new(NoFaults)).await
    }

    pub async fn boundaries(&self, plan: &Plan) -> Vec<String> {
        let counting = Arc::new(Counting::default());
        let _ended = self
            .execute_with(plan, Arc::clone(&counting) as Arc<dyn FaultPoint>)
            .await;
        counting.boundaries()
    }

    /// True when the run lived to its end.
    pub async fn execute_until(&self, plan: &Plan, boundary: usize) -> bool {
        let (stage, plan) = (self.clone(), plan.clone());
        let kill = Arc::new(KillAt::boundary(boundary));
        let ran = survive(async move { stage.execute_with(&plan, kill).await });
        !matches!(ran.await, Err(Killed))
    }

    pub async fn resume(&self, plan: &Plan) -> Result<Conclusion> {
        let view = JournalView::read(self.store.as_ref(), &plan.operation).await?;
        let deploy = Deploy::from_plan(plan, &self.world())?;
        let approval = self.approval(plan).await?;
        resume(&self.run(Arc::new(NoFaults)), &view, &approval, &deploy).await
    }

    pub async fn history(&self) -> Vec<Release> {
        history(self.store.as_ref()).await.unwrap()
    }

    /// How each release ended, the oldest first.
    pub async fn ends(&self) -> Vec<&'static str> {
        self.history().await.iter().map(Release::word).collect()
    }

    pub fn image_that_runs(&self) -> String {
        let live = self.cluster.find(&deployment()).unwrap();
        live.text("/spec/template/spec/containers/0/image")
            .to_owned()
    }
}

fn pinned(reference: String) -> PinnedImage {
    PinnedImage {
        reference,
        platforms: Vec::new(),
        schema: None,
    }
}

pub fn inputs(plan: &Plan) -> DeployInputs {
    plan.inputs().unwrap()
}

pub fn named(version: &str, kind: &str, name: &str) -> ObjectRef {
    ObjectRef {
        kind: ObjectKind::new(version, kind),
        namespace: Some("app".into()),
        name: name.into(),
    }
}

pub fn deployment() -> ObjectRef {
    named("apps/v1", "Deployment", "api")
}

/// A small application: a configuration, a workload and its autoscaler.
pub fn objects() -> Vec<Object> {
    vec![
        settings("info"),
        Object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "api", "namespace": "app"},
            "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "api"}}, "template": {
                "metadata": {"labels": {"app": "api"}},
                "spec": {"containers": [{"name": "api", "image": "app",
                    "ports": [{"name": "metrics", "containerPort": 9000}],
                    "envFrom": [{"configMapRef": {"name": "settings"}}]}]},
            }},
        })),
        Object(json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "api", "namespace": "app"},
            "spec": {"minReplicas": 3, "maxReplicas": 10,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}},
        })),
    ]
}

pub fn settings(level: &str) -> Object {
    Object(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "app"},
        "data": {"LOG_LEVEL": level},
    }))
}
