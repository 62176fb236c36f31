//! Signatures, accounts and roles.

use std::time::Duration;

use anyhow::Result;
use testkit_aws::{Aws, Keys, Service};

use crate::stage::{REGION, code, rds, rds_of, sts_of};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_of_the_sdk_is_accepted_and_the_caller_told_who_they_are() -> Result<()> {
    let aws = Aws::start().await?;
    let who = sts_of(&aws, &aws.account().keys);
    let who = who.get_caller_identity().send().await?;
    assert_eq!(who.account(), Some(Aws::ACCOUNT));
    let arn = "arn:aws:iam::111111111111:user/tester";
    assert_eq!(who.arn(), Some(arn));
    let calls = aws.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].service, Service::Sts);
    assert_eq!(calls[0].action, "GetCallerIdentity");
    assert_eq!(calls[0].region, REGION);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_and_an_unknown_key_are_told_apart() -> Result<()> {
    let aws = Aws::start().await?;
    let right = aws.account().keys.clone();
    let wrong = Keys {
        secret_access_key: "wrong".into(),
        ..right.clone()
    };
    let answer = sts_of(&aws, &wrong).get_caller_identity().send().await;
    assert_eq!(code(answer), "SignatureDoesNotMatch");
    let unknown = Keys {
        access_key_id: "AKIANOBODY".into(),
        ..right
    };
    let answer = rds_of(&aws, &unknown, REGION)
        .describe_db_instances()
        .send();
    assert_eq!(code(answer.await), "InvalidClientTokenId");
    assert!(aws.calls().is_empty(), "nobody was let in");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_refused_by_how_much() -> Result<()> {
    let aws = Aws::start().await?;
    aws.clock().skew_signatures(time::Duration::minutes(6));
    let answer = rds(&aws, REGION).describe_db_instances().send().await;
    let error = answer.unwrap_err();
    assert!(
        format!("{error:?}").contains("Signature expired"),
        "{error:?}"
    );
    aws.clock().skew_signatures(time::Duration::minutes(-6));
    let answer = rds(&aws, REGION).describe_db_instances().send().await;
    let error = format!("{:?}", answer.unwrap_err());
    assert!(error.contains("Signature not yet current"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_another_account_is_assumed_until_its_time_is_over() -> Result<()> {
    let aws = Aws::start().await?;
    let other = aws.open_account("222222222222");
    let role = aws.add_role(&other.id, "deployer", HOUR);
    let sts = sts_of(&aws, &aws.account().keys);
    let assume = |role: &str| sts.assume_role().role_arn(role).role_session_name("run-1");
    let stranger = assume("arn:aws:iam::222222222222:role/none").send().await;
    assert_eq!(code(stranger), "AccessDenied");
    let too_long = assume(&role).duration_seconds(7200).send().await;
    assert_eq!(code(too_long), "ValidationError");
    let given = assume(&role).send().await?;
    let given = given.credentials().expect("credentials").clone();
    let keys = Keys {
        access_key_id: given.access_key_id,
        secret_access_key: given.secret_access_key,
        session_token: Some(given.session_token),
    };
    let who = sts_of(&aws, &keys).get_caller_identity().send().await?;
    assert_eq!(who.account(), Some("222222222222"));
    let arn = "arn:aws:sts::222222222222:assumed-role/deployer/run-1";
    assert_eq!(who.arn(), Some(arn));
    let without = Keys {
        session_token: None,
        ..keys.clone()
    };
    let answer = sts_of(&aws, &without).get_caller_identity().send().await;
    assert_eq!(code(answer), "InvalidClientTokenId");
    aws.clock().advance(HOUR);
    let answer = sts_of(&aws, &keys).get_caller_identity().send().await;
    assert_eq!(code(answer), "ExpiredToken");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_reproduced_is_refused_and_not_passed_over() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let answer = rds.describe_db_clusters().send().await;
    assert_eq!(code(answer), "InvalidAction");
    let answer = rds.describe_db_instances().filters(
        aws_sdk_rds::types::Filter::builder()
            .name("engine")
            .values("postgres")
            .build(),
    );
    assert_eq!(code(answer.send().await), "NotReproduced");
    Ok(())
}
