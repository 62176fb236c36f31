//! Waits with the SDK's own waiter: `waiter <url> snapshot|instance <name>`, as whoever `AWS_ACCESS_KEY_ID` says. For the benchmark, which
//! compares how soon something that is ready is noticed.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_rds::Client;
use aws_sdk_rds::client::Waiters;
use aws_sdk_rds::config::{BehaviorVersion, Config, Credentials, Region};

const LONGEST: Duration = Duration::from_secs(1800);

#[tokio::main]
async fn main() -> Result<()> {
    let said: Vec<String> = std::env::args().skip(1).collect();
    let [url, what, name] = said.as_slice() else {
        bail!("waiter <url> snapshot|instance <name>");
    };
    let rds = client(url)?;
    match what.as_str() {
        "snapshot" => {
            let waiter = rds.wait_until_db_snapshot_available();
            waiter.db_snapshot_identifier(name).wait(LONGEST).await?;
        }
        _ => {
            let waiter = rds.wait_until_db_instance_available();
            waiter.db_instance_identifier(name).wait(LONGEST).await?;
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "keys are handed over as AWS's tools are handed theirs"
)]
fn client(url: &str) -> Result<Client> {
    let told = |name: &str| std::env::var(name).with_context(|| name.to_owned());
    let (id, secret) = (told("AWS_ACCESS_KEY_ID")?, told("AWS_SECRET_ACCESS_KEY")?);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new(id, secret, None, None, "environment"));
    Ok(Client::from_conf(config.build()))
}
