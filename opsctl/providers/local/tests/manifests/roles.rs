//! Who may take which role of AWS: the account that a manifest gives a role to is the one that the role trusts.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::overlays::{MONITORING, rendered_from, repository};

/// What Terraform says of its services: `<role> = { account = "…", namespace = … }`.
fn trusted() -> BTreeMap<String, (String, String)> {
    let file = repository().join("infra/terraform/modules/service-roles/main.tf");
    let text = fs::read_to_string(file).unwrap();
    let quoted = |line: &str, field: &str| {
        let (_, rest) = line.split_once(&format!("{field} = "))?;
        let value = rest.split([',', ' ']).next()?;
        Some(value.trim_matches('"').to_owned())
    };
    let lines = text.lines().filter(|line| line.contains("{ account = "));
    lines
        .map(|line| {
            let role = line.split_whitespace().next().unwrap().to_owned();
            let namespace = quoted(line, "namespace").unwrap();
            let namespace = match namespace.as_str() {
                "var.namespace" => "platform".to_owned(),
                _ => namespace,
            };
            (role, (namespace, quoted(line, "account").unwrap()))
        })
        .collect()
}

/// The role that an account asks for.
fn role(account: &Value) -> Option<&str> {
    let annotations = &account["metadata"]["annotations"];
    let role = annotations["eks.amazonaws.com/role-arn"].as_str()?;
    role.strip_prefix("$(outputs:roles.")?.strip_suffix(')')
}

#[test]
fn a_role_trusts_the_account_that_asks_for_it_and_no_other() {
    let trusted = trusted();
    let mut asked = Vec::new();
    for folder in [MONITORING[1], "k8s/overlays/production"] {
        for manifest in rendered_from(folder) {
            let Some(role) = role(manifest.value()) else {
                continue;
            };
            let metadata = &manifest.value()["metadata"];
            let text = |field: &str| metadata[field].as_str().unwrap().to_owned();
            let account = (text("namespace"), text("name"));
            assert_eq!(trusted.get(role), Some(&account), "the role {role}");
            asked.push(role.to_owned());
        }
    }
    asked.sort_unstable();
    let watching = [
        "cloudwatch-exporter",
        "logs",
        "opsctl-metrics",
        "rds-exporter",
    ];
    for role in ["api", "auth", "worker"].iter().chain(&watching) {
        assert!(asked.iter().any(|it| it == role), "nobody asks for {role}");
    }
}
