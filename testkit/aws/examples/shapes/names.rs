//! A record that is switched.

use anyhow::{Context, Result};
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};

use super::site::{HOME, Site, client};

pub async fn ask(site: &Site) -> Result<()> {
    let names = client!(aws_sdk_route53, site, HOME);
    let zone = names.create_hosted_zone().name("shapes.internal");
    let zone = zone.caller_reference("shapes").send().await?;
    let zone = zone.hosted_zone.context("no zone")?.id;
    for (action, to) in [
        (ChangeAction::Create, "first.example.com"),
        (ChangeAction::Upsert, "second.example.com"),
    ] {
        let value = ResourceRecord::builder().value(to).build()?;
        let record = ResourceRecordSet::builder()
            .name("database.shapes.internal")
            .r#type(RrType::Cname)
            .ttl(30)
            .resource_records(value)
            .build()?;
        let change = Change::builder().action(action);
        let change = change.resource_record_set(record).build()?;
        let batch = ChangeBatch::builder().changes(change).build()?;
        let made = names.change_resource_record_sets();
        let made = made
            .hosted_zone_id(&zone)
            .change_batch(batch)
            .send()
            .await?;
        let change = made.change_info.context("no change")?;
        names.get_change().id(change.id).send().await?;
    }
    let listed = names.list_resource_record_sets().hosted_zone_id(&zone);
    let listed = listed.start_record_name("database.shapes.internal");
    listed.send().await?;
    Ok(())
}
