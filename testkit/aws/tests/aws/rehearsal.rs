//! The account that game days are played in.

use std::{fs, net::TcpStream, os::unix::fs::PermissionsExt};

use anyhow::{Context, Result};
use testkit_aws::rehearsal::{Files, Furnished, Ports};

use crate::stage::{REGION, credentials, rds};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_as_terraform_leaves_it_and_found_by_two_files() -> Result<()> {
    let account = Furnished::start(Ports::default(), None).await?;
    let aws = &account.aws;
    let told = rds(aws, REGION).describe_db_instances().send().await?;
    let names = told.db_instances().iter();
    let mut names: Vec<_> = names.filter_map(|it| it.db_instance_identifier()).collect();
    names.sort_unstable();
    assert_eq!(names, ["rehearsal", "rehearsal-replica"]);

    let secrets = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
        .region(aws_sdk_secretsmanager::config::Region::new(REGION))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(&aws.account().keys));
    let secrets = aws_sdk_secretsmanager::Client::from_conf(secrets.build());
    let redis = secrets.get_secret_value().secret_id("rehearsal/redis");
    let redis = redis.send().await?.secret_string.context("no value")?;
    let cache: serde_json::Value = serde_json::from_str(&redis)?;
    let url = cache["REDIS_URL"].as_str().context("no address")?;
    let place = url
        .strip_prefix("redis://")
        .context("no address of a cache")?;
    TcpStream::connect(place).context("nobody answers where the cache lies")?;

    let folder = testkit::files::tempdir()?;
    let files = Files::write(folder.path(), &account)?;
    let [config, keys] = files.variables().map(|(_, file)| file.to_owned());
    let text = fs::read_to_string(&config)?;
    for part in [
        "[profile rehearsal]",
        "[profile rehearsal-staging]",
        &account.s3.url(),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(fs::metadata(&keys)?.permissions().mode() & 0o777, 0o600);
    files.remove();
    assert!(!keys.exists());
    Ok(())
}
