//! Secrets Manager: stages, tokens, deletion, replicas.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
    types::{ReplicaRegionType, Tag},
};
use testkit_aws::{Aws, Fault, Rule, Times};

use crate::stage::{ABROAD, REGION, code, credentials};

const DAY: Duration = Duration::from_secs(24 * 3600);
const ONE: &str = "11111111-1111-4111-8111-111111111111";
const TWO: &str = "22222222-2222-4222-8222-222222222222";

fn client(aws: &Aws, region: &'static str) -> Client {
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(&aws.account().keys))
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

/// A secret `app/database` whose current version is `ONE`.
async fn created(secrets: &Client) -> Result<()> {
    let create = secrets.create_secret().name("app/database");
    create
        .client_request_token(ONE)
        .secret_string("first")
        .send()
        .await?;
    Ok(())
}

async fn pending(secrets: &Client) -> Result<()> {
    let put = secrets.put_secret_value().secret_id("app/database");
    let put = put.client_request_token(TWO).version_stages("AWSPENDING");
    put.secret_string("second").send().await?;
    Ok(())
}

async fn value(secrets: &Client, stage: &str) -> Result<String> {
    let get = secrets.get_secret_value().secret_id("app/database");
    let answer = get.version_stage(stage).send().await?;
    Ok(answer.secret_string().context("no text")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_version_becomes_current_by_compare_and_swap() -> Result<()> {
    let aws = Aws::start().await?;
    let secrets = client(&aws, REGION);
    created(&secrets).await?;
    pending(&secrets).await?;
    assert_eq!(value(&secrets, "AWSCURRENT").await?, "first");
    assert_eq!(value(&secrets, "AWSPENDING").await?, "second");
    let swap = |from: Option<&str>| {
        let swap = secrets.update_secret_version_stage();
        let swap = swap.secret_id("app/database").version_stage("AWSCURRENT");
        let from = from.map(str::to_owned);
        swap.set_remove_from_version_id(from)
            .move_to_version_id(TWO)
            .send()
    };
    assert_eq!(code(swap(None).await), "InvalidParameterException");
    assert_eq!(code(swap(Some(TWO)).await), "InvalidParameterException");
    swap(Some(ONE)).await?;
    assert_eq!(
        code(swap(Some(ONE)).await),
        "InvalidParameterException",
        "a blind repeat"
    );
    assert_eq!(value(&secrets, "AWSCURRENT").await?, "second");
    assert_eq!(value(&secrets, "AWSPREVIOUS").await?, "first");
    let remove = secrets
        .update_secret_version_stage()
        .secret_id("app/database");
    let remove = remove
        .version_stage("AWSCURRENT")
        .remove_from_version_id(TWO);
    assert_eq!(code(remove.send().await), "InvalidParameterException");
    let versions = secrets.list_secret_version_ids().secret_id("app/database");
    assert_eq!(versions.send().await?.versions().len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_one_value_whatever_was_lost_on_the_way() -> Result<()> {
    let aws = Aws::start().await?;
    let secrets = client(&aws, REGION);
    created(&secrets).await?;
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action("PutSecretValue");
    aws.faults().add(lost);
    assert!(pending(&secrets).await.is_err());
    pending(&secrets).await?;
    let put = secrets.put_secret_value().secret_id("app/database");
    let put = put.client_request_token(TWO).secret_string("another");
    assert_eq!(code(put.send().await), "ResourceExistsException");
    assert_eq!(value(&secrets, "AWSPENDING").await?, "second");
    let unstaged = secrets.put_secret_value().secret_id("app/database");
    unstaged.secret_string("third").send().await?;
    assert_eq!(
        value(&secrets, "AWSCURRENT").await?,
        "third",
        "no stage moves the current one"
    );
    let told = aws
        .calls()
        .into_iter()
        .map(|call| format!("{:?}", call.parameters));
    assert!(told.filter(|told| told.contains("second")).count() == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_secret_can_be_brought_back_until_its_window_is_over() -> Result<()> {
    let aws = Aws::start().await?;
    let secrets = client(&aws, REGION);
    created(&secrets).await?;
    let delete = || secrets.delete_secret().secret_id("app/database");
    let short = delete().recovery_window_in_days(3).send().await;
    assert_eq!(code(short), "InvalidParameterException");
    delete().recovery_window_in_days(7).send().await?;
    let get = secrets.get_secret_value().secret_id("app/database");
    assert_eq!(code(get.send().await), "InvalidRequestException");
    let again = secrets
        .create_secret()
        .name("app/database")
        .secret_string("x");
    assert_eq!(code(again.send().await), "InvalidRequestException");
    assert!(
        secrets
            .list_secrets()
            .send()
            .await?
            .secret_list()
            .is_empty()
    );
    secrets
        .restore_secret()
        .secret_id("app/database")
        .send()
        .await?;
    assert_eq!(value(&secrets, "AWSCURRENT").await?, "first");
    delete().recovery_window_in_days(7).send().await?;
    aws.clock().advance(DAY * 7);
    let gone = secrets.describe_secret().secret_id("app/database");
    assert_eq!(code(gone.send().await), "ResourceNotFoundException");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_read_when_its_first_region_is_silent_and_stands_alone_when_told() -> Result<()>
{
    let aws = Aws::start().await?;
    let (home, abroad) = (client(&aws, REGION), client(&aws, ABROAD));
    created(&home).await?;
    let region = ReplicaRegionType::builder().region(ABROAD).build();
    let replicate = home.replicate_secret_to_regions().secret_id("app/database");
    let replicated = replicate.add_replica_regions(region).send().await?;
    assert_eq!(replicated.replication_status().len(), 1);
    aws.faults()
        .add(Rule::new(Fault::BlackHole, Times::Always).region(REGION));
    assert_eq!(value(&abroad, "AWSCURRENT").await?, "first");
    let put = || {
        let put = abroad.put_secret_value().secret_id("app/database");
        put.secret_string("second").send()
    };
    assert_eq!(
        code(put().await),
        "InvalidRequestException",
        "it is only a replica"
    );
    let stop = abroad
        .stop_replication_to_replica()
        .secret_id("app/database");
    stop.send().await?;
    put().await?;
    assert_eq!(value(&abroad, "AWSCURRENT").await?, "second");
    aws.faults().clear();
    assert_eq!(value(&home, "AWSCURRENT").await?, "first");
    let remove = home
        .remove_regions_from_replication()
        .secret_id("app/database");
    let left = remove.remove_replica_regions(ABROAD).send().await?;
    assert!(left.replication_status().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_described_with_their_stages_and_tags() -> Result<()> {
    let aws = Aws::start().await?;
    let secrets = client(&aws, REGION);
    created(&secrets).await?;
    pending(&secrets).await?;
    let tag = |key: &str| Tag::builder().key(key).value("90d").build();
    let add = secrets.tag_resource().secret_id("app/database");
    add.tags(tag("max-age")).tags(tag("gone")).send().await?;
    let remove = secrets.untag_resource().secret_id("app/database");
    remove.tag_keys("gone").send().await?;
    let told = secrets
        .describe_secret()
        .secret_id("app/database")
        .send()
        .await?;
    assert_eq!(told.tags(), [tag("max-age")]);
    assert_eq!(told.rotation_enabled(), Some(false));
    let stages = told.version_ids_to_stages().context("no versions")?;
    assert_eq!(stages[ONE], ["AWSCURRENT"]);
    assert_eq!(stages[TWO], ["AWSPENDING"]);
    let listed = secrets.list_secrets().send().await?;
    assert_eq!(listed.secret_list()[0].arn(), told.arn());
    let arn = told.arn().context("no ARN")?;
    let by_arn = secrets.get_secret_value().secret_id(arn).send().await?;
    assert_eq!(by_arn.secret_string(), Some("first"));
    Ok(())
}
