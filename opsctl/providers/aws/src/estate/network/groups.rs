//! Who may speak to whom: security groups, and whom each lets in.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use opsctl_core::Result;
use serde_json::{Value, json};

use super::answer::Element;
use super::ec2::Question;
use super::vpc;
use crate::estate::AwsEstate;

/// By group, whom it lets in: other groups by their names, addresses and lists of them as they are written; and which of the groups hear
/// the internet.
pub async fn groups(estate: &AwsEstate) -> Result<Option<Value>> {
    let Some((ec2, name, id)) = vpc(estate).await? else {
        return Ok(None);
    };
    let found = ec2.ask(Question {
        action: "DescribeSecurityGroups",
        set: "securityGroupInfo",
        filter: ("vpc-id", &id),
    });
    let found = found.await?;
    let names: BTreeMap<&str, &str> = found
        .iter()
        .filter_map(|it| Some((it.text("groupId")?, short(it.text("groupName")?, &name))))
        .collect();
    let mut heard = serde_json::Map::new();
    let mut open = BTreeSet::new();
    for group in &found {
        let called = short(group.text("groupName").unwrap_or_default(), &name);
        let let_in = let_in(group, &names);
        if let_in.iter().any(|it| is_of_the_internet(it)) {
            open.insert(called);
        }
        heard.insert(called.to_owned(), json!(let_in));
    }
    Ok(Some(
        json!({"arn": id, "open_to_the_internet": open, "let_in": heard}),
    ))
}

/// `database` of `platform-production-database`.
fn short<'a>(called: &'a str, name: &str) -> &'a str {
    let rest = called
        .strip_prefix(name)
        .and_then(|it| it.strip_prefix('-'));
    rest.unwrap_or(called)
}

fn let_in<'a>(group: &'a Element, names: &BTreeMap<&str, &'a str>) -> BTreeSet<&'a str> {
    let mut let_in = BTreeSet::new();
    for rule in group.items("ipPermissions") {
        let others = rule.items("groups").filter_map(|it| it.text("groupId"));
        let_in.extend(others.map(|id| names.get(id).copied().unwrap_or(id)));
        for (list, field) in [
            ("ipRanges", "cidrIp"),
            ("ipv6Ranges", "cidrIpv6"),
            ("prefixListIds", "prefixListId"),
        ] {
            let_in.extend(rule.items(list).filter_map(|it| it.text(field)));
        }
    }
    let_in
}

/// Whether it is a range of addresses that are not all private ones.
fn is_of_the_internet(let_in: &str) -> bool {
    let Some((address, length)) = let_in.split_once('/') else {
        return false;
    };
    let length: u8 = length.parse().unwrap_or(0);
    match address.parse() {
        Ok(IpAddr::V4(address)) => !address.is_private() || length < 8,
        Ok(IpAddr::V6(address)) => !address.is_unique_local() || length < 7,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_wholly_private_is_of_the_internet() {
        for open in [
            "0.0.0.0/0",
            "::/0",
            "8.8.8.8/32",
            "10.0.0.0/4",
            "2001:db8::/32",
        ] {
            assert!(is_of_the_internet(open), "{open}");
        }
        for inside in [
            "10.20.0.0/16",
            "192.168.1.0/24",
            "172.16.0.0/12",
            "fd00::/8",
            "pods",
            "pl-1",
        ] {
            assert!(!is_of_the_internet(inside), "{inside}");
        }
    }
}
