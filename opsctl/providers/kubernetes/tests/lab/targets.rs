//! Which cluster is meant, and what is told of a target that can't be used.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use opsctl_core::ports::Cluster;
use opsctl_core::{Failure, FailureKind};
use opsctl_kubernetes::{Context, KubernetesCluster, Patience, Target};
use testkit::certificates::Authority;

use crate::access::kubeconfig;
use crate::stage::{Ground, of_file};

async fn wrong(target: Target) -> Result<Failure> {
    let connected = KubernetesCluster::connect(&target, Patience::default()).await;
    connected.err().context("it was taken")
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, text)?;
    Ok(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_is_never_guessed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = file(
        &folder,
        "config",
        &kubeconfig("https://127.0.0.1:1", "/nowhere", "token: x"),
    )?;
    let named = |name: &str| Target::Kubeconfig {
        files: vec![path.clone()],
        context: Context::Named(name.into()),
    };
    let failure = wrong(named("staging")).await?;
    assert_eq!(failure.kind, FailureKind::Usage);
    assert_eq!(
        failure.what,
        "the kubeconfig has no context 'staging', only: lab"
    );
    assert_eq!(
        failure.hints,
        [format!(
            "kubectl --kubeconfig {} config get-contexts",
            path.display()
        )]
    );
    let current = Target::Kubeconfig {
        files: vec![path.clone()],
        context: Context::Current,
    };
    let failure = wrong(current).await?;
    assert_eq!(failure.what, "the kubeconfig has no current context");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_kubeconfig_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let absent = folder.path().join("absent");
    let of = |text: &str| kubeconfig("https://127.0.0.1:1", "/nowhere", text);
    for (name, text, words) in [
        (
            "broken",
            "clusters: [".to_owned(),
            "can't read the kubeconfig",
        ),
        (
            "no-user",
            of("token: x").replace("user: somebody", "user: nobody"),
            "the user 'nobody', who is not there",
        ),
        ("no-authority", of("token: x"), "/nowhere"),
        (
            "asking",
            of(
                "exec: {apiVersion: client.authentication.k8s.io/v1, command: 'true', interactiveMode: Always}",
            ),
            "insists on a terminal",
        ),
    ] {
        let failure = wrong(of_file(file(&folder, name, &text)?)).await?;
        assert_eq!(failure.kind, FailureKind::Usage, "{failure}");
        assert!(failure.to_string().contains(words), "{failure}");
    }
    let failure = wrong(of_file(absent.clone())).await?;
    assert_eq!(failure.kind, FailureKind::Usage);
    assert!(
        failure.to_string().contains(&absent.display().to_string()),
        "{failure}"
    );
    assert_eq!(wrong(Target::InCluster).await?.kind, FailureKind::Usage);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_fails_is_quoted_and_one_that_works_is_used() -> Result<()> {
    let (ground, _calm) = Ground::in_calm().await?;
    let plugin = |script: &str| {
        let user = format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: ['-c', '{script}']}}"
        );
        Ok::<_, anyhow::Error>(kubeconfig(&ground.lab.url(), &ground.authority()?, &user))
    };
    let failing = ground.target(
        "failing",
        &plugin("echo a-token; echo log in first >&2; exit 3")?,
    )?;
    let failure = wrong(failing).await?;
    assert_eq!(failure.kind, FailureKind::Authentication, "{failure}");
    assert!(
        failure
            .to_string()
            .contains("plugin '/bin/sh': exit status: 3: log in first"),
        "{failure}"
    );
    assert!(!failure.to_string().contains("a-token"), "{failure}");

    let token = ground
        .lab
        .kubectl(&["create", "token", "default", "--namespace=default"])?;
    let answer = format!(
        r#"echo "{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \"status\": {{\"token\": \"{}\"}}}}""#,
        token.trim()
    );
    let working = ground.target("working", &plugin(&answer)?)?;
    let cluster = KubernetesCluster::connect(&working, Patience::default()).await?;
    let failure = cluster
        .identity()
        .await
        .err()
        .context("it may read everything")?;
    assert!(
        failure
            .to_string()
            .contains("system:serviceaccount:default:default"),
        "{failure}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_files_one_may_be_missing() -> Result<()> {
    let (ground, _calm) = Ground::in_calm().await?;
    let target = Target::Kubeconfig {
        files: vec!["/nowhere/config".into(), ground.lab.kubeconfig()],
        context: Context::Current,
    };
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    assert_eq!(cluster.identity().await?.server, ground.lab.url());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_the_kubeconfig_names_is_gone_through() -> Result<()> {
    let (ground, _calm) = Ground::in_calm().await?;
    let through = |proxy: &str| {
        let named = format!("cluster: {{proxy-url: '{proxy}', server:");
        Ok::<_, anyhow::Error>(ground.administrator()?.replace("cluster: {server:", &named))
    };
    let proxy = crate::proxy::open().await?;
    let target = ground.target("proxied", &through(&proxy)?)?;
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    assert_eq!(cluster.identity().await?.server, ground.lab.url());

    let nobody = ground.target("unproxied", &through("http://127.0.0.1:1")?)?;
    let patience = Patience {
        first: std::time::Duration::ZERO,
        ..Patience::default()
    };
    let cluster = KubernetesCluster::connect(&nobody, patience).await?;
    let failure = cluster
        .identity()
        .await
        .err()
        .context("it went around the proxy")?;
    assert!(
        failure.to_string().contains("Connection refused"),
        "{failure}"
    );

    let unknown = ground.target("unknown-proxy", &through("ftp://127.0.0.1:1")?)?;
    assert!(
        wrong(unknown)
            .await?
            .what
            .contains("neither http nor socks5")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_authority_is_not_trusted() -> Result<()> {
    let (ground, _calm) = Ground::in_calm().await?;
    let folder = tempfile::tempdir()?;
    let other = file(&folder, "other.crt", &Authority::new()?.pem())?;
    let text = kubeconfig(&ground.lab.url(), &other.display().to_string(), "token: x");
    let target = ground.target("untrusted", &text)?;
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    let failure = cluster.identity().await.err().context("it was trusted")?;
    assert_eq!(failure.kind, FailureKind::Authentication, "{failure}");
    assert!(failure.to_string().contains("is not trusted"), "{failure}");
    // There is nothing to wait for.
    assert!(cluster.requests() <= 2);
    Ok(())
}
