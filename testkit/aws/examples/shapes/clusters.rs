//! Where a cluster's API server is.

use anyhow::Result;
use aws_sdk_eks::types::VpcConfigRequest;

use super::site::{HOME, Site, client};

pub async fn ask(site: &Site) -> Result<()> {
    let eks = client!(aws_sdk_eks, site, HOME);
    let network = VpcConfigRequest::builder().subnet_ids("subnet-1");
    eks.create_cluster()
        .name("shapes")
        .role_arn("arn:aws:iam::123456789012:role/cluster")
        .resources_vpc_config(network.build())
        .send()
        .await?;
    eks.describe_cluster().name("shapes").send().await?;
    Ok(())
}
