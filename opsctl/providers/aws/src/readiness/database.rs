//! What the database is brought back from, and what it is given there.

use opsctl_core::ports::Part;
use opsctl_core::{Failure, Result};

use super::{AwsReadiness, unseen};
use crate::account::Side;
use crate::rds::newest_copy;
use crate::trouble;

const COPIES: &str = "copies of backups";
const SURROUNDINGS: &str = "network of the database";

pub(super) async fn parts(of: &AwsReadiness) -> [Part; 2] {
    let copies = copies(of).await;
    let surroundings = surroundings(of).await;
    [
        copies.unwrap_or_else(|failure| unseen(COPIES, &failure)),
        surroundings.unwrap_or_else(|failure| unseen(SURROUNDINGS, &failure)),
    ]
}

/// The newest copy: there, young enough, and under which key.
async fn copies(of: &AwsReadiness) -> Result<Part> {
    let place = of.site.aws.region(Side::Backup);
    let Some((record, key)) = newest_copy(&of.site).await? else {
        let what = format!("no backup was ever copied to {place}");
        return Ok(Part::lacking(COPIES, what, "opsctl backup copy"));
    };
    let taken = record.recovery_point.taken_at;
    let key = key.map_or_else(
        || "not encrypted".to_owned(),
        |key| format!("encrypted by {key}"),
    );
    let told = format!("'{}' of {taken}, {key}", record.id);
    let now = opsctl_core::clock::Timestamp(time::OffsetDateTime::now_utc());
    Ok(match taken.age(now) > of.stale_after.0 {
        true => {
            let what = format!("the newest, {told}, is older than {}", of.stale_after);
            Part::lacking(COPIES, what, "opsctl backup copy")
        }
        false => Part::ready(COPIES, told),
    })
}

/// The groups that RDS asks for by name.
async fn surroundings(of: &AwsReadiness) -> Result<Part> {
    let with = &of.site.settings.restore_with;
    let cure =
        "terraform output operations: `recovery` goes to database.restore_abroad in opsctl.yaml";
    let client = aws_sdk_rds::Client::new(&of.site.aws.config(Side::Backup).await?);
    let missing = |kind: &str, name: &str| {
        let what = format!("there is no {kind} group '{name}'");
        Ok(Part::lacking(SURROUNDINGS, what, cure))
    };
    let subnets = &with.subnet_group;
    let asked = client
        .describe_db_subnet_groups()
        .db_subnet_group_name(subnets);
    match asked.send().await {
        Ok(_) => {}
        Err(error) if trouble::is(&error, "DBSubnetGroupNotFoundFault") => {
            return missing("subnet", subnets);
        }
        Err(error) => return Err(looked_for(subnets, &error)),
    }
    let Some(parameters) = &with.parameter_group else {
        return Ok(Part::lacking(
            SURROUNDINGS,
            "no parameter group is named: the database would run with the default one",
            cure,
        ));
    };
    let asked = client
        .describe_db_parameter_groups()
        .db_parameter_group_name(parameters);
    match asked.send().await {
        Ok(_) => Ok(Part::ready(
            SURROUNDINGS,
            format!("subnet group {subnets}, parameter group {parameters}"),
        )),
        Err(error) if trouble::is(&error, "DBParameterGroupNotFound") => {
            missing("parameter", parameters)
        }
        Err(error) => Err(looked_for(parameters, &error)),
    }
}

fn looked_for<E, R>(name: &str, error: &aws_sdk_rds::error::SdkError<E, R>) -> Failure
where
    aws_sdk_rds::error::SdkError<E, R>: aws_sdk_rds::error::ProvideErrorMetadata,
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    trouble::of(format!("can't look at the group '{name}'"), error)
}
