//! Instances as AWS describes them.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance;
use opsctl_core::{Failure, FailureKind, Result};

use super::site::RdsSite;
use super::tags::{ROLE, SCRATCH, Tags};
use super::{refusals, ways::Ways};

/// The instance of that name.
pub(super) async fn find(site: &RdsSite, name: &str) -> Result<Option<DbInstance>> {
    let client = site.client().await?;
    let asked = client.describe_db_instances().db_instance_identifier(name);
    match asked.send().await {
        Ok(told) => Ok(told.db_instances().first().cloned()),
        Err(error) if refusals::is(&error, "DBInstanceNotFound") => Ok(None),
        Err(error) => Err(refusals::of(
            format!("can't look at instance '{name}'"),
            &error,
        )),
    }
}

/// The instance of that name, which must be there.
pub(super) async fn require(site: &RdsSite, name: &str) -> Result<DbInstance> {
    find(site, name)
        .await?
        .ok_or_else(|| Failure::failed(format!("there is no instance '{name}'")))
}

/// Every instance of the account in the environment's region, page by page.
pub(crate) async fn all(site: &RdsSite) -> Result<Vec<DbInstance>> {
    every(&site.client().await?).await
}

/// Every instance that this client is told of.
pub(crate) async fn every(client: &Client) -> Result<Vec<DbInstance>> {
    let mut pages = client.describe_db_instances().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refusals::of("can't list the instances", &error))?;
        found.extend(page.db_instances.unwrap_or_default());
    }
    Ok(found)
}

pub(crate) fn name(instance: &DbInstance) -> &str {
    instance.db_instance_identifier().unwrap_or_default()
}

pub(super) fn status(instance: &DbInstance) -> &str {
    instance.db_instance_status().unwrap_or_default()
}

pub(super) fn tags(instance: &DbInstance) -> Tags {
    Tags::of(instance.tag_list())
}

/// Host and port; only what was there once has them.
pub(super) fn address(instance: &DbInstance) -> Option<String> {
    let endpoint = instance.endpoint()?;
    Some(format!("{}:{}", endpoint.address()?, endpoint.port()?))
}

/// Whether it stands there: names change hands at a cut-over, addresses don't.
pub(crate) fn is_at(instance: &DbInstance, wanted: &str) -> bool {
    address(instance).is_some_and(|found| found == wanted)
}

/// Its host and port, of an instance that is there.
pub(super) fn must_have_address(instance: &DbInstance) -> Result<String> {
    address(instance).ok_or_else(|| {
        let what = format!("instance '{}' has no address", name(instance));
        Failure::new(FailureKind::Failed, what).cause(format!("its state is {}", status(instance)))
    })
}

/// Whether it follows another one.
pub(super) fn follows(instance: &DbInstance) -> bool {
    instance
        .read_replica_source_db_instance_identifier()
        .is_some()
}

/// Whether it is a replica of the instance of that name that stands there for good: one that a drill made goes its own way soon.
pub(crate) fn is_replica_of(instance: &DbInstance, name: &str) -> bool {
    instance.read_replica_source_db_instance_identifier() == Some(name)
        && !tags(instance).is(ROLE, SCRATCH)
}

/// Where an administrator connects to it.
pub(crate) fn administrator(
    ways: &Ways,
    instance: &DbInstance,
) -> Result<opsctl_core::ports::Location> {
    Ok(ways.administrator(&must_have_address(instance)?))
}

/// Puts tags on it.
pub(super) async fn tag(site: &RdsSite, instance: &DbInstance, tags: &Tags) -> Result<()> {
    let client = site.client().await?;
    let call = client
        .add_tags_to_resource()
        .resource_name(instance.db_instance_arn().unwrap_or_default())
        .set_tags(Some(tags.told()));
    let sent = call.send().await;
    sent.map(drop)
        .map_err(|error| refusals::of(format!("can't tag '{}'", name(instance)), &error))
}
