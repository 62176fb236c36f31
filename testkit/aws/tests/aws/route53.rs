//! Records: batches that are refused as a whole, and answers that change some time after.

use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_route53::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
    types::{
        Change, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecord, ResourceRecordSet, RrType,
    },
};
use testkit_aws::{Account, Aws};

use crate::stage::{REGION, code, credentials};

const ZONE: &str = "platform.internal";
const NAME: &str = "database.platform.internal";
const MINUTE: Duration = Duration::from_secs(60);

fn client(aws: &Aws, account: &Account) -> Client {
    let config = aws_sdk_route53::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(&account.keys))
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

fn points(name: &str, to: &str) -> Result<ResourceRecordSet> {
    let value = ResourceRecord::builder().value(to).build()?;
    let record = ResourceRecordSet::builder().name(name).ttl(30);
    Ok(record
        .r#type(RrType::Cname)
        .resource_records(value)
        .build()?)
}

fn change(action: ChangeAction, record: ResourceRecordSet) -> Result<Change> {
    let change = Change::builder().action(action);
    Ok(change.resource_record_set(record).build()?)
}

fn batch(changes: impl IntoIterator<Item = Change>) -> Result<ChangeBatch> {
    let changes = changes.into_iter().collect();
    Ok(ChangeBatch::builder().set_changes(Some(changes)).build()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_goes_round_before_everybody_is_answered_by_it() -> Result<()> {
    let aws = Aws::start().await?;
    let zone = aws.route53().add_zone(Aws::ACCOUNT, ZONE);
    aws.route53().set_going_round(MINUTE);
    let route53 = client(&aws, aws.account());
    let make = |action, to: &str| {
        let batch = batch([change(action, points(NAME, to)?)?])?;
        let asked = route53.change_resource_record_sets();
        anyhow::Ok(asked.hosted_zone_id(&zone).change_batch(batch).send())
    };
    let made = make(ChangeAction::Create, "first.example.com")?.await?;
    let made = made.change_info().context("no change")?;
    assert_eq!(made.status(), &ChangeStatus::Pending);
    assert_eq!(aws.route53().lookup(NAME, "CNAME"), None);
    aws.clock().advance(MINUTE);
    let told = route53.get_change().id(made.id()).send().await?;
    let told = told.change_info().context("no change")?;
    assert_eq!(told.status(), &ChangeStatus::Insync);
    let first = Some(vec!["first.example.com".to_owned()]);
    assert_eq!(aws.route53().lookup(NAME, "CNAME"), first);
    make(ChangeAction::Upsert, "second.example.com")?.await?;
    assert_eq!(aws.route53().lookup(NAME, "CNAME"), first, "not yet");
    aws.clock().advance(MINUTE);
    let second = Some(vec!["second.example.com".to_owned()]);
    assert_eq!(aws.route53().lookup(NAME, "CNAME"), second);
    let unknown = route53.get_change().id("C0").send().await;
    assert_eq!(code(unknown), "NoSuchChange");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_made_whole_or_not_at_all() -> Result<()> {
    let aws = Aws::start().await?;
    let zone = aws.route53().add_zone(Aws::ACCOUNT, ZONE);
    let route53 = client(&aws, aws.account());
    let make = |changes: Vec<Change>| {
        let asked = route53.change_resource_record_sets();
        anyhow::Ok(
            asked
                .hosted_zone_id(&zone)
                .change_batch(batch(changes)?)
                .send(),
        )
    };
    use ChangeAction::{Create, Delete, Upsert};
    make(vec![change(Create, points(NAME, "a.example.com")?)?])?.await?;
    let other = "other.platform.internal";
    let twice = make(vec![
        change(Create, points(other, "a.example.com")?)?,
        change(Create, points(NAME, "b.example.com")?)?,
    ])?;
    let refusal = format!("{:?}", twice.await.unwrap_err());
    assert!(refusal.contains("InvalidChangeBatch"), "{refusal}");
    assert!(refusal.contains("already exists"), "{refusal}");
    let list = || route53.list_resource_record_sets().hosted_zone_id(&zone);
    let names = |told: &[ResourceRecordSet]| -> Vec<String> {
        told.iter().map(|it| it.name().to_owned()).collect()
    };
    let there = list().send().await?;
    let apex = format!("{ZONE}.");
    let expected = [apex.clone(), apex, format!("{NAME}.")];
    assert_eq!(
        names(there.resource_record_sets()),
        expected,
        "the first was not made either"
    );
    let inexact = make(vec![change(Delete, points(NAME, "b.example.com")?)?])?;
    assert_eq!(code(inexact.await), "InvalidChangeBatch");
    let outside = make(vec![change(
        Upsert,
        points("example.org", "b.example.com")?,
    )?])?;
    assert_eq!(code(outside.await), "InvalidChangeBatch");
    let moved = [
        change(Delete, points(NAME, "a.example.com")?)?,
        change(Create, points(NAME, "b.example.com")?)?,
    ];
    make(moved.into())?.await?;
    let first = list().max_items(1).send().await?;
    assert!(first.is_truncated());
    assert_eq!(first.next_record_type(), Some(&RrType::Soa));
    let from = list().start_record_name(NAME).send().await?;
    let found = from.resource_record_sets().first().context("no record")?;
    assert_eq!(found.resource_records()[0].value(), "b.example.com");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn zones_of_others_and_what_is_not_reproduced_are_refused() -> Result<()> {
    let aws = Aws::start().await?;
    let other = aws.open_account("222222222222");
    let zone = aws.route53().add_zone(&other.id, ZONE);
    let route53 = client(&aws, aws.account());
    let list = |id: &str| route53.list_resource_record_sets().hosted_zone_id(id);
    assert_eq!(code(list(&zone).send().await), "AccessDenied");
    assert_eq!(code(list("Z0").send().await), "NoSuchHostedZone");
    let weighted = ResourceRecordSet::builder()
        .name(NAME)
        .r#type(RrType::Cname)
        .weight(1)
        .set_identifier("one");
    let weighted = change(ChangeAction::Create, weighted.build()?)?;
    let asked = client(&aws, &other).change_resource_record_sets();
    let asked = asked.hosted_zone_id(&zone).change_batch(batch([weighted])?);
    assert_eq!(code(asked.send().await), "NotReproduced");
    assert_eq!(
        code(route53.list_health_checks().send().await),
        "UnknownOperationException"
    );
    Ok(())
}
