//! Faults on demand, as clients meet them.

use std::time::{Duration, Instant};

use anyhow::Result;
use aws_sdk_rds::config::{retry::RetryConfig, timeout::TimeoutConfig};
use testkit_aws::{Aws, Fault, Rule, Service, Times};

use crate::stage::{ABROAD, REGION, code, rds};

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_calls_are_throttled_and_retries_get_through() -> Result<()> {
    let aws = Aws::start().await?;
    let half = Rule::new(Fault::Throttled, Times::Percent(50, 3)).service(Service::Rds);
    aws.faults().add(half);
    let once = rds(&aws, REGION);
    let mut refused = 0;
    for _ in 0..40 {
        let answer = once.describe_db_instances().send().await;
        refused += u32::from(answer.is_err_and(|error| code::<(), _>(Err(error)) == "Throttling"));
    }
    assert!((10..=30).contains(&refused), "{refused} of 40");
    let retry = RetryConfig::standard()
        .with_max_attempts(12)
        .with_initial_backoff(Duration::from_millis(1));
    let config = once.config().to_builder().retry_config(retry).build();
    let patient = aws_sdk_rds::Client::from_conf(config);
    patient.describe_db_instances().send().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_leaves_its_effect() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action("CreateDBParameterGroup");
    aws.faults().add(lost);
    let create = || {
        let create = rds.create_db_parameter_group();
        create
            .db_parameter_group_name("ours")
            .db_parameter_group_family("postgres15")
            .description("of the test")
            .send()
    };
    let error = create().await.expect_err("the answer is lost");
    assert!(error.as_service_error().is_none(), "{error:?}");
    assert_eq!(code(create().await), "DBParameterGroupAlreadyExists");
    let outcomes: Vec<_> = aws.calls().into_iter().map(|call| call.outcome).collect();
    let exists = "DBParameterGroupAlreadyExists".to_owned();
    assert_eq!(outcomes, [Some("lost answer".to_owned()), Some(exists)]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_service_and_slow_answers_come_as_planned() -> Result<()> {
    let aws = Aws::start().await?;
    let rds = rds(&aws, REGION);
    let slow = Duration::from_millis(200);
    let next = |fault| aws.faults().add(Rule::new(fault, Times::Next(1)));
    next(Fault::Unavailable(503));
    let answer = rds.describe_db_instances().send().await;
    assert_eq!(code(answer), "ServiceUnavailable");
    aws.faults().clear();
    next(Fault::Refused(
        "InsufficientDBInstanceCapacity",
        "none left",
    ));
    let answer = rds.describe_db_instances().send().await;
    assert_eq!(code(answer), "InsufficientDBInstanceCapacity");
    aws.faults().clear();
    next(Fault::Slow(slow));
    let began = Instant::now();
    rds.describe_db_instances().send().await?;
    assert!(began.elapsed() >= slow);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_in_a_black_hole_says_nothing_and_the_other_answers() -> Result<()> {
    let aws = Aws::start().await?;
    aws.faults()
        .add(Rule::new(Fault::BlackHole, Times::Always).region(REGION));
    let limit = TimeoutConfig::builder().operation_timeout(Duration::from_millis(300));
    let here = rds(&aws, REGION);
    let config = here.config().to_builder().timeout_config(limit.build());
    let here = aws_sdk_rds::Client::from_conf(config.build());
    let error = here.describe_db_instances().send().await.unwrap_err();
    assert!(format!("{error:?}").contains("Timeout"), "{error:?}");
    rds(&aws, ABROAD).describe_db_instances().send().await?;
    Ok(())
}
