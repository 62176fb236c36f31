//! The lab as the account's cluster of EKS: AWS tells where its API server is, and that one asks here who a token is.
//!
//! Whoever the account knows may do everything in the cluster, as everywhere else in it.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context, Result};
use testkit::lab::{Authenticator, Person};

use super::account::{BACKUP, HOME, NAME};
use crate::{Aws, eks::Cluster};

/// For the lab in that folder, which asks that port of this machine who a token is; it is told until the answer is dropped.
///
/// # Errors
/// When the lab does not run, or the port is taken.
pub fn join(folder: &Path, port: u16, aws: &Arc<Aws>) -> Result<Authenticator> {
    let cluster = Cluster {
        name: NAME.to_owned(),
        version: "1.34".to_owned(),
        endpoint: server(folder)?,
        authority: fs::read_to_string(folder.join("credentials/authority.crt"))?,
    };
    // One lab plays both regions.
    for region in [HOME, BACKUP] {
        aws.eks().put(Aws::ACCOUNT, region, cluster.clone());
    }
    let asked = Arc::clone(aws);
    let judge = move |token: &str| {
        let who = asked.verify_token(token, NAME).ok()?;
        (who.account == Aws::ACCOUNT).then(|| Person {
            name: who.arn,
            groups: vec!["system:masters".to_owned()],
        })
    };
    Authenticator::start(folder, port, judge)
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
