//! The lab as the account's cluster of EKS: AWS tells where its API server is, and that one asks here who a token is.
//!
//! Whoever the account knows may do everything in the cluster, as everywhere else in it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use testkit::lab::{Authenticator, Person};
use testkit_aws::{Aws, eks::Cluster};

use super::account::{HOME, NAME};
use crate::{
    commands::lab::{self, TOKENS_PORT},
    terminal::say,
};

/// Where the lab lies, if one runs.
pub fn lab() -> Option<PathBuf> {
    let folder = lab::running();
    if folder.is_none() {
        let hint = "`cargo xtask lab up` before a rehearsal makes one";
        say(&format!("no lab runs, so there is no cluster: {hint}"));
    }
    folder
}

/// Says who a token is until it is dropped.
pub fn join(folder: &Path, aws: &Arc<Aws>) -> Result<Authenticator> {
    let cluster = Cluster {
        name: NAME.to_owned(),
        version: "1.34".to_owned(),
        endpoint: server(folder)?,
        authority: fs::read_to_string(folder.join("credentials/authority.crt"))?,
    };
    aws.eks().put(Aws::ACCOUNT, HOME, cluster);
    let asked = Arc::clone(aws);
    let judge = move |token: &str| {
        let who = asked.verify_token(token, NAME).ok()?;
        (who.account == Aws::ACCOUNT).then(|| Person {
            name: who.arn,
            groups: vec!["system:masters".to_owned()],
        })
    };
    Authenticator::start(folder, TOKENS_PORT, judge)
}

/// Where this machine reaches the API server, as the lab's kubeconfig has it.
fn server(lab: &Path) -> Result<String> {
    let text = fs::read_to_string(lab.join("kubeconfig"))?;
    let document: serde_json::Value = serde_yaml::from_str(&text)?;
    let server = document["clusters"][0]["cluster"]["server"].as_str();
    server
        .map(str::to_owned)
        .context("the lab's kubeconfig names no server")
}
