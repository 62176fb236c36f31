//! What opsctl asks of AWS beside what its role lets it ask: a call that the role does not name fails on the day it is needed.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use opsctl_core::engine::OperationKind;

/// How calls begin that change or ask something.
const VERBS: [&str; 26] = [
    "abort", "add", "batch", "change", "complete", "copy", "create", "decrypt", "delete",
    "describe", "get", "head", "initiate", "list", "modify", "promote", "put", "reboot", "remove",
    "restore", "sign", "stop", "tag", "test", "update", "upload",
];

/// Calls that IAM knows under another name; of nothing, where whoever has an identity may call.
const OTHERWISE: [(&str, &str); 11] = [
    ("getbucketencryption", "getencryptionconfiguration"),
    (
        "getbucketlifecycleconfiguration",
        "getlifecycleconfiguration",
    ),
    ("getcalleridentity", ""),
    ("headobject", "getobject"),
    ("headbucket", "listbucket"),
    ("listobjectsv2", "listbucket"),
    ("listobjectversions", "listbucketversions"),
    ("listmultipartuploads", "listbucketmultipartuploads"),
    ("createmultipartupload", "putobject"),
    ("uploadpart", "putobject"),
    ("completemultipartupload", "putobject"),
];

/// Parts of answers that are called like calls.
const ANSWERS: [&str; 4] = ["copytagstosnapshot", "restorewindow", "taglist", "uploadid"];

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false => into.push(path),
        }
    }
}

/// Calls of the SDK's clients, without their underscores: `.describe_db_instances()` begins one.
fn called() -> BTreeMap<String, PathBuf> {
    let mut files = Vec::new();
    sources(&here().join("src"), &mut files);
    let mut found = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        if !text.contains("aws_sdk_") {
            continue;
        }
        for part in text.split('.').skip(1) {
            let Some((name, _)) = part.split_once("()") else {
                continue;
            };
            let is_name = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
            let verb = name.split('_').next().unwrap_or_default();
            if name.bytes().all(is_name) && name.contains('_') && VERBS.contains(&verb) {
                found.insert(name.replace('_', ""), file.clone());
            }
        }
    }
    found
}

/// Questions to EC2 are named by words, without a client of the SDK.
fn asked_of_ec2() -> Vec<String> {
    let mut files = Vec::new();
    sources(&here().join("src/estate/network"), &mut files);
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let asked = texts.flat_map(|text| {
        let named = text.split("action: \"").skip(1);
        let names = named.map(|rest| rest.split('"').next().unwrap_or_default());
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    asked.collect()
}

fn role() -> String {
    let role = here().join("../../../infra/terraform/modules/service-roles/opsctl.tf");
    fs::read_to_string(role).unwrap()
}

/// The actions that Terraform names, without their services, in small letters.
fn allowed() -> BTreeSet<String> {
    let text = role();
    let quoted = text.split('"').skip(1).step_by(2);
    let actions = quoted.filter_map(|it| it.split_once(':'));
    actions.map(|(_, action)| action.to_lowercase()).collect()
}

#[test]
fn opsctls_role_names_every_call_that_opsctl_makes() {
    let (called, allowed) = (called(), allowed());
    for (call, file) in called
        .iter()
        .filter(|(call, _)| !ANSWERS.contains(&call.as_str()))
    {
        let other = OTHERWISE.iter().find(|(name, _)| name == call);
        let action = other.map_or(call.as_str(), |(_, action)| action);
        assert!(
            action.is_empty() || allowed.contains(action),
            "{}: {call} is in no statement of infra/terraform/modules/service-roles/opsctl.tf",
            file.display()
        );
    }
    let asked = asked_of_ec2();
    assert!(asked.contains(&"DescribeSubnets".to_owned()), "{asked:?}");
    for action in asked {
        assert!(role().contains(&format!("\"ec2:{action}\"")), "{action}");
    }
    for known in ["getobject", "putobject", "getcalleridentity"] {
        assert!(called.contains_key(known), "{known} was not found in src/");
    }
}

/// What `conform` says that it was refused is what somebody then puts into a role.
#[test]
fn whatever_conform_says_that_it_asks_is_in_the_role() {
    let mut files = Vec::new();
    sources(&here().join("src/estate"), &mut files);
    let role = role();
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for told in text.split('(').skip(1) {
            let told = told.split(')').next().unwrap_or_default();
            let is_action = |it: &str| {
                let parts = it.split_once(':');
                let plain =
                    |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric());
                parts.is_some_and(|(service, action)| plain(service) && plain(action))
            };
            let actions = told.split(", ").filter(|it| is_action(it));
            found.extend(actions.map(str::to_owned));
        }
    }
    assert!(found.len() > 15, "{found:?}");
    for action in found {
        assert!(role.contains(&format!("\"{action}\"")), "{action}");
    }
}

#[test]
fn what_stands_ready_is_called_as_terraform_calls_it() {
    let platform = here().join("../../../infra/terraform/modules/platform/main.tf");
    let platform = fs::read_to_string(platform).unwrap();
    assert!(platform.contains("recovery_name = \"${local.name}-rec\""));
    let door = fs::read_to_string(here().join("src/estate/balancer/door.rs")).unwrap();
    assert!(door.contains("STANDBY: &str = \"-rec\""));
}

#[test]
fn what_operations_make_is_called_and_marked_as_the_role_expects() {
    let role = role();
    for kind in [
        OperationKind::BackupVerify,
        OperationKind::DrillFailover,
        OperationKind::DrillRestore,
        OperationKind::DrillSelfTest,
        OperationKind::Restore,
    ] {
        assert!(role.contains(&format!("\"{kind}\"")), "copies of {kind}");
    }
    for snapshots in [OperationKind::BackupCreate, OperationKind::Restore] {
        assert!(role.contains(&format!("\"{snapshots}-*\"")));
    }
    let marks = fs::read_to_string(here().join("src/rds/tags.rs")).unwrap();
    assert!(marks.contains("ENVIRONMENT: &str = \"opsctl:environment\""));
    assert!(role.contains("aws:ResourceTag/opsctl:environment"));
}
