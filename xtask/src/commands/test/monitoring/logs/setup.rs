//! What the Jobs `log-setup` and `trace-sweep` say to Elasticsearch and Kibana: their scripts are run by the shell and by curl, over TLS,
//! against somebody who writes down what he is asked. What is kept where and for how long is judged by what was sent, not by what lies in files.

use std::{
    fs,
    net::TcpListener,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use testkit::{
    certificates::Authority,
    files::TempDir,
    https::{Asked, Recorder},
};
use time::{Duration, OffsetDateTime};

use super::super::configuration;
use crate::{checkout::Checkout, machine::child};

/// Of whoever sets up; told to both servers, and in no command line.
const PASSWORD: &str = "of-nobody-1";
const HOSTS: [(&str, u16); 2] = [
    ("elasticsearch.monitoring.svc", 9200),
    ("kibana.monitoring.svc", 5601),
];

/// Runs both scripts, and looks at what they said.
pub fn faults(checkout: &Checkout) -> Result<Vec<String>> {
    let asked = run(checkout, "log-setup", "setup.sh")?;
    let mut faults = swept(&run(checkout, "trace-sweep", "sweep.sh")?);
    let paths: Vec<_> = asked
        .iter()
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    let expected = [
        "PUT /_security/role/logstash",
        "PUT /_security/user/logstash",
        "PUT /_security/role/jaeger",
        "PUT /_security/user/jaeger",
        "POST /_security/user/kibana_system/_password",
        "PUT /_snapshot/archive",
        "PUT /_slm/policy/archive",
        "PUT /_ilm/policy/platform-logs",
        "PUT /_index_template/platform",
        "POST /api/saved_objects/_import?overwrite=true",
    ];
    if paths != expected {
        faults.push(format!("setup.sh asks {paths:?}"));
    }
    for one in &asked {
        if one.authorization.is_empty() {
            faults.push(format!("setup.sh: nobody in particular asks {}", one.path));
        }
    }
    faults.extend(named_alike(&asked)?);
    Ok(faults)
}

/// Spans of the week that is over, and none of this one.
fn swept(asked: &[Asked]) -> Vec<String> {
    let now = OffsetDateTime::now_utc().date();
    let wanted = (8..=14).map(|days| {
        let day = now - Duration::days(days);
        format!("/traces-jaeger-span-{day},traces-jaeger-service-{day}?ignore_unavailable=true")
    });
    let deleted = asked.iter().filter(|it| it.method == "DELETE");
    let deleted: Vec<_> = deleted.map(|it| it.path.clone()).collect();
    let is_so = deleted == wanted.collect::<Vec<_>>();
    let fault = || format!("sweep.sh asks {deleted:?}");
    (!is_so).then(fault).into_iter().collect()
}

/// Who is given a role has one of that name, and policies are called as those who follow them call them.
fn named_alike(asked: &[Asked]) -> Result<Vec<String>> {
    let sent = |path: &str| -> Result<Value> {
        let found = asked.iter().find(|it| it.path == path);
        Ok(found
            .map(|it| serde_json::from_str(&it.body))
            .transpose()?
            .unwrap_or_default())
    };
    let template = sent("/_index_template/platform")?;
    let lifecycle = sent("/_ilm/policy/platform-logs")?;
    let archive = sent("/_slm/policy/archive")?;
    let leaves = &lifecycle["policy"]["phases"]["delete"];
    let mut wanted = vec![
        (
            "a lifecycle that there is",
            template["template"]["settings"]["index.lifecycle.name"] == "platform-logs",
        ),
        ("30 days at hand", leaves["min_age"] == "30d"),
        (
            "nothing leaves before it is archived",
            leaves["actions"]["wait_for_snapshot"]["policy"] == "archive",
        ),
        (
            "90 days in the archive after those",
            archive["retention"]["expire_after"] == "120d",
        ),
        (
            "an archive that there is",
            archive["repository"] == "archive",
        ),
    ];
    for user in ["logstash", "jaeger"] {
        let made = sent(&format!("/_security/user/{user}"))?;
        let is_known = made["password"] == format!("{PASSWORD}-{user}") && made["roles"][0] == user;
        wanted.push(("a user with the password of its Secret", is_known));
        let role = sent(&format!("/_security/role/{user}"))?;
        wanted.push((
            "a role that may write",
            role["indices"][0]["names"].is_array(),
        ));
    }
    let kibana = sent("/_security/user/kibana_system/_password")?;
    wanted.push((
        "Kibana's password",
        kibana["password"] == format!("{PASSWORD}-kibana_system"),
    ));
    let missing = wanted.into_iter().filter(|(_, is_so)| !is_so);
    Ok(missing
        .map(|(what, _)| format!("setup.sh does not see to it: {what}"))
        .collect())
}

/// In a folder in place of the pod's.
fn run(checkout: &Checkout, mounted: &str, script: &str) -> Result<Vec<Asked>> {
    let folder = TempDir::new()?;
    let authority = Authority::new()?;
    let certificate = authority.issue(&HOSTS.map(|(host, _)| host))?;
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let _server = Recorder::start(listener, &certificate, move |one| {
        kept.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(one);
    })?;
    let within = |part: &str| folder.path().join(part);
    for part in ["tls", "secrets", "files"] {
        fs::create_dir(within(part))?;
    }
    fs::write(within("tls/ca.crt"), authority.pem())?;
    for (host, _) in HOSTS {
        let line = format!("machine {host} login elastic password {PASSWORD}\n");
        let mut netrc = fs::read_to_string(within("secrets/netrc")).unwrap_or_default();
        netrc.push_str(&line);
        fs::write(within("secrets/netrc"), netrc)?;
    }
    for user in ["logstash", "jaeger", "kibana_system"] {
        fs::write(within("secrets").join(user), format!("{PASSWORD}-{user}"))?;
    }
    let files = configuration::mounted(checkout, mounted)?;
    for (name, text) in &files {
        fs::write(within("files").join(name), text)?;
    }
    // curl reads it before its arguments: both names are here.
    let connect =
        HOSTS.map(|(host, theirs)| format!("connect-to = \"{host}:{theirs}:127.0.0.1:{port}\"\n"));
    fs::write(within(".curlrc"), connect.concat())?;
    let text = files.get(script).with_context(|| script.to_owned())?;
    let text = text.replace("/etc/setup", &folder.path().display().to_string());
    fs::write(within(script), text)?;
    let mut shell = Command::new("/bin/sh");
    shell
        .arg(within(script))
        .env("CURL_HOME", folder.path())
        .env("ARCHIVE_BUCKET", "an-archive");
    child::output(&mut shell)?;
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    ensure!(!asked.is_empty(), "{script} asked nothing");
    Ok(asked)
}
