//! What AWS says: held beside what was promised, asked once, and never taken for good when nobody may ask.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use opsctl_core::conform::Verdict;
use opsctl_core::ports::{Asset, Estate};
use opsctl_core::{Failure, FailureKind, Result};
use serde_json::{Value, json};

use super::{Place, line};

/// An account that holds this.
struct Account {
    held: BTreeMap<Asset, Value>,
    lets_in: bool,
    /// What its role may not ask for.
    kept_from: Option<Asset>,
    asked: AtomicUsize,
}

#[async_trait::async_trait]
impl Estate for Account {
    async fn describe(&self, asset: &Asset) -> Result<Option<Value>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.kept_from.as_ref() == Some(asset) {
            let kind = FailureKind::Authentication;
            return Err(Failure::new(kind, "can't ask for it (DescribeIt)").cause("AccessDenied"));
        }
        match self.lets_in {
            true => Ok(self.held.get(asset).cloned()),
            false => Err(Failure::new(
                FailureKind::Authentication,
                "the token is over",
            )),
        }
    }
}

fn place(held: &[(Asset, Value)], lets_in: bool) -> (Place, Arc<Account>) {
    let account = Arc::new(Account {
        held: held.iter().cloned().collect(),
        lets_in,
        kept_from: None,
        asked: AtomicUsize::new(0),
    });
    let mut place = Place::new();
    place.estate = Ok(Arc::clone(&account) as Arc<dyn Estate>);
    (place, account)
}

const KEPT: &str = "aws: {asset: database, field: /backup_retention_period, at_least: 30}";
const TWO_ZONES: &str = "aws: {asset: database, field: /multi_az, is: true}";

#[tokio::test]
async fn what_aws_says_is_held_beside_what_was_promised_and_asked_once() {
    let database = json!({"arn": "arn:aws:rds:eu-central-1:1:db:app", "backup_retention_period": 7, "multi_az": true});
    let (place, account) = place(&[(Asset::Database, database)], true);
    let lines = format!("lines:\n{}{}", line("kept", KEPT), line("zones", TWO_ZONES));
    let judged = place.judged(&lines).await;
    assert_eq!(judged[0].verdict, Verdict::Broken);
    assert_eq!(judged[0].answers[1].actual, "7");
    assert_eq!(
        judged[0].answers[1].evidence.as_deref(),
        Some("arn:aws:rds:eu-central-1:1:db:app")
    );
    assert_eq!(judged[1].verdict, Verdict::Holds);
    // Whose it is, and the database.
    assert_eq!(account.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_a_role_may_not_ask_for_is_unknown_and_nothing_else_is() {
    let database = json!({"backup_retention_period": 30});
    let account = Account {
        held: [(Asset::Database, database)].into(),
        lets_in: true,
        kept_from: Some(Asset::Network),
        asked: AtomicUsize::new(0),
    };
    let mut place = Place::new();
    place.estate = Ok(Arc::new(account));
    let network = "aws: {asset: network, field: /ways_out, is: []}";
    let lines = format!("lines:\n{}{}", line("out", network), line("kept", KEPT));
    let judged = place.judged(&lines).await;
    assert_eq!(judged[0].verdict, Verdict::Unknown);
    let reason = &judged[0].answers[1].actual;
    assert!(reason.contains("(DescribeIt): AccessDenied"), "{reason}");
    assert_eq!(judged[1].verdict, Verdict::Holds);
}

#[tokio::test]
async fn what_is_not_there_is_broken_and_an_account_that_lets_nobody_in_is_unknown() {
    let (empty, _) = place(&[], true);
    let lines = format!("lines:\n{}{}", line("kept", KEPT), line("zones", TWO_ZONES));
    assert_eq!(empty.judged(&lines).await[0].verdict, Verdict::Broken);
    let (shut, account) = place(&[], false);
    let judged = shut.judged(&lines).await;
    assert!(judged.iter().all(|it| it.verdict == Verdict::Unknown));
    assert_eq!(account.asked.load(Ordering::Relaxed), 1);
}
