//! Registries of ECR, in two accounts: no `docker login` anywhere, the tags' rules are AWS's, and an image keeps its digest on its way.

use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ecr::types::{
    ImageTagMutability, ImageTagMutabilityExclusionFilter, ImageTagMutabilityExclusionFilterType,
};
use testkit::registry::Registry;
use testkit_aws::{Account, Aws};

use crate::place::{Ended, Place};

const REGION: &str = "eu-central-1";
const OTHER: &str = "222222222222";

/// Two accounts, each with a repository `app` in which tags stay.
struct Accounts {
    aws: Aws,
    _runtime: tokio::runtime::Runtime,
    other: Account,
    hosts: [String; 2],
}

impl Accounts {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let aws = runtime.block_on(Aws::start()).unwrap();
        let other = aws.open_account(OTHER);
        let own = aws.account().clone();
        let hosts = [&own, &other].map(|account| {
            runtime.block_on(create(&aws, account));
            aws.ecr().open(&account.id, REGION, 0).unwrap().to_string()
        });
        Self {
            aws,
            _runtime: runtime,
            other,
            hosts,
        }
    }

    /// What AWS's own configuration says: a profile an account.
    fn profiles(&self, place: &Place) -> String {
        let profile = |name: &str, account: &Account| {
            let (id, key) = (&account.keys.access_key_id, &account.keys.secret_access_key);
            format!(
                "[profile {name}]\nendpoint_url = {}\naws_access_key_id = {id}\naws_secret_access_key = {key}\n",
                self.aws.url()
            )
        };
        let text = profile("staging", self.aws.account()) + &profile("production", &self.other);
        place.write(".aws", &text);
        place.path().join(".aws").display().to_string()
    }
}

async fn create(aws: &Aws, account: &Account) {
    let keys = &account.keys;
    let keys = Credentials::new(
        &keys.access_key_id,
        &keys.secret_access_key,
        None,
        None,
        "test",
    );
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(aws.url())
        .credentials_provider(keys);
    let latest = ImageTagMutabilityExclusionFilter::builder()
        .filter("latest")
        .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard);
    let asked = aws_sdk_ecr::Client::from_conf(config.build())
        .create_repository()
        .repository_name("app")
        .image_tag_mutability(ImageTagMutability::ImmutableWithExclusion)
        .image_tag_mutability_exclusion_filters(latest.build().unwrap());
    asked.send().await.unwrap();
}

/// One machine that knows the environments of both accounts.
fn place(accounts: &Accounts) -> Place {
    let nothing = Registry::start().unwrap();
    let place = Place::before(&nothing);
    let environment = |name: &str, account: &str, host: &str| {
        format!(
            "  {name}:\n    database: {{ engine: sqlite }}\n    images: {{ repository: {host}/app }}\n    aws: {{ account: \"{account}\", region: {REGION}, backup_region: eu-west-1, profile: {name}, name: {name}, buckets: {{ state: s, evidence: e, backups: b }} }}\n"
        )
    };
    let [own, other] = &accounts.hosts;
    let text = format!(
        "version: 1\nenvironments:\n  local:\n    database: {{ engine: sqlite }}\n    images: {{ repository: {own}/app }}\n{}{}",
        environment("staging", Aws::ACCOUNT, own),
        environment("production", OTHER, other),
    );
    place.write("opsctl.yaml", &text);
    place.write(
        ".gitignore",
        "/target\n/.opsctl\n*.tar\n/.aws\n/opsctl.yaml\n",
    );
    place
}

#[test]
fn an_image_is_promoted_from_one_account_to_another_as_it_is_and_its_tag_stays() {
    let accounts = Accounts::new();
    let place = place(&accounts);
    place.change("one");
    let profiles = accounts.profiles(&place);
    let run = |words: &str| -> Ended { place.run_with(words, &[("AWS_CONFIG_FILE", &profiles)]) };
    let pushed = run("image build --push").expect(0).document();
    let (tag, digest) = (pushed["tag"].as_str().unwrap(), &pushed["digest"]);
    let [own, other] = &accounts.hosts;
    let promoted = run(&format!(
        "image promote {own}/app:{tag} {other}/app:v1.0.0 --yes"
    ));
    assert_eq!(promoted.expect(0).document()["digest"], *digest);
    let listed = run(&format!("image list --repository {other}/app"))
        .expect(0)
        .document();
    assert_eq!(listed["images"][0]["digest"], *digest);
    assert_eq!(listed["images"][0]["tag"], "v1.0.0");

    place.change("two");
    run("image build --push --tag v1.0.0").expect(0);
    let refused = run(&format!(
        "image promote {own}/app:v1.0.0 {other}/app:v1.0.0 --yes"
    ));
    refused.expect(4);
}

#[test]
fn an_account_that_is_not_the_one_of_its_environment_gives_no_password() {
    let accounts = Accounts::new();
    let place = place(&accounts);
    let profiles = accounts.profiles(&place);
    let text = std::fs::read_to_string(place.path().join("opsctl.yaml")).unwrap();
    place.write(
        "opsctl.yaml",
        &text.replace("profile: staging", "profile: production"),
    );
    let refused = place.run_with("image list", &[("AWS_CONFIG_FILE", &profiles)]);
    assert!(refused.code != Some(0), "{refused:?}");
    let said = format!("{}{}", refused.stdout, refused.stderr);
    assert!(said.contains(OTHER), "{said}");
}
