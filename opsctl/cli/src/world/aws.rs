//! An environment in an account of AWS.

use std::sync::Arc;

use opsctl_aws::{
    Aws, AwsDelivery, AwsPods, AwsSecrets, ByWayIn, Master, PodApplication, RdsAdministrator,
    RdsBackups, RdsCopies, RdsCopiesInBoth, RdsProvision, RdsReplicas, RdsSite, RdsSizes,
    RdsStandby, S3Exports, SecretKey, SecretPointer, Side, StatePointer, Vault, Ways, Whereabouts,
};
use opsctl_core::environment::{Protection, RdsSettings, Tls};
use opsctl_core::ports::{
    Copies, Descriptor, FailoverPorts, Location, Pointer, SecretPorts, World,
};
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};
use opsctl_postgres::cluster::APP_LOGIN;
use opsctl_postgres::databases::PostgresDatabases;
use opsctl_postgres::inspect::PostgresInspector;
use opsctl_postgres::rows::PostgresRows;
use opsctl_postgres::sabotage::PostgresSaboteur;
use opsctl_postgres::schema::{Budget, PostgresSchema};
use opsctl_postgres::seed::PostgresSeeder;
use opsctl_postgres::{
    PostgresDumps, PostgresLogPositions, PostgresLogins, PostgresProber, passwords,
};

use super::abroad;
use super::probing::ProbingHere;
use crate::session::Session;

/// What everything of such an environment stands on. Put together once a command: each asks AWS for the administrator's password.
struct Ground {
    aws: Aws,
    master: Master,
    ways: Ways,
    pointer: SecretPointer,
}

async fn ground(session: &Session, rds: &RdsSettings) -> Result<Ground> {
    let aws = super::account(session)?;
    encrypted(session, rds)?;
    let master = Master::read(&aws).await?;
    // Whoever connects from here on finds the password there.
    passwords::hold(&Master::secret(&aws), master.password.clone());
    Ok(Ground::of(session, rds, aws, master))
}

impl Ground {
    fn of(session: &Session, rds: &RdsSettings, aws: Aws, master: Master) -> Self {
        let ways = ways(session, rds, &aws, &master);
        let pointer = pointer(session, &aws, ways.clone());
        Self {
            aws,
            master,
            ways,
            pointer,
        }
    }
}

pub(super) async fn of(session: &Session, rds: &RdsSettings) -> Result<World> {
    world(session, rds, &ground(session, rds).await?)
}

fn world(session: &Session, rds: &RdsSettings, ground: &Ground) -> Result<World> {
    let pointer: Arc<dyn Pointer> = Arc::new(ground.pointer.clone());
    let site = site(session, rds, ground, Side::Home);
    let failover = failover(session, &site, &pointer);
    let clock = Arc::clone(&session.clock);
    let here = Arc::new(RdsCopies::new(Arc::clone(&site), Arc::clone(&clock)));
    let away = rds.restore_abroad.clone().map(|restore_with| {
        // Nothing that is given a database at home is known there.
        let rds = RdsSettings {
            restore_with,
            ..rds.clone()
        };
        abroad::of(session, &self::site(session, &rds, ground, Side::Backup))
    });
    let away = away.transpose()?;
    let copies: Arc<dyn Copies> = match &away {
        Some((_, there)) => Arc::new(RdsCopiesInBoth::new(
            ground.aws.clone(),
            here,
            Arc::clone(there),
        )),
        None => here,
    };
    let dumps = Arc::new(PostgresDumps::new(super::postgres::places()));
    let exports = S3Exports::new(Arc::clone(&site), dumps, Arc::clone(&clock));
    let budget = Budget::from(&session.environment.settings.migrate);
    Ok(World {
        environment: Arc::clone(&session.environment),
        store: Arc::clone(&session.store),
        pointer,
        databases: Arc::new(PostgresDatabases),
        backups: Arc::new(RdsBackups::new(Arc::clone(&site))),
        exports: Some(Arc::new(exports)),
        copies,
        clock,
        rows: Arc::new(PostgresRows),
        application: Arc::new(ProbingHere(super::application(session)?)),
        keys: Arc::new(SecretKey::of(ground.aws.clone())),
        inspector: Arc::new(PostgresInspector),
        saboteur: Arc::new(PostgresSaboteur::of_a_service()),
        schema: Arc::new(PostgresSchema::new(budget)),
        provision: Arc::new(RdsProvision::new(Arc::clone(&site))),
        seeder: Arc::new(PostgresSeeder),
        cluster: None,
        pod_metrics: None,
        pod_secrets: None,
        secrets: None,
        failover: Some(failover),
        sizes: Some(Arc::new(RdsSizes::new(site))),
        away: away.map(|(ports, _)| ports),
        registry: super::registry(&session.loaded.configuration),
    })
}

/// The databases of the account, in one of its regions.
fn site(session: &Session, rds: &RdsSettings, ground: &Ground, at: Side) -> Arc<RdsSite> {
    Arc::new(RdsSite {
        aws: ground.aws.clone(),
        at,
        environment: session.environment.name.clone(),
        settings: rds.clone(),
        ways: ground.ways.clone(),
        master: ground.master.clone(),
        pointer: Arc::new(ground.pointer.clone()),
        databases: Arc::new(PostgresDatabases),
        logins: Arc::new(PostgresLogins),
    })
}

/// The standby that RDS keeps, and replicas that it makes. The application's own way in is for pods: here the prober comes as the
/// administrator, to the same address.
fn failover(session: &Session, site: &Arc<RdsSite>, pointer: &Arc<dyn Pointer>) -> FailoverPorts {
    let (aws, ways) = (site.aws.clone(), site.ways.clone());
    let way = move |told: &Location| Ok(ways.administrator(Ways::address(told)?));
    let replicas = RdsReplicas::new(
        Arc::clone(site),
        Arc::new(PostgresLogPositions),
        Arc::clone(&session.clock),
    );
    FailoverPorts {
        prober: Arc::new(PostgresProber::by(Arc::new(way))),
        replicas: Arc::new(replicas),
        cache: super::visitors::cache(&aws),
        standby: Some(Arc::new(RdsStandby::new(aws, Arc::clone(pointer)))),
    }
}

/// Nobody reads along where it matters, and nobody stands in for the database.
fn encrypted(session: &Session, rds: &RdsSettings) -> Result<()> {
    let environment = &session.environment;
    let name = &environment.name;
    let protected = environment.settings.protection == Protection::Protected;
    match (rds.tls, &rds.authority) {
        (Tls::Off, _) if protected => Err(Failure::usage(format!(
            "'{name}' is protected and talks to its database in the clear"
        ))
        .hint("take `tls: off` out of its database in opsctl.yaml")),
        (Tls::VerifyFull, None) => Err(Failure::usage(format!(
            "'{name}' does not say who vouches for its database"
        ))
        .cause("RDS has an authority of its own, which no list of public ones names")
        .hint("set `database.authority` in opsctl.yaml: the Terraform output database_authority holds it")),
        _ => Ok(()),
    }
}

fn ways(session: &Session, rds: &RdsSettings, aws: &Aws, master: &Master) -> Ways {
    let folder = session.loaded.folder();
    Ways {
        database: rds.database.clone(),
        master: master.username.clone(),
        master_secret: Master::secret(aws),
        login: APP_LOGIN.to_owned(),
        login_secret: aws.settings().secret(SecretKind::Database.as_str()),
        tls: rds.tls,
        authority: rds.authority.as_ref().map(|file| folder.join(file)),
    }
}

/// What the descriptor says, the application is told by its secret.
fn pointer(session: &Session, aws: &Aws, ways: Ways) -> SecretPointer {
    let way_in = Arc::new(move |descriptor: &Descriptor| {
        Ok(ways.administrator(Ways::address(&descriptor.location)?))
    });
    let state = StatePointer::new(Arc::clone(&session.store), way_in);
    SecretPointer::new(state, Vault::of(aws.clone()), Arc::new(PostgresLogins))
}

/// The way to the application of an environment whose pods are told by a secret; `None`: it runs no pods.
async fn pods(session: &Session) -> Option<Result<AwsPods>> {
    let workloads = session.environment.settings.workloads.as_ref()?;
    let cluster = super::kubernetes::cluster(session).await;
    Some(cluster.map(|cluster| AwsPods {
        cluster,
        namespace: workloads.namespace.clone(),
    }))
}

/// The world of an operation that waits for the application: its pods are asked what they have applied.
pub(super) async fn followed(session: &Session, rds: &RdsSettings) -> Result<World> {
    let ground = ground(session, rds).await?;
    let world = world(session, rds, &ground)?;
    let Some(pods) = pods(session).await else {
        return Ok(world);
    };
    let application = PodApplication {
        vault: Vault::of(ground.aws),
        pointer: ground.pointer,
        pods,
        probes: Arc::clone(&world.application),
    };
    Ok(World {
        application: Arc::new(application),
        ..world
    })
}

/// The world with its secrets, which the pods read themselves. How old they are can be told without them.
pub(super) async fn with_secrets(session: &Session, rds: &RdsSettings) -> Result<World> {
    let ground = ground(session, rds).await?;
    let pods = match pods(session).await {
        None => Whereabouts::Nowhere,
        Some(Ok(pods)) => Whereabouts::On(pods),
        Some(Err(failure)) => Whereabouts::Away(failure),
    };
    Ok(World {
        secrets: Some(secrets(&ground, pods)),
        ..world(session, rds, &ground)?
    })
}

/// The world of whoever reads records alone: of backups, of evidence, of when secrets were changed. No secret is read, and nobody connects.
pub(super) fn watched(session: &Session, rds: &RdsSettings) -> Result<World> {
    let ground = Ground::of(session, rds, super::account(session)?, Master::withheld());
    Ok(World {
        secrets: Some(secrets(&ground, Whereabouts::Nowhere)),
        ..world(session, rds, &ground)?
    })
}

fn secrets(ground: &Ground, pods: Whereabouts) -> SecretPorts {
    let (aws, pointer) = (ground.aws.clone(), ground.pointer.clone());
    let shared: Arc<dyn Pointer> = Arc::new(pointer.clone());
    let secrets = AwsSecrets::new(Vault::of(aws.clone()), Arc::clone(&shared));
    let delivery = AwsDelivery {
        secrets: secrets.clone(),
        pointer,
        pods,
        hold: Arc::new(passwords::hold),
    };
    SecretPorts {
        store: Arc::new(secrets),
        delivery: Arc::new(delivery),
        logins: Some(Arc::new(ByWayIn {
            logins: Arc::new(PostgresLogins),
            pointer: Arc::clone(&shared),
        })),
        administrator: Some(Arc::new(RdsAdministrator {
            aws,
            pointer: shared,
        })),
    }
}
