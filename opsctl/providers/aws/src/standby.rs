//! The standby that RDS keeps of a Multi-AZ instance: how it stands, and the failover to it.
//!
//! A call for a failover is sent once and never repeated, by the SDK neither: whether one without an answer took effect is told by
//! zones and events.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::Client;
use aws_sdk_rds::config::retry::RetryConfig;
use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_rds::types::SourceType;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Availability, FailoverAsked, Pointer, Standby, Standing};
use opsctl_core::{Failure, Result};
use tokio::sync::OnceCell;

use crate::account::{Aws, Side};
use crate::moments;
use crate::rds::instances;
use crate::trouble::{self, is_a_no};

/// As long as AWS keeps events, in minutes.
pub(crate) const FOURTEEN_DAYS: i32 = 14 * 24 * 60;

/// States that nothing but a person gets an instance out of.
const DEAD_ENDS: [&str; 7] = [
    "failed",
    "incompatible-network",
    "incompatible-parameters",
    "incompatible-restore",
    "inaccessible-encryption-credentials",
    "restore-error",
    "stopped",
];

/// The standby of the instance that the descriptor names.
pub struct RdsStandby {
    aws: Aws,
    pointer: Arc<dyn Pointer>,
    instance: OnceCell<String>,
}

impl RdsStandby {
    /// That of an environment's account, where its application finds its database by `pointer`.
    #[must_use]
    pub fn new(aws: Aws, pointer: Arc<dyn Pointer>) -> Self {
        Self {
            aws,
            pointer,
            instance: OnceCell::new(),
        }
    }

    async fn client(&self) -> Result<Client> {
        Ok(Client::new(&self.aws.config(Side::Home).await?))
    }

    /// The name of the instance that serves: the one with the descriptor's address.
    async fn serving(&self, client: &Client) -> Result<&str> {
        let found = self.instance.get_or_try_init(|| async {
            let descriptor = self.pointer.read().await?;
            let descriptor =
                descriptor.ok_or_else(|| Failure::refused("the environment has no database"))?;
            let wanted = address_in(&descriptor.location.url).unwrap_or_default();
            let all = instances::every(client).await?;
            if let Some(found) = all.iter().find(|it| instances::is_at(it, wanted)) {
                return Ok(found
                    .db_instance_identifier()
                    .unwrap_or_default()
                    .to_owned());
            }
            Err(Failure::refused(format!("no instance serves at {wanted}"))
                .cause("the descriptor names an address that none of the account's instances has"))
        });
        found.await.map(String::as_str)
    }

    /// When the newest failover began, by AWS's clock.
    async fn newest_failover(&self, client: &Client, name: &str) -> Result<Option<Timestamp>> {
        let events = client
            .describe_events()
            .source_type(SourceType::DbInstance)
            .source_identifier(name)
            .event_categories("failover")
            .duration(FOURTEEN_DAYS);
        let mut pages = events.into_paginator().send();
        let mut newest = None;
        while let Some(page) = pages.next().await {
            let what = format!("can't read what happened to '{name}'");
            let page = page.map_err(|error| trouble::of(what, &error))?;
            let begun = page
                .events()
                .iter()
                .filter(|event| {
                    event
                        .message()
                        .is_some_and(|it| it.contains("failover started"))
                })
                .filter_map(|event| moments::told(event.date()));
            newest = newest.max(begun.max());
        }
        Ok(newest)
    }
}

#[async_trait]
impl Standby for RdsStandby {
    async fn look(&self) -> Result<Standing> {
        let client = self.client().await?;
        let name = self.serving(&client).await?;
        let asked = client.describe_db_instances().db_instance_identifier(name);
        let told = asked
            .send()
            .await
            .map_err(|error| trouble::of(format!("can't look at instance '{name}'"), &error))?;
        let instance = told
            .db_instances()
            .first()
            .ok_or_else(|| Failure::failed(format!("there is no instance '{name}'")))?;
        let status = instance.db_instance_status().unwrap_or_default();
        Ok(Standing {
            instance: name.to_owned(),
            status: status.to_owned(),
            availability: availability(status),
            has_standby: instance.multi_az().unwrap_or_default(),
            zone: instance.availability_zone().unwrap_or_default().to_owned(),
            failed_over_at: self.newest_failover(&client, name).await?,
        })
    }

    async fn fail_over(&self, permit: &Permit<'_>, instance: &str) -> Result<FailoverAsked> {
        let client = self.client().await?;
        // A second attempt of the SDK's could come after the first one's failover is over.
        let once = aws_sdk_rds::config::Builder::new().retry_config(RetryConfig::disabled());
        permit.check()?;
        let sent = client
            .reboot_db_instance()
            .db_instance_identifier(instance)
            .force_failover(true)
            .customize()
            .config_override(once)
            .send()
            .await;
        Ok(asked(
            sent,
            format!("instance '{instance}' does not fail over"),
        ))
    }
}

/// What became of a call that is made once: without an answer nobody knows whether it took effect.
pub(crate) fn asked<T, E, R>(
    sent: std::result::Result<T, SdkError<E, R>>,
    what: String,
) -> FailoverAsked
where
    SdkError<E, R>: ProvideErrorMetadata,
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let Err(error) = sent else {
        return FailoverAsked::Accepted;
    };
    let failure = trouble::of(what, &error);
    match is_a_no(&error) {
        true => FailoverAsked::Refused(failure),
        false => FailoverAsked::Unanswered(failure),
    }
}

fn availability(status: &str) -> Availability {
    match status {
        "available" | "storage-optimization" => Availability::Available,
        status if DEAD_ENDS.contains(&status) => Availability::DeadEnd,
        _ => Availability::Underway,
    }
}

/// Host and port of `postgres://user@host:port/name`.
fn address_in(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.rsplit_once('@').map_or(rest, |(_, after)| after);
    rest.split(['/', '?']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_out_of_a_location() {
        let url = "postgres://app_login@orders.example.com:5432/app?sslmode=verify-full";
        assert_eq!(address_in(url), Some("orders.example.com:5432"));
        assert_eq!(address_in("postgres://host:1/app"), Some("host:1"));
        assert_eq!(address_in("sqlite"), None);
    }

    #[test]
    fn only_an_available_instance_can_fail_over_and_a_dead_end_is_told_at_once() {
        assert_eq!(availability("available"), Availability::Available);
        assert_eq!(availability("rebooting"), Availability::Underway);
        assert_eq!(availability("backing-up"), Availability::Underway);
        assert_eq!(
            availability("incompatible-parameters"),
            Availability::DeadEnd
        );
    }
}
