//! Asks an endpoint of AWS whatever opsctl asks, in the same shapes: `shapes <url>`. For an endpoint that is none of ours, so that what
//! our stand-in takes is not only what we believe AWS takes. What is answered is looked at no further than that it is an answer.

mod caches;
mod clusters;
mod databases;
mod images;
mod keys;
mod names;
mod secrets;
mod site;

use anyhow::{Context, Result};
use site::Site;

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).context("shapes <url>")?;
    let site = Site { url };
    keys::ask(&site).await.context("KMS and STS")?;
    secrets::ask(&site).await.context("Secrets Manager")?;
    databases::ask(&site).await.context("RDS")?;
    caches::ask(&site).await.context("ElastiCache")?;
    images::ask(&site).await.context("ECR")?;
    names::ask(&site).await.context("Route 53")?;
    clusters::ask(&site).await.context("EKS")
}
