//! A bucket as a state store, held against what the trait promises, on a real S3.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_s3::config::Credentials;
use opsctl_aws::{Aws, S3Store};
use opsctl_core::environment::AwsSettings;
use opsctl_core::state::{Key, StateStore, StoreError};
use testkit::s3::S3;

/// An account with the buckets of an environment.
struct Place {
    s3: S3,
    aws: testkit_aws::Aws,
}

impl Place {
    async fn new() -> Self {
        let aws = testkit_aws::Aws::start().await.unwrap();
        let keys = &aws.account().keys;
        let s3 = S3::start_as(&keys.access_key_id, &keys.secret_access_key).unwrap();
        let place = Self { s3, aws };
        let client = place.client().await;
        for bucket in ["state", "evidence"] {
            client.create_bucket().bucket(bucket).send().await.unwrap();
        }
        place
    }

    /// A store as another process opens it.
    async fn store(&self) -> S3Store {
        S3Store::new(Aws::asked_as(&settings(), self.config().await))
    }

    async fn client(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&self.config().await)
    }

    /// S3 is another server than the rest: said as AWS's own configuration says it.
    async fn config(&self) -> SdkConfig {
        let (aws, s3) = (self.aws.url(), self.s3.url());
        let text = format!(
            "[default]\nendpoint_url = {aws}\nservices = here\n[services here]\ns3 =\n  endpoint_url = {s3}\n"
        );
        let files = EnvConfigFiles::builder();
        let files = files.with_contents(EnvConfigFileKind::Config, text).build();
        let keys = &self.aws.account().keys;
        let (id, key) = (&keys.access_key_id, &keys.secret_access_key);
        aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .profile_files(files)
            .credentials_provider(Credentials::new(id, key, None, None, "test"))
            .load()
            .await
    }
}

fn settings() -> AwsSettings {
    let document = serde_json::json!({
        "account": testkit_aws::Aws::ACCOUNT, "region": "eu-central-1", "backup_region": "eu-west-1", "name": "test",
        "buckets": {"state": "state", "evidence": "evidence", "backups": "backups"},
    });
    serde_json::from_value(document).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_written_once_and_a_register_by_one_of_many() {
    let place = Place::new().await;
    let store = Arc::new(place.store().await);
    let key = Key::of(&["a", "b"]);
    store.create(&key, b"first").await.unwrap();
    let again = place.store().await.create(&key, b"second").await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    assert_eq!(
        store.read(&key).await.unwrap().as_deref(),
        Some(&b"first"[..])
    );
    let lock = Key::of(&["lock"]);
    for round in 0..5 {
        let writers: Vec<_> = (0..8_u8)
            .map(|writer| {
                let (store, key) = (Arc::clone(&store), lock.clone());
                tokio::spawn(async move { store.swap(&key, round, &[writer]).await.is_ok() })
            })
            .collect();
        let mut winners = 0;
        for writer in writers {
            winners += u32::from(writer.await.unwrap());
        }
        assert_eq!(winners, 1, "round {round}");
    }
    let stale = store.swap(&lock, 1, b"stale").await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))));
    assert_eq!(store.load(&lock).await.unwrap().0, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_whole_however_long_and_registers_are_not_in_it() {
    let place = Place::new().await;
    let store = place.store().await;
    let room = Key::of(&["room"]);
    let wanted: Vec<Key> = (0..1_001)
        .map(|number| room.join(&format!("{number:06}")))
        .collect();
    for keys in wanted.chunks(50) {
        let written = keys.iter().map(|key| store.create(key, b"1"));
        futures::future::try_join_all(written).await.unwrap();
    }
    store.swap(&room.join("register"), 0, b"2").await.unwrap();
    assert_eq!(store.list(&room).await.unwrap(), wanted);
    store.delete(&wanted[0]).await.unwrap();
    store.delete(&wanted[0]).await.unwrap();
    assert_eq!(store.list(&room).await.unwrap().len(), 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_writes_nothing_and_evidence_has_a_bucket_of_its_own() {
    let place = Place::new().await;
    let store = place.store().await;
    assert_eq!(store.read(&Key::of(&["a"])).await.unwrap(), None);
    assert_eq!(store.load(&Key::of(&["b"])).await.unwrap(), (0, None));
    assert!(store.list(&Key::root()).await.unwrap().is_empty());
    assert_eq!(held(&place, "state").await, 0);
    store
        .create(&Key::evidence().join("1.json"), b"seen")
        .await
        .unwrap();
    assert_eq!(held(&place, "evidence").await, 1);
    assert_eq!(held(&place, "state").await, 1, "the stamp alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_newer_opsctl_and_one_of_somebody_else_are_refused() {
    let place = Place::new().await;
    let newer = place
        .client()
        .await
        .put_object()
        .bucket("state")
        .key("format");
    newer.body(b"2\n".to_vec().into()).send().await.unwrap();
    let refused = place.store().await.read(&Key::of(&["a"])).await;
    assert!(matches!(
        refused,
        Err(StoreError::NewerFormat { found: 2, known: 1 })
    ));
    let document = serde_json::to_value(settings()).unwrap().to_string();
    let others = document.replace(testkit_aws::Aws::ACCOUNT, "222222222222");
    let others: AwsSettings = serde_json::from_str(&others).unwrap();
    let store = S3Store::new(Aws::asked_as(&others, place.config().await));
    let refused = store.create(&Key::of(&["a"]), b"1").await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
}

async fn held(place: &Place, bucket: &str) -> usize {
    let listed = place.client().await.list_objects_v2().bucket(bucket).send();
    listed.await.unwrap().contents().len()
}
