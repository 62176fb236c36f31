//! The stand-in as tests see it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{net::TcpListener, runtime::Handle, task::JoinHandle};

use crate::{
    accounts::{Account, Accounts},
    clock::Clock,
    console::Console,
    ecr::Ecr,
    eks::{self, Eks},
    elasticache::ElastiCache,
    endpoint::{self, Answer, Asked, Call, Calls, Faults, Handler, Refusal, Service},
    ground::Ground,
    kms::Kms,
    rds::Rds,
    relay::Shore,
    route53::Route53,
    secrets_manager::SecretsManager,
    sts::Sts,
};

/// How often states are looked after while nobody asks.
const TICK: Duration = Duration::from_millis(20);

/// Listens until it is dropped; the databases behind end with it.
#[derive(Debug)]
pub struct Aws {
    address: SocketAddr,
    account: Account,
    world: Arc<World>,
    tasks: [JoinHandle<()>; 2],
}

/// Everything that the services share.
#[derive(Debug)]
pub(crate) struct World {
    accounts: Arc<Accounts>,
    clock: Arc<Clock>,
    faults: Arc<Faults>,
    calls: Calls,
    ecr: Ecr,
    eks: Eks,
    elasticache: ElastiCache,
    ground: Ground,
    kms: Kms,
    rds: Rds,
    route53: Route53,
    secrets: SecretsManager,
}

impl Aws {
    /// The account that is there from the beginning.
    pub const ACCOUNT: &str = "111111111111";

    /// On a port of its own, with one account and nothing in it. Must be called inside of a tokio runtime with several threads.
    ///
    /// # Errors
    /// When no port or folder can be had.
    pub async fn start() -> Result<Self> {
        Self::start_at(0).await
    }

    /// As [`Aws::start`], on that port: where others must find it again.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start_at(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.with_context(|| format!("port {port} of this machine"))?;
        let address = listener.local_addr()?;
        let shore = Shore {
            runtime: Handle::current(),
            machine: Ipv4Addr::LOCALHOST.into(),
        };
        let (clock, faults) = (Arc::<Clock>::default(), Arc::<Faults>::default());
        let world = Arc::new(World {
            accounts: Arc::default(),
            ecr: Ecr::new(Arc::clone(&clock), Arc::clone(&faults)),
            eks: Eks::default(),
            elasticache: ElastiCache::new(shore.clone(), Arc::clone(&clock), Arc::clone(&faults)),
            rds: Rds::new(shore, Arc::clone(&clock), Arc::clone(&faults))?,
            route53: Route53::new(Arc::clone(&clock)),
            clock,
            faults,
            calls: Calls::default(),
            ground: Ground::default(),
            kms: Kms::default(),
            secrets: SecretsManager::default(),
        });
        let account = world.accounts.open(Self::ACCOUNT);
        let serving = tokio::spawn(endpoint::serve(listener, Arc::clone(&world)));
        let ticking = tokio::spawn(tick(Arc::clone(&world)));
        Ok(Self {
            address,
            account,
            world,
            tasks: [serving, ticking],
        })
    }

    /// Databases and caches that are made from now on have their endpoints at that address of this machine: where others than its own
    /// programs come from too.
    pub fn lie_at(&self, machine: IpAddr) {
        self.world.rds.lie_at(machine);
        self.world.elasticache.lie_at(machine);
    }

    /// For `AWS_ENDPOINT_URL`, or that of one service.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Another account.
    #[must_use]
    pub fn open_account(&self, id: &str) -> Account {
        self.world.accounts.open(id)
    }

    /// A role that everybody may assume, for at most so long; returns its ARN.
    #[must_use]
    pub fn add_role(&self, account: &str, name: &str, longest: Duration) -> String {
        self.world.accounts.add_role(account, name, longest)
    }

    /// Whoever asks there needs no signature.
    #[must_use]
    pub fn console<'a>(&'a self, account: &'a Account, region: &'a str) -> Console<'a> {
        Console {
            world: &self.world,
            account,
            region,
        }
    }

    /// The clock that states, dates and temporary keys go by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.world.clock
    }

    /// The faults in force.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.world.faults
    }

    /// Every call so far of somebody who was let in.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.world.calls.all()
    }

    /// The databases, from behind the counter.
    #[must_use]
    pub fn rds(&self) -> &Rds {
        &self.world.rds
    }

    /// The secrets, from behind the counter.
    #[must_use]
    pub fn secrets_manager(&self) -> &SecretsManager {
        &self.world.secrets
    }

    /// The registries, from behind the counter.
    #[must_use]
    pub fn ecr(&self) -> &Ecr {
        &self.world.ecr
    }

    /// The clusters, from behind the counter.
    #[must_use]
    pub fn eks(&self) -> &Eks {
        &self.world.eks
    }

    /// The caches, from behind the counter.
    #[must_use]
    pub fn elasticache(&self) -> &ElastiCache {
        &self.world.elasticache
    }

    /// Load balancers, firewalls and networks, from behind the counter.
    #[must_use]
    pub fn ground(&self) -> &Ground {
        &self.world.ground
    }

    /// The zones, from behind the counter.
    #[must_use]
    pub fn route53(&self) -> &Route53 {
        &self.world.route53
    }

    /// Who a token for a cluster of EKS is: a presigned question to STS, as an authenticator asks it.
    ///
    /// # Errors
    /// Says why it is no token, none of that cluster's, or no longer one.
    pub fn verify_token(&self, token: &str, cluster: &str) -> Result<eks::Identity, String> {
        let world = (&*self.world.accounts, &*self.world.clock);
        eks::verify(token, cluster, &self.address.to_string(), world)
    }

    /// What is reproduced: each service with its actions.
    #[must_use]
    pub fn reproduced() -> Vec<(Service, Vec<&'static str>)> {
        let mut all = vec![
            (Service::Ecr, Ecr::reproduced()),
            (Service::Eks, Eks::reproduced()),
            (Service::ElastiCache, ElastiCache::reproduced()),
            (Service::Kms, Kms::reproduced()),
            (Service::Rds, Rds::reproduced()),
            (Service::Route53, Route53::reproduced()),
            (Service::SecretsManager, SecretsManager::reproduced()),
            (Service::Sts, Sts::reproduced()),
        ];
        all.extend(Ground::all_reproduced());
        all
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.world.rds.end();
        self.world.elasticache.end();
        self.world.ecr.end();
    }
}

impl Handler for World {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn faults(&self) -> &Faults {
        &self.faults
    }

    fn calls(&self) -> &Calls {
        &self.calls
    }

    fn answer(&self, asked: &Asked) -> Result<Answer, Refusal> {
        match asked.service {
            Service::Ecr => self.ecr.answer(asked).map(Answer::Json),
            Service::Eks => self.eks.answer(asked).map(Answer::Json),
            Service::Ec2 | Service::ElasticLoadBalancing | Service::Shield | Service::Wafv2 => {
                self.ground.answer(asked)
            }
            Service::ElastiCache => self.elasticache.answer(asked).map(Answer::Xml),
            Service::Kms => self.kms.answer(asked).map(Answer::Json),
            Service::Rds => self.rds.answer(asked).map(Answer::Xml),
            Service::Route53 => self.route53.answer(asked).map(Answer::Xml),
            Service::SecretsManager => self.secrets.answer(asked).map(Answer::Json),
            Service::Sts => Sts {
                accounts: Arc::clone(&self.accounts),
                clock: Arc::clone(&self.clock),
            }
            .answer(asked)
            .map(Answer::Xml),
        }
    }
}

async fn tick(world: Arc<World>) {
    loop {
        let world = Arc::clone(&world);
        let look = tokio::task::spawn_blocking(move || {
            world.rds.settle();
            world.elasticache.settle();
        });
        if look.await.is_err() {
            return;
        }
        tokio::time::sleep(TICK).await;
    }
}
