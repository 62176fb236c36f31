//! An account as Terraform makes it, and the lines of the specification that ask it for more than databases and secrets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration,
};
use serde_json::{Value, json};
use testkit_aws::eks::Cluster;
use testkit_aws::ground::as_terraform_makes_it;
use testkit_aws::{Aws, Service};

use crate::runner::{Ended, Runner};
use crate::stage::{ABROAD, REGION, Stage};

pub const NAME: &str = "platform-staging";
pub const STANDBY: &str = "platform-staging-rec";
/// The lines, by their ids.
pub const LINES: [&str; 23] = [
    "access.accounts",
    "backup.outage",
    "balancer.failover",
    "balancer.health",
    "balancer.https",
    "components.gateway",
    "encryption.transit",
    "flow.forward",
    "flow.https",
    "image.staging",
    "interaction.auth",
    "interaction.backup",
    "interaction.client",
    "log.retention",
    "network.groups",
    "network.shield",
    "network.vpc",
    "network.waf",
    "report.stored",
    "request.certificate",
    "request.https",
    "staging.cache",
    "staging.database",
];
/// How long each bucket keeps what was overwritten or deleted.
const KEEPING: [(&str, i32); 3] = [("backups", 31), ("logs", 121), ("reports", 366)];
pub const POLICY: &str = r#"{"rules":[{"selection":{"tagPatternList":["staging-*"]}}]}"#;

/// The account, and somebody who looks at it.
pub struct Furnished {
    pub stage: Stage,
    pub runner: Runner,
}

impl Furnished {
    pub fn new() -> Self {
        let stage = Stage::bare();
        let runner = Runner::of(&stage);
        let furnished = Self { stage, runner };
        furnished.put_ground();
        furnished.put_cluster();
        furnished.put_registry();
        furnished.put_buckets();
        furnished.put_cache();
        furnished.configure(|text| text.to_owned());
        furnished.put_outputs(Aws::ACCOUNT);
        furnished.put_lines();
        furnished
    }

    /// Load balancers, firewalls and networks, as Terraform makes them; whatever was changed there is as it was.
    pub fn put_ground(&self) {
        let ground = self.stage.aws.ground();
        let here = as_terraform_makes_it(Aws::ACCOUNT, REGION, NAME);
        let door = here["LoadBalancers"][0]["LoadBalancerArn"].clone();
        ground.put(Aws::ACCOUNT, REGION, here);
        let there = as_terraform_makes_it(Aws::ACCOUNT, ABROAD, STANDBY);
        ground.put(Aws::ACCOUNT, ABROAD, there);
        ground.put_shield(Aws::ACCOUNT, "ACTIVE", &[door.as_str().unwrap()]);
    }

    fn put_cluster(&self) {
        let cluster = Cluster {
            name: STANDBY.into(),
            version: "1.34".into(),
            endpoint: "https://127.0.0.1:1".into(),
            authority: "nobody".into(),
        };
        self.stage.aws.eks().put(Aws::ACCOUNT, ABROAD, cluster);
    }

    fn put_registry(&self) {
        let repository = json!({"repositoryName": "app", "imageTagMutability": "IMMUTABLE"});
        self.ecr("CreateRepository", repository);
        self.put_policy(POLICY);
    }

    /// What the registry keeps.
    pub fn put_policy(&self, policy: &str) {
        let policy = json!({"repositoryName": "app", "lifecyclePolicyText": policy});
        self.ecr("PutLifecyclePolicy", policy);
    }

    fn ecr(&self, action: &str, said: Value) {
        let aws = &self.stage.aws;
        let console = aws.console(aws.account(), REGION);
        console.ask(Service::Ecr, action, said).unwrap();
    }

    fn put_buckets(&self) {
        let s3 = self.stage.s3_client();
        for bucket in ["reports", "logs"] {
            let made = s3.create_bucket().bucket(bucket).send();
            self.stage.wait(made).unwrap();
        }
        for (bucket, days) in KEEPING {
            self.keep(bucket, days);
        }
    }

    /// A bucket takes away what was overwritten or deleted so many days ago.
    pub fn keep(&self, bucket: &str, days: i32) {
        let ends = NoncurrentVersionExpiration::builder().noncurrent_days(days);
        let rule = LifecycleRule::builder()
            .id("keep")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .noncurrent_version_expiration(ends.build())
            .build();
        let rules = BucketLifecycleConfiguration::builder().rules(rule.unwrap());
        let s3 = self.stage.s3_client();
        let put = s3.put_bucket_lifecycle_configuration().bucket(bucket);
        let put = put.lifecycle_configuration(rules.build().unwrap());
        self.stage.wait(put.send()).unwrap();
    }

    /// As long as was promised.
    pub fn keep_again(&self) {
        for (bucket, days) in KEEPING {
            self.keep(bucket, days);
        }
    }

    fn put_cache(&self) {
        let create = self.stage.elasticache().create_replication_group();
        let create = create
            .replication_group_id(NAME)
            .replication_group_description("the cache")
            .cache_node_type("cache.t4g.micro")
            .num_cache_clusters(1);
        self.stage.wait(create.send()).unwrap();
    }

    /// `opsctl.yaml`, changed.
    pub fn configure(&self, change: impl Fn(&str) -> String) {
        self.runner.configure(|text| {
            let buckets = "backups: backups }";
            let all = "backups: backups, reports: reports, logs: logs }";
            let text = text.replace(buckets, all);
            let name = format!("      name: {NAME}\n");
            let text = text.replace(&name, &format!("{name}      cache: {NAME}\n"));
            let more = "    images:\n      repository: 127.0.0.1:1/app\n    workloads:\n      \
                        manifests: k8s\n      namespace: platform\n      outputs: outputs.json\n";
            change(&format!("{text}{more}"))
        });
    }

    /// What Terraform says that it made.
    pub fn put_outputs(&self, account: &str) {
        let outputs = json!({"account_id": account});
        self.runner.write("outputs.json", &outputs.to_string());
    }

    /// The lines as they are written, without what is asked of others than AWS.
    fn put_lines(&self) {
        let lines: Vec<Value> = LINES.iter().zip(1..).map(line).collect();
        let contents = format!(
            "version: 1\ndocument: {{title: A document, lines: {0}}}\ncomponents: components.yaml\n\
             chapters: [{{title: A chapter, file: lines.yaml, lines: [\"1-{0}\"]}}]\n",
            LINES.len()
        );
        self.runner.write("conformance.yaml", &contents);
        self.runner.write("components.yaml", "components: []\n");
        // JSON is YAML.
        let lines = json!({"lines": lines}).to_string();
        self.runner.write("lines.yaml", &lines);
        self.runner.write("a.txt", "a word\n");
    }

    /// Looks, and says what came of each line.
    pub fn look(&self, code: i32) -> Seen {
        Seen::of(&self.runner.run(&["conform"]).expect(code))
    }
}

/// What stands in the repository of a line, with its number here.
fn line((id, number): (&&str, i32)) -> Value {
    let mut files = std::fs::read_dir(list()).unwrap();
    let found = files.find_map(|file| {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let read: Value = serde_yaml::from_str(&text).unwrap();
        let lines = read["lines"].as_array()?;
        lines.iter().find(|line| line["id"] == **id).cloned()
    });
    let line = found.unwrap_or_else(|| panic!("no line {id}"));
    let live = line["live"].as_array().unwrap().iter();
    // The stand-in's cache speaks in the clear.
    let asked = live.filter(|it| it["aws"].is_object());
    let asked = asked.filter(|it| it["aws"]["field"] != "/transit_encryption_mode");
    json!({
        "id": id,
        "at": number,
        "section": "A",
        "text": "It holds",
        "offline": [{"text": {"file": "a.txt", "has": "word"}}],
        "live": asked.collect::<Vec<_>>(),
    })
}

fn list() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance")
}

/// Each line's verdict, and what was seen instead of what was wanted.
#[derive(Debug)]
pub struct Seen(BTreeMap<String, (String, String)>);

impl Seen {
    fn of(ended: &Ended) -> Self {
        let document = ended.document();
        let lines = document["lines"].as_array().unwrap().iter();
        let told = lines.map(|line| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let answers = line["answers"].as_array().unwrap().iter();
            let bad = answers.filter(|it| it["verdict"] != "holds");
            let bad: Vec<String> = bad.map(|it| text(&it["actual"])).collect();
            (text(&line["id"]), (text(&line["verdict"]), bad.join("; ")))
        });
        Self(told.collect())
    }

    /// The lines that came out so, in their order.
    pub fn those(&self, verdict: &str) -> Vec<&str> {
        let fitting = self.0.iter().filter(|(_, (it, _))| it == verdict);
        fitting.map(|(id, _)| id.as_str()).collect()
    }

    /// Why a line does not hold.
    pub fn why(&self, line: &str) -> &str {
        &self.0[line].1
    }
}
