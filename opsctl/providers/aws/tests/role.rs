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
const OTHERWISE: [(&str, &str); 10] = [
    ("getbucketencryption", "getencryptionconfiguration"),
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
    for known in ["getobject", "putobject", "getcalleridentity"] {
        assert!(called.contains_key(known), "{known} was not found in src/");
    }
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
