//! The environments of `opsctl.yaml` beside those of Terraform: one account, one region, one name, said twice and never two ways.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use opsctl_core::environment::{Configuration, DatabaseTarget, EnvironmentSettings, Protection};
use opsctl_core::names::EnvironmentName;
use opsctl_core::secrets::SecretKind;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What Terraform's `main.tf` sets `name` to.
fn written(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| {
        let rest = line.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start().starts_with("= "))
    });
    let line = line.unwrap_or_else(|| panic!("{name} is not set"));
    let value = line.split_once("= ").unwrap().1;
    value.trim_matches('"').to_owned()
}

fn each(check: impl Fn(&str, &EnvironmentSettings, &str)) {
    let configuration: Configuration =
        serde_yaml::from_str(&read(&root().join("opsctl.yaml"))).unwrap();
    let folder = root().join("infra/terraform/environments");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["development", "production", "staging"]);
    for name in names {
        let key = EnvironmentName::new(&name).unwrap();
        let settings = configuration.environments.get(&key);
        let settings = settings.unwrap_or_else(|| panic!("opsctl.yaml has no {name}"));
        check(&name, settings, &read(&folder.join(&name).join("main.tf")));
    }
}

#[test]
fn account_regions_and_names_are_those_of_terraform() {
    each(|name, settings, terraform| {
        let aws = settings.aws.as_ref().unwrap();
        let account = written(terraform, "account_id");
        assert_eq!(aws.account.as_str(), account, "{name}");
        assert_eq!(aws.region, written(terraform, "primary_region"), "{name}");
        assert_eq!(
            aws.backup_region,
            written(terraform, "recovery_region"),
            "{name}"
        );
        let own = format!("platform-{}", written(terraform, "environment"));
        assert_eq!(aws.name, own, "{name}");
        // modules/storage
        for (bucket, purpose) in [
            (&aws.buckets.state, "state"),
            (&aws.buckets.evidence, "evidence"),
            (&aws.buckets.backups, "backups"),
        ] {
            assert_eq!(*bucket, format!("{own}-{account}-{purpose}"), "{name}");
        }
        let key = format!(
            "arn:aws:kms:{}:{account}:alias/{own}-rec/database",
            aws.backup_region
        );
        assert_eq!(aws.copy_key.as_deref(), Some(key.as_str()), "{name}");
        let DatabaseTarget::Rds(database) = &settings.database else {
            panic!("{name} has no database in RDS");
        };
        assert_eq!(database.instance, own, "{name}");
        assert_eq!(aws.cache.as_ref(), Some(&own), "{name}");
        let authority = database.authority.as_ref().unwrap();
        assert!(
            root().join(authority).is_file(),
            "{name}: who vouches for the database?"
        );
        assert_eq!(database.restore_with.subnet_group, own, "{name}");
        // modules/recovery-region
        let abroad = database.restore_abroad.as_ref().unwrap();
        let there = format!("{own}-rec");
        assert_eq!(abroad.subnet_group, there, "{name}");
        let parameters = format!("{there}-postgres15");
        assert_eq!(abroad.parameter_group, Some(parameters), "{name}");
        let module = read(&root().join("infra/terraform/modules/database/main.tf"));
        assert_eq!(database.database, written(&module, "db_name"), "{name}");
    });
}

#[test]
fn images_cluster_and_manifests_are_those_of_terraform_and_of_k8s() {
    let modules = root().join("infra/terraform/modules");
    let images = read(&modules.join("registry/variables.tf"));
    for image in ["\"app\"", "\"app-opsctl\""] {
        assert!(images.contains(image), "{image} has no repository");
    }
    each(|name, settings, terraform| {
        let aws = settings.aws.as_ref().unwrap();
        let registry = format!("{}.dkr.ecr.{}.amazonaws.com", aws.account, aws.region);
        let repository = &settings.images.as_ref().unwrap().repository;
        assert_eq!(repository.registry(), registry, "{name}");
        assert_eq!(repository.path(), "platform/app", "{name}");
        let runner = settings.runner.as_ref().unwrap();
        let own = format!("{registry}/platform/app-opsctl:v");
        assert!(runner.image.starts_with(&own), "{name}: {}", runner.image);
        let role = read(&modules.join("service-roles/main.tf"));
        let trusted = format!(
            "opsctl = {{ account = \"{}\", namespace = \"{}\",",
            runner.service_account, runner.namespace
        );
        assert!(role.contains(&trusted), "{name}: no role trusts {trusted}");
        let workloads = settings.workloads.as_ref().unwrap();
        assert_eq!(workloads.eks.as_ref(), Some(&aws.name), "{name}");
        let overlay = root().join(&workloads.manifests);
        assert!(overlay.join("kustomization.yaml").is_file(), "{name}");
        // Who has no standby plans no failover to one.
        let standby = written(terraform, "standby") == "true";
        let plans = settings.schedule.as_ref().unwrap().failover_plan.is_some();
        assert_eq!(plans, standby, "{name}");
    });
}

#[test]
fn production_alone_is_protected_and_every_promise_is_the_specifications() {
    each(|name, settings, _| {
        let protected = settings.protection == Protection::Protected;
        assert_eq!(protected, name == "production");
        assert!(
            settings.promises.is_none(),
            "{name} has promises of its own"
        );
    });
}

#[test]
fn every_secret_that_opsctl_knows_has_a_place_in_terraform_and_none_is_kept_that_it_does_not_know()
{
    let data = read(&root().join("infra/terraform/modules/platform/data.tf"));
    let (_, secrets) = data.split_once("  secrets = {\n").unwrap();
    let (secrets, _) = secrets.split_once("  }\n").unwrap();
    let kept = secrets
        .lines()
        .map(|line| line.split_whitespace().next().unwrap());
    let kept: BTreeSet<&str> = kept.collect();
    let known = SecretKind::ALL.iter().map(|kind| kind.stored_as());
    assert_eq!(kept, known.collect());
}
