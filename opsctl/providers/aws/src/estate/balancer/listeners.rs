//! What is heard on each port, and by which versions of TLS.

use aws_sdk_elasticloadbalancingv2::types::{Action, Listener};
use opsctl_core::Result;
use serde_json::{Value, json};

use super::door::{client, find};
use crate::account::Side;
use crate::estate::AwsEstate;
use crate::trouble;

/// Where clients speak HTTPS.
const HTTPS: u16 = 443;

/// The listener on a port, if there are any of them and a load balancer.
pub(super) async fn on(estate: &AwsEstate, port: u16) -> Result<Option<Listener>> {
    let door = find(estate, Side::Home).await?;
    let Some(arn) = door.as_ref().and_then(|it| it.load_balancer_arn()) else {
        return Ok(None);
    };
    let asked = client(estate, Side::Home).await?.describe_listeners();
    let pages = asked.load_balancer_arn(arn).into_paginator().items().send();
    let all: std::result::Result<Vec<Listener>, _> = pages.collect().await;
    let what = "can't ask for the listeners (elasticloadbalancing:DescribeListeners)";
    let all = all.map_err(|error| trouble::of(what, &error))?;
    let here = |it: &Listener| it.port() == Some(i32::from(port));
    Ok(all.into_iter().find(here))
}

/// The same for where clients speak HTTPS.
pub(super) async fn of_https(estate: &AwsEstate) -> Result<Option<Listener>> {
    on(estate, HTTPS).await
}

/// What a port does.
pub async fn listener(estate: &AwsEstate, port: u16) -> Result<Option<Value>> {
    let found = on(estate, port).await?;
    Ok(found.map(|it| {
        let certificate = it.certificates().first();
        json!({
            "arn": it.listener_arn(),
            "port": it.port(),
            "protocol": it.protocol().map(|it| it.as_str()),
            "ssl_policy": it.ssl_policy(),
            "certificate_arn": certificate.and_then(|it| it.certificate_arn()),
            "default_action": it.default_actions().first().map(told),
        })
    }))
}

fn told(action: &Action) -> Value {
    let redirect = action.redirect_config().map(|it| {
        json!({
            "protocol": it.protocol(),
            "port": it.port(),
            "status_code": it.status_code().map(|it| it.as_str()),
        })
    });
    json!({"type": action.r#type().map(|it| it.as_str()), "redirect": redirect})
}

/// Which versions of TLS the policy of the port for HTTPS stands for: its name is a name.
pub async fn tls_policy(estate: &AwsEstate) -> Result<Option<Value>> {
    let listener = of_https(estate).await?;
    let Some(name) = listener.as_ref().and_then(|it| it.ssl_policy()) else {
        return Ok(None);
    };
    let asked = client(estate, Side::Home).await?.describe_ssl_policies();
    let answer = match asked.names(name).send().await {
        Err(error) if trouble::is(&error, "SSLPolicyNotFound") => return Ok(None),
        other => {
            let what =
                "can't ask for the versions of TLS (elasticloadbalancing:DescribeSSLPolicies)";
            other.map_err(|error| trouble::of(what, &error))?
        }
    };
    let policy = answer.ssl_policies().first();
    Ok(policy.map(|it| json!({"name": it.name(), "protocols": it.ssl_protocols()})))
}
