//! A platform in the account, and rotations run on it by one runner or another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use opsctl_aws::{
    Aws, AwsDelivery, AwsPods, AwsSecrets, ByWayIn, RdsAdministrator, SecretPointer, StatePointer,
    Vault, Whereabouts,
};
use opsctl_core::Result;
use opsctl_core::clock::{Clock, SystemClock};
use opsctl_core::engine::{
    Basis, Conclusion, EventSink, FaultPoint, Interrupt, JournalView, NoFaults, Plan, Run, Runner,
    execute, resume,
};
use opsctl_core::environment::Span;
use opsctl_core::guard::{
    Answer, Approval, Confirmation, LeaseTerms, Principal, Question, Rules, approve,
};
use opsctl_core::names::OperationId;
use opsctl_core::operations::rebuild;
use opsctl_core::ports::{Descriptor, Location, Logins, Pointer, SecretPorts, World};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::{Goal, SecretKind, Seen, Standing, Wish, plan, plan_finish, standing};
use opsctl_core::state::StateStore;
use opsctl_postgres::{PostgresLogins, passwords};
use opsctl_simulation::{Grant, Killed, MemoryStore, Platform as Rest, environment, survive};

use crate::cluster::Node;
use crate::database::{FIRST_PASSWORD, Instance, MASTER};
use crate::stage::{config, settings};

const LEASE: Duration = Duration::from_millis(400);

/// An account, a database in it, the environment's state, and pods.
#[derive(Clone)]
pub struct Platform {
    pub aws: Arc<testkit_aws::Aws>,
    pub rds: aws_sdk_rds::Client,
    pub client: aws_sdk_secretsmanager::Client,
    pub node: Node,
    pub instance: Arc<Instance>,
    account: Aws,
    store: Arc<dyn StateStore>,
    /// Under which this platform's administrator's password is held: tests of one process share the place.
    held_as: String,
}

impl Platform {
    /// With a database that the descriptor names, and the master's secret as Terraform writes it.
    pub async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let aws = Arc::new(testkit_aws::Aws::start().await.unwrap());
        let asked = config(&aws).await;
        let rds = aws_sdk_rds::Client::new(&asked);
        let held_as = format!("master-{}", NEXT.fetch_add(1, Ordering::SeqCst));
        passwords::hold(&held_as, Secret::new(FIRST_PASSWORD.to_owned()));
        let platform = Self {
            client: aws_sdk_secretsmanager::Client::new(&asked),
            instance: Arc::new(Instance::create(&rds, "first").await),
            account: Aws::asked_as(&settings(), asked),
            store: Arc::new(MemoryStore::default()),
            node: Node::default(),
            held_as,
            rds,
            aws,
        };
        let permit = Grant::new("of-a-test").await;
        let first = platform.instance.descriptor.clone();
        platform
            .pointer()
            .replace(&permit.permit(), 0, &first)
            .await
            .unwrap();
        let master = serde_json::json!({"username": MASTER, "password": FIRST_PASSWORD});
        let made = platform.client.create_secret().name("test/database-master");
        made.secret_string(master.to_string()).send().await.unwrap();
        platform
    }

    fn vault(&self) -> Vault {
        Vault::of(self.account.clone())
    }

    fn way_in(&self) -> StatePointer {
        let held_as = self.held_as.clone();
        let way_in = move |descriptor: &Descriptor| {
            let url = &descriptor.location.url;
            let (_, place) = url.split_once('@').unwrap();
            Ok(Location {
                url: format!("postgres://{MASTER}@{place}"),
                password_secret: Some(held_as.clone()),
                ..descriptor.location.clone()
            })
        };
        StatePointer::new(Arc::clone(&self.store), Arc::new(way_in))
    }

    /// As whoever cuts over sees it.
    pub fn pointer(&self) -> SecretPointer {
        SecretPointer::new(self.way_in(), self.vault(), Arc::new(PostgresLogins))
    }

    /// The world of a runner that never saw another's memory.
    pub fn world(&self) -> World {
        let vault = self.vault();
        let pointer = SecretPointer::new(self.way_in(), vault.clone(), Arc::new(PostgresLogins));
        let shared: Arc<dyn Pointer> = Arc::new(pointer.clone());
        let secrets = AwsSecrets::new(vault, Arc::clone(&shared));
        let held_as = self.held_as.clone();
        let delivery = AwsDelivery {
            secrets: secrets.clone(),
            pointer,
            pods: Whereabouts::On(AwsPods {
                cluster: Arc::new(self.node.clone()),
                namespace: "platform".into(),
            }),
            hold: Arc::new(move |_: &str, password| passwords::hold(&held_as, password)),
        };
        let logins: Arc<dyn Logins> = Arc::new(ByWayIn {
            logins: Arc::new(PostgresLogins),
            pointer: Arc::clone(&shared),
        });
        let administrator = RdsAdministrator {
            aws: self.account.clone(),
            pointer: Arc::clone(&shared),
        };
        World {
            clock: Arc::new(SystemClock),
            pointer: shared,
            secrets: Some(SecretPorts {
                store: Arc::new(secrets),
                delivery: Arc::new(delivery),
                logins: Some(logins),
                administrator: Some(Arc::new(administrator)),
            }),
            ..Rest::new().world(&self.store)
        }
    }

    fn basis(&self, id: &str) -> Basis<'static> {
        Basis {
            environment: Box::leak(Box::new(environment())),
            operation: OperationId::new(id).unwrap(),
            now: SystemClock.now(),
            opsctl_version: "0.1.0",
        }
    }

    pub async fn plan(&self, id: &str, kind: SecretKind, goal: Goal) -> Result<Plan> {
        let wish = Wish {
            goal,
            given: false,
            within: Span::seconds(20),
        };
        self.plan_of(id, kind, &wish).await
    }

    pub async fn plan_of(&self, id: &str, kind: SecretKind, wish: &Wish) -> Result<Plan> {
        let seen = Seen::see(&self.world(), kind).await?;
        plan(&seen, wish, &self.basis(id))
    }

    pub async fn plan_finish(&self, id: &str, kind: SecretKind) -> Result<Plan> {
        let seen = Seen::see(&self.world(), kind).await?;
        plan_finish(&seen, Span::seconds(20), &self.basis(id))
    }

    /// Rotates it at once.
    pub async fn rotate(&self, id: &str, kind: SecretKind) -> Conclusion {
        let plan = self.plan(id, kind, Goal::Rotate).await.unwrap();
        self.execute(&plan).await.unwrap()
    }

    fn run(&self, who: &str, faults: Arc<dyn FaultPoint>) -> Run {
        Run {
            store: Arc::clone(&self.store),
            clock: Arc::new(SystemClock),
            events: EventSink::silent(),
            interrupt: Interrupt::default(),
            faults,
            runner: Runner {
                principal: Principal::claimed(who),
                host: who.into(),
                pid: 1,
                ci_url: None,
                opsctl_version: "0.1.0".into(),
            },
            terms: LeaseTerms {
                lease: LEASE,
                wait: LEASE * 40,
            },
            supersede: false,
        }
    }

    pub async fn execute(&self, plan: &Plan) -> Result<Conclusion> {
        self.execute_with(plan, Arc::new(NoFaults)).await
    }

    pub async fn execute_with(
        &self,
        plan: &Plan,
        faults: Arc<dyn FaultPoint>,
    ) -> Result<Conclusion> {
        let operation = rebuild(plan, &self.world())?;
        let approval = self.approval(plan, "ada").await?;
        execute(
            &self.run("ada", faults),
            plan,
            &approval,
            operation.as_ref(),
        )
        .await
    }

    async fn approval(&self, plan: &Plan, who: &str) -> Result<Approval> {
        let answer = Answer {
            yes: true,
            confirm: Some("local".into()),
        };
        let (who, rules) = (Principal::claimed(who), Rules::default());
        let store = self.store.as_ref();
        approve(store, plan, &who, &rules, &answer, &Nobody, plan.created_at).await
    }

    pub async fn killed(
        &self,
        plan: &Plan,
        faults: Arc<dyn FaultPoint>,
    ) -> std::result::Result<Result<Conclusion>, Killed> {
        let (platform, plan) = (self.clone(), plan.clone());
        survive(async move { platform.execute_with(&plan, faults).await }).await
    }

    /// Whether the operation is still to be gone on with.
    pub async fn is_open(&self, plan: &Plan) -> bool {
        let view = JournalView::read(self.store.as_ref(), &plan.operation).await;
        view.is_ok_and(|view| view.is_open())
    }

    /// By somebody else, on another machine.
    pub async fn resume(&self, plan: &Plan) -> Result<Conclusion> {
        let operation = rebuild(plan, &self.world())?;
        let approval = self.approval(plan, "grace").await?;
        let view = JournalView::read(self.store.as_ref(), &plan.operation).await?;
        let run = self.run("grace", Arc::new(NoFaults));
        resume(&run, &view, &approval, operation.as_ref()).await
    }

    pub async fn standing(&self) -> Standing {
        standing(&self.world()).await.unwrap()
    }

    /// The version in a stage, and what it holds.
    pub async fn at(&self, secret: &str, stage: &str) -> Option<(String, serde_json::Value)> {
        let asked = self.client.get_secret_value().secret_id(secret);
        let answer = asked.version_stage(stage).send().await.ok()?;
        let held = serde_json::from_str(answer.secret_string()?).unwrap_or_default();
        Some((answer.version_id()?.to_owned(), held))
    }

    /// The login that a stage of the database's secret holds, with its password.
    pub async fn login(&self, stage: &str) -> Option<(String, String)> {
        let (_, held) = self.at("test/database", stage).await?;
        let (who, _) = held["DATABASE_URL"]
            .as_str()?
            .strip_prefix("postgres://")?
            .split_once('@')?;
        let (user, password) = who.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// How many versions are kept of a secret.
    pub async fn kept(&self, secret: &str) -> usize {
        let asked = self.client.list_secret_version_ids().secret_id(secret);
        let answer = asked.include_deprecated(true).send().await.unwrap();
        answer.versions().len()
    }
}

struct Nobody;

#[async_trait::async_trait]
impl Confirmation for Nobody {
    async fn ask(&self, _: &Question) -> Option<String> {
        None
    }
}
