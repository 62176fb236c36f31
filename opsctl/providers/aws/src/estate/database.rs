//! The database: the instance that serves, its replica, its backups in the other region.

use aws_sdk_rds::Client;
use aws_sdk_rds::error::SdkError;
use aws_sdk_rds::operation::describe_db_instance_automated_backups::DescribeDBInstanceAutomatedBackupsError;
use aws_sdk_rds::types::DbInstance;
use opsctl_core::{Failure, Result};
use serde_json::{Value, json};

use super::AwsEstate;
use crate::account::Side;
use crate::rds::{Ways, instances};
use crate::trouble;

/// The instance that the application finds, or the one that Terraform made.
pub async fn serving(estate: &AwsEstate) -> Result<Option<Value>> {
    let all = all_of(estate).await?;
    Ok(serving_of(estate, &all).map(told))
}

/// The first replica of that instance.
pub async fn replica(estate: &AwsEstate) -> Result<Option<Value>> {
    let all = all_of(estate).await?;
    let Some(source) = serving_of(estate, &all).map(instances::name) else {
        return Ok(None);
    };
    let mut replicas = all.iter().filter(|it| instances::is_replica_of(it, source));
    Ok(replicas.next().map(told))
}

/// The automated backups of that instance, as the backup region has them.
pub async fn replicated(estate: &AwsEstate) -> Result<Option<Value>> {
    let all = all_of(estate).await?;
    let Some(resource) = serving_of(estate, &all).and_then(DbInstance::dbi_resource_id) else {
        return Ok(None);
    };
    let client = Client::new(&estate.aws.config(Side::Backup).await?);
    let asked = client
        .describe_db_instance_automated_backups()
        .dbi_resource_id(resource)
        .send();
    let what =
        "can't ask RDS for backups in the other region (rds:DescribeDBInstanceAutomatedBackups)";
    let answer = match asked.await {
        Err(error) if is_none(&error) => return Ok(None),
        answer => answer.map_err(|error| trouble::of(what, &error))?,
    };
    let found = answer.db_instance_automated_backups().first();
    Ok(found.map(|it| {
        json!({
            "arn": it.db_instance_automated_backups_arn(),
            "retention_period": it.backup_retention_period(),
            "encrypted": it.encrypted(),
            "region": estate.aws.region(Side::Backup),
        })
    }))
}

/// That there are none is an answer.
fn is_none(error: &SdkError<DescribeDBInstanceAutomatedBackupsError>) -> bool {
    let told = error.as_service_error();
    told.is_some_and(
        DescribeDBInstanceAutomatedBackupsError::is_db_instance_automated_backup_not_found_fault,
    )
}

async fn all_of(estate: &AwsEstate) -> Result<Vec<DbInstance>> {
    if estate.rds.is_none() {
        return Err(Failure::failed(
            "the database of this environment is none of RDS",
        ));
    }
    instances::every(&Client::new(&estate.aws.config(Side::Home).await?)).await
}

fn serving_of<'a>(estate: &AwsEstate, all: &'a [DbInstance]) -> Option<&'a DbInstance> {
    let at = estate
        .serving
        .as_ref()
        .and_then(|it| Ways::address(it).ok());
    let stands = |it: &&DbInstance| at.is_some_and(|at| instances::is_at(it, at));
    let made = estate.rds.as_ref().map(|it| it.instance.as_str());
    let named = |it: &&DbInstance| it.db_instance_identifier() == made;
    all.iter().find(stands).or_else(|| all.iter().find(named))
}

fn told(instance: &DbInstance) -> Value {
    json!({
        "arn": instance.db_instance_arn(),
        "identifier": instance.db_instance_identifier(),
        "engine": instance.engine(),
        "engine_version": instance.engine_version(),
        "instance_class": instance.db_instance_class(),
        "multi_az": instance.multi_az(),
        "storage_encrypted": instance.storage_encrypted(),
        "backup_retention_period": instance.backup_retention_period(),
        "backup_window": instance.preferred_backup_window(),
        "deletion_protection": instance.deletion_protection(),
        "publicly_accessible": instance.publicly_accessible(),
        "replicate_source_db": instance.read_replica_source_db_instance_identifier(),
        "replicas": instance.read_replica_db_instance_identifiers().len(),
    })
}
