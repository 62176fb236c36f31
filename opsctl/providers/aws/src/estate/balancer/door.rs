//! The load balancer itself.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, LoadBalancerSchemeEnum};
use opsctl_core::Result;
use serde_json::{Value, json};

use crate::account::Side;
use crate::estate::AwsEstate;
use crate::trouble;

/// What Terraform adds to the environment's name in the backup region.
const STANDBY: &str = "-rec";

/// What things of the environment are called in a region.
pub fn name(estate: &AwsEstate, side: Side) -> String {
    let name = &estate.aws.settings().name;
    match side {
        Side::Home => name.clone(),
        Side::Backup => format!("{name}{STANDBY}"),
    }
}

pub(super) async fn client(estate: &AwsEstate, side: Side) -> Result<Client> {
    Ok(Client::new(&estate.aws.config(side).await?))
}

/// The load balancer of a region.
pub async fn find(estate: &AwsEstate, side: Side) -> Result<Option<LoadBalancer>> {
    let asked = client(estate, side).await?.describe_load_balancers();
    let answer = match asked.names(name(estate, side)).send().await {
        Err(error) if trouble::is(&error, "LoadBalancerNotFound") => return Ok(None),
        other => {
            let what =
                "can't ask for the load balancer (elasticloadbalancing:DescribeLoadBalancers)";
            other.map_err(|error| trouble::of(what, &error))?
        }
    };
    Ok(answer.load_balancers().first().cloned())
}

/// What it is.
pub async fn describe(estate: &AwsEstate, side: Side) -> Result<Option<Value>> {
    let found = find(estate, side).await?;
    Ok(found.map(|it| {
        let state = it.state().and_then(|state| state.code());
        json!({
            "arn": it.load_balancer_arn(),
            "load_balancer_type": it.r#type().map(|it| it.as_str()),
            "internal": it.scheme() == Some(&LoadBalancerSchemeEnum::Internal),
            "vpc_id": it.vpc_id(),
            "state": state.map(|it| it.as_str()),
            "zones": it.availability_zones().len(),
        })
    }))
}
