//! The database as Terraform makes it: an instance with a standby, a replica, and the master's password in a secret.

use super::account::{NAME, until};
use crate::{Console, Service};
use anyhow::Result;
use serde_json::json;

const MASTER: &str = "master";

/// The instance of opsctl.yaml and its replica, both available.
pub fn make(home: Console<'_>, password: &str) -> Result<()> {
    let instance = json!({
        "DBInstanceIdentifier": NAME,
        "DBInstanceClass": "db.t4g.medium",
        "Engine": "postgres",
        "EngineVersion": "15",
        "AllocatedStorage": 20,
        "StorageType": "gp3",
        "DBName": "app",
        "MasterUsername": MASTER,
        "MasterUserPassword": password,
        "BackupRetentionPeriod": 30,
        "MultiAZ": true,
        "DeletionProtection": true,
        "CopyTagsToSnapshot": true,
        "DBSubnetGroupName": NAME,
    });
    home.ask(Service::Rds, "CreateDBInstance", instance)?;
    available(home, NAME)?;
    let replica = format!("{NAME}-replica");
    let follows = json!({"DBInstanceIdentifier": replica, "SourceDBInstanceIdentifier": NAME});
    home.ask(Service::Rds, "CreateDBInstanceReadReplica", follows)?;
    available(home, &replica)
}

fn available(home: Console<'_>, name: &str) -> Result<()> {
    let named = json!({"DBInstanceIdentifier": name});
    until("available", "DBInstanceStatus", || {
        home.ask(Service::Rds, "DescribeDBInstances", named.clone())
    })
}

/// The value of the master's secret, as Terraform writes it.
pub fn master(password: &str) -> String {
    json!({"username": MASTER, "password": password}).to_string()
}

/// A password by chance.
pub fn password() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// What tells one creation from another.
pub fn token() -> String {
    uuid::Uuid::new_v4().to_string()
}
