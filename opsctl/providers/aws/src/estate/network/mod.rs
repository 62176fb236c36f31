//! The environment's network: what leads out of it, and who may speak to whom inside.
//!
//! EC2 is asked by a few questions of its own: its whole client takes minutes to build for the four that are needed
//! (docs/decisions/0087-what-aws-is-asked.md).

mod answer;
mod ec2;
mod groups;
mod ways_out;

pub use groups::groups;
pub use ways_out::describe;

use ec2::{Ec2, Question};
use opsctl_core::Result;

use super::{AwsEstate, balancer};
use crate::account::Side;

/// Whoever asks, the environment's name, and the VPC of that name if there is one.
async fn vpc(estate: &AwsEstate) -> Result<Option<(Ec2, String, String)>> {
    let ec2 = Ec2::of(&estate.aws.config(Side::Home).await?);
    let name = balancer::name(estate, Side::Home);
    let found = ec2.ask(Question {
        action: "DescribeVpcs",
        set: "vpcSet",
        filter: ("tag:Name", &name),
    });
    let found = found.await?;
    let id = found.first().and_then(|it| it.text("vpcId"));
    Ok(id.map(|id| (ec2, name, id.to_owned())))
}
