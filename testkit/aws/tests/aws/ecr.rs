//! Registries before which ECR stands: tokens, repositories that must be there, tags that stay.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use aws_sdk_ecr::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
    types::{
        ImageIdentifier, ImageTagMutability, ImageTagMutabilityExclusionFilter,
        ImageTagMutabilityExclusionFilterType, ReplicationConfiguration, ReplicationDestination,
        ReplicationRule, RepositoryFilter, RepositoryFilterType,
    },
};
use http_body_util::Full;
use hyper::{Method, Request, Response, header::LOCATION};
use serde_json::json;
use sha2::{Digest, Sha256};
use testkit_aws::{Account, Aws};

use crate::{
    http::answered,
    stage::{ABROAD, REGION, code, credentials},
};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const HOUR: Duration = Duration::from_secs(3600);

fn client(aws: &Aws, account: &Account) -> Client {
    client_in(REGION, aws, account)
}

fn client_in(region: &'static str, aws: &Aws, account: &Account) -> Client {
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(&account.keys))
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

/// As the repositories of the platform are: tags stay, but for `latest`.
async fn create(ecr: &Client, name: &str) -> Result<()> {
    let latest = ImageTagMutabilityExclusionFilter::builder()
        .filter("latest")
        .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard)
        .build()?;
    ecr.create_repository()
        .repository_name(name)
        .image_tag_mutability(ImageTagMutability::ImmutableWithExclusion)
        .image_tag_mutability_exclusion_filters(latest)
        .send()
        .await?;
    Ok(())
}

/// A registry as somebody with a token meets it.
struct Registry {
    address: String,
    token: String,
}

impl Registry {
    async fn of(ecr: &Client) -> Result<Self> {
        let given = ecr.get_authorization_token().send().await?;
        let given = given.authorization_data().first().context("no token")?;
        Ok(Self {
            address: given.proxy_endpoint().context("no endpoint")?.to_owned(),
            token: given.authorization_token().context("no token")?.to_owned(),
        })
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> Result<Response<String>> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("authorization", format!("Basic {}", self.token))
            .header("accept", MANIFEST)
            .header("content-type", MANIFEST)
            .body(Full::from(body.to_owned()))?;
        answered(request).await
    }

    /// Uploads a blob; says its digest.
    async fn blob(&self, repository: &str, text: &str) -> Result<String> {
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(text)));
        let path = format!("/v2/{repository}/blobs/uploads/?mount={digest}&from=other");
        let begun = self.ask(Method::POST, &path, "").await?;
        assert_eq!(begun.status(), 202, "{}", begun.body());
        let place = begun.headers().get(LOCATION).context("no location")?;
        let place = place.to_str()?;
        let place = place.strip_prefix(&self.address).unwrap_or(place);
        let joint = if place.contains('?') { '&' } else { '?' };
        let path = format!("{place}{joint}digest={digest}");
        let done = self.ask(Method::PUT, &path, text).await?;
        assert_eq!(done.status(), 201, "{}", done.body());
        Ok(digest)
    }

    /// Pushes an image with one layer under a tag; says its manifest and what became of it.
    async fn push(&self, tag: &str, layer: &str) -> Result<(String, Response<String>)> {
        let (config, data) = (
            self.blob("app", "{}").await?,
            self.blob("app", layer).await?,
        );
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": data, "size": layer.len()}],
        });
        let manifest = manifest.to_string();
        let path = format!("/v2/app/manifests/{tag}");
        let answer = self.ask(Method::PUT, &path, &manifest).await?;
        Ok((manifest, answer))
    }
}

fn tagged(tag: &str) -> ImageIdentifier {
    ImageIdentifier::builder().image_tag(tag).build()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_was_pushed_is_told_of_and_given_back() -> Result<()> {
    let aws = Aws::start().await?;
    let ecr = client(&aws, aws.account());
    create(&ecr, "app").await?;
    let registry = Registry::of(&ecr).await?;
    let (manifest, pushed) = registry.push("v1", "a layer").await?;
    assert_eq!(pushed.status(), 201, "{}", pushed.body());
    let describe = || ecr.describe_images().repository_name("app");
    let told = describe().image_ids(tagged("v1")).send().await?;
    let told = told.image_details().first().context("no image")?;
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(&manifest)));
    assert_eq!(told.image_digest(), Some(digest.as_str()));
    assert_eq!(told.image_tags(), ["v1"]);
    assert_eq!(told.image_size_in_bytes(), Some(2 + 7));
    let none = describe().image_ids(tagged("v2")).send().await;
    assert_eq!(code(none), "ImageNotFoundException");
    let got = ecr.batch_get_image().repository_name("app");
    let got = got.image_ids(tagged("v1")).image_ids(tagged("v2"));
    let got = got.send().await?;
    let image = got.images().first().context("no image")?;
    assert_eq!(image.image_manifest(), Some(manifest.as_str()));
    let failed = got.failures().first().and_then(|it| it.failure_code());
    assert_eq!(failed.map(|it| it.as_str()), Some("ImageNotFound"));
    let pulled = registry
        .ask(Method::GET, "/v2/app/manifests/v1", "")
        .await?;
    assert_eq!(pulled.body(), &manifest);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_stays_where_it_is_but_the_latest_moves() -> Result<()> {
    let aws = Aws::start().await?;
    let ecr = client(&aws, aws.account());
    create(&ecr, "app").await?;
    let registry = Registry::of(&ecr).await?;
    for tag in ["v1", "latest"] {
        assert_eq!(registry.push(tag, "first").await?.1.status(), 201);
    }
    let (_, again) = registry.push("v1", "second").await?;
    assert_eq!(again.status(), 400);
    assert!(again.body().contains("TAG_INVALID"), "{}", again.body());
    assert!(again.body().contains("immutable"), "{}", again.body());
    assert_eq!(registry.push("latest", "second").await?.1.status(), 201);
    let told = ecr.describe_images().repository_name("app").send().await?;
    let mut tags: Vec<_> = told
        .image_details()
        .iter()
        .map(|it| it.image_tags())
        .collect();
    tags.sort_unstable();
    assert_eq!(tags, [["latest"], ["v1"]]);
    let deleted = registry
        .ask(Method::DELETE, "/v2/app/manifests/v1", "")
        .await?;
    assert_eq!(deleted.status(), 405);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_and_is_of_one_account() -> Result<()> {
    let aws = Aws::start().await?;
    let other = aws.open_account("222222222222");
    let (here, there) = (client(&aws, aws.account()), client(&aws, &other));
    let (own, others) = (Registry::of(&here).await?, Registry::of(&there).await?);
    assert_ne!(own.address, others.address);
    let root = |registry: &Registry| {
        let (address, token) = (registry.address.clone(), registry.token.clone());
        async move {
            Registry { address, token }
                .ask(Method::GET, "/v2/", "")
                .await
        }
    };
    assert_eq!(root(&own).await?.status(), 200);
    let stranger = Registry {
        address: others.address.clone(),
        token: own.token.clone(),
    };
    assert_eq!(root(&stranger).await?.status(), 403);
    let nobody = Registry {
        address: own.address.clone(),
        token: "nothing".into(),
    };
    let turned_away = root(&nobody).await?;
    assert_eq!(turned_away.status(), 401);
    assert!(turned_away.headers().contains_key("www-authenticate"));
    aws.clock().advance(HOUR * 12);
    let late = root(&own).await?;
    assert_eq!(late.status(), 403);
    assert!(late.body().contains("expired"), "{}", late.body());
    let foreign = here.describe_repositories().registry_id("222222222222");
    assert_eq!(code(foreign.send().await), "AccessDeniedException");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_made_first_and_once() -> Result<()> {
    let aws = Aws::start().await?;
    let ecr = client(&aws, aws.account());
    let registry = Registry::of(&ecr).await?;
    let path = "/v2/app/blobs/uploads/";
    let early = registry.ask(Method::POST, path, "").await?;
    assert_eq!(early.status(), 404);
    assert!(early.body().contains("NAME_UNKNOWN"), "{}", early.body());
    let describe = || ecr.describe_repositories().repository_names("app").send();
    assert_eq!(code(describe().await), "RepositoryNotFoundException");
    create(&ecr, "app").await?;
    let told = describe().await?;
    let told = told.repositories().first().context("no repository")?;
    let address = registry.address.trim_start_matches("http://");
    assert_eq!(
        told.repository_uri(),
        Some(format!("{address}/app").as_str())
    );
    let mutability = told.image_tag_mutability().map(ImageTagMutability::as_str);
    assert_eq!(mutability, Some("IMMUTABLE_WITH_EXCLUSION"));
    let again = ecr.create_repository().repository_name("app").send().await;
    assert_eq!(code(again), "RepositoryAlreadyExistsException");
    let bare = ecr
        .create_repository()
        .repository_name("bare")
        .image_tag_mutability(ImageTagMutability::ImmutableWithExclusion);
    assert_eq!(code(bare.send().await), "InvalidParameterException");
    let scanned = ecr.describe_image_scan_findings().repository_name("app");
    let scanned = scanned.image_id(tagged("v1")).send().await;
    assert_eq!(code(scanned), "UnknownOperationException");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_repository_is_told_to_keep_is_read_back_as_it_was_written() -> Result<()> {
    let aws = Aws::start().await?;
    let ecr = client(&aws, aws.account());
    create(&ecr, "app").await?;
    let ask = || ecr.get_lifecycle_policy().repository_name("app").send();
    assert_eq!(code(ask().await), "LifecyclePolicyNotFoundException");
    let put = |name: &str, text: &str| {
        let put = ecr.put_lifecycle_policy().repository_name(name);
        put.lifecycle_policy_text(text).send()
    };
    let policy = r#"{"rules":[{"selection":{"tagPatternList":["staging-*"]}}]}"#;
    put("app", policy).await?;
    assert_eq!(ask().await?.lifecycle_policy_text(), Some(policy));
    assert_eq!(
        code(put("app", "no policy").await),
        "InvalidParameterException"
    );
    assert_eq!(
        code(put("none", policy).await),
        "RepositoryNotFoundException"
    );
    Ok(())
}

/// What is pushed into repositories of that name goes to the other region.
async fn replicate(ecr: &Client, names: &str) -> Result<()> {
    let there = ReplicationDestination::builder()
        .region(ABROAD)
        .registry_id(Aws::ACCOUNT)
        .build()?;
    let filter = RepositoryFilter::builder()
        .filter(names)
        .filter_type(RepositoryFilterType::PrefixMatch)
        .build()?;
    let rule = ReplicationRule::builder()
        .destinations(there)
        .repository_filters(filter)
        .build()?;
    let configured = ReplicationConfiguration::builder().rules(rule).build()?;
    let put = ecr.put_replication_configuration();
    put.replication_configuration(configured).send().await?;
    Ok(())
}

/// The digest that a tag has there, once it has one.
async fn arrived(ecr: &Client, tag: &str) -> Result<String> {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let told = ecr.describe_images().repository_name("app");
        match told.image_ids(tagged(tag)).send().await {
            Ok(told) => {
                let image = told.image_details().first().context("no image")?;
                return Ok(image.image_digest().context("no digest")?.to_owned());
            }
            Err(error) => ensure!(Instant::now() < until, "{tag} never came: {error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_after_the_rule_is_brought_to_the_other_region_and_nothing_before()
-> Result<()> {
    let aws = Aws::start().await?;
    let (here, there) = (
        client(&aws, aws.account()),
        client_in(ABROAD, &aws, aws.account()),
    );
    create(&here, "app").await?;
    let registry = Registry::of(&here).await?;
    registry.push("v1", "before the rule").await?;
    replicate(&here, "ap").await?;
    let (manifest, pushed) = registry.push("v2", "after the rule").await?;
    assert_eq!(pushed.status(), 201, "{}", pushed.body());
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(&manifest)));
    assert_eq!(arrived(&there, "v2").await?, digest);
    let none = there.describe_images().repository_name("app");
    let none = none.image_ids(tagged("v1")).send().await;
    assert_eq!(code(none), "ImageNotFoundException");

    // It is pulled there with that region's own token; the settings of the repository did not go along.
    let other = Registry::of(&there).await?;
    assert_ne!(other.address, registry.address);
    let path = format!("/v2/app/manifests/{digest}");
    assert_eq!(other.ask(Method::GET, &path, "").await?.body(), &manifest);
    let layer = Sha256::digest("after the rule");
    let path = format!("/v2/app/blobs/sha256:{}", hex::encode(layer));
    assert_eq!(
        other.ask(Method::GET, &path, "").await?.body(),
        "after the rule"
    );
    let made = there.describe_repositories().send().await?;
    let made = made.repositories().first().context("no repository")?;
    let kind = made.image_tag_mutability();
    assert_eq!(kind, Some(&ImageTagMutability::Mutable));
    let told = here.describe_registry().send().await?;
    let rules = told.replication_configuration().context("none")?.rules();
    assert_eq!(rules[0].destinations()[0].region(), ABROAD);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_of_another_name_and_another_account_are_left_out_of_replication() -> Result<()>
{
    let aws = Aws::start().await?;
    let (here, there) = (
        client(&aws, aws.account()),
        client_in(ABROAD, &aws, aws.account()),
    );
    create(&here, "app").await?;
    replicate(&here, "other").await?;
    let registry = Registry::of(&here).await?;
    registry.push("v1", "stays").await?;
    replicate(&here, "app").await?;
    registry.push("v2", "goes").await?;
    arrived(&there, "v2").await?;
    let none = there.describe_images().repository_name("app");
    let none = none.image_ids(tagged("v1")).send().await;
    assert_eq!(code(none), "ImageNotFoundException");
    let stranger = ReplicationDestination::builder()
        .region(ABROAD)
        .registry_id("222222222222")
        .build()?;
    let rule = ReplicationRule::builder().destinations(stranger).build()?;
    let configured = ReplicationConfiguration::builder().rules(rule).build()?;
    let put = here.put_replication_configuration();
    let put = put.replication_configuration(configured).send().await;
    assert_eq!(code(put), "InvalidParameterException");
    Ok(())
}
