//! An instance of RDS with the platform's schema in it.

use std::path::Path;
use std::time::Duration;

use aws_sdk_rds::Client;
use opsctl_core::names::{InstanceId, LineageId};
use opsctl_core::ports::Descriptor;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use uuid::Uuid;

use crate::stage::descriptor;

pub const MASTER: &str = "master";
pub const FIRST_PASSWORD: &str = "first-password-of-the-master";

/// A primary that nobody has a password for but its master.
pub struct Instance {
    pub address: String,
    pub descriptor: Descriptor,
}

impl Instance {
    /// Made, migrated and named as opsctl would do it.
    pub async fn create(rds: &Client, name: &str) -> Self {
        let create = rds.create_db_instance().db_instance_identifier(name);
        create
            .db_instance_class("db.t4g.micro")
            .engine("postgres")
            .allocated_storage(20)
            .master_username(MASTER)
            .master_user_password(FIRST_PASSWORD)
            .db_name("app")
            .backup_retention_period(0)
            .send()
            .await
            .unwrap();
        let address = available(rds, name).await;
        let (instance, lineage) = (Uuid::new_v4(), Uuid::new_v4());
        let mut descriptor = descriptor(&address);
        descriptor.location.url = format!("postgres://app_login@{address}/app?sslmode=disable");
        descriptor.instance_id = InstanceId(instance);
        descriptor.lineage_id = LineageId(lineage);
        let made = Self {
            address,
            descriptor,
        };
        made.set_up().await;
        made
    }

    async fn set_up(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations/postgres");
        let roles = std::fs::read_to_string(folder.join("roles.sql")).unwrap();
        let mut owner = self.session(FIRST_PASSWORD).await.unwrap();
        owner.execute(AssertSqlSafe(roles)).await.unwrap();
        owner.execute("SET ROLE app_owner").await.unwrap();
        let migrator = Migrator::new(folder).await.unwrap();
        migrator.run(&mut owner).await.unwrap();
        let (instance, lineage) = (self.descriptor.instance_id, self.descriptor.lineage_id);
        let identity = format!(
            "INSERT INTO database_identity (instance_id, lineage_id, role) \
             VALUES ('{}', '{}', 'primary')",
            instance.0, lineage.0
        );
        owner.execute(AssertSqlSafe(identity)).await.unwrap();
    }

    /// As the master.
    pub async fn session(&self, password: &str) -> Result<PgConnection, sqlx::Error> {
        let address = &self.address;
        let url = format!("postgres://{MASTER}:{password}@{address}/app?sslmode=disable");
        PgConnection::connect(&url).await
    }

    /// The first column of the first row, as text.
    pub async fn text(&self, password: &str, sql: &str) -> String {
        let mut session = self.session(password).await.unwrap();
        let sql = format!("SELECT ({sql})::text");
        let row = sqlx::query(AssertSqlSafe(sql))
            .fetch_one(&mut session)
            .await;
        row.unwrap().get(0)
    }
}

async fn available(rds: &Client, name: &str) -> String {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(90);
    loop {
        let asked = rds.describe_db_instances().db_instance_identifier(name);
        let answer = asked.send().await.unwrap();
        let instance = answer.db_instances().first().unwrap();
        if instance.db_instance_status() == Some("available") {
            let endpoint = instance.endpoint().unwrap();
            return format!(
                "{}:{}",
                endpoint.address().unwrap(),
                endpoint.port().unwrap()
            );
        }
        assert!(tokio::time::Instant::now() < deadline, "{instance:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
