//! Who runs opsctl, and where.

use opsctl_core::engine::Runner;
use opsctl_core::guard::Principal;

use crate::config::read;

/// The runner of this process. The name is only claimed: nothing here can vouch for it.
#[must_use]
pub fn this() -> Runner {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy().into_owned();
    let name =
        read("USER").unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    Runner {
        principal: Principal::claimed(format!("{name}@{host}")),
        host,
        pid: std::process::id(),
        ci_url: ci_url(),
        opsctl_version: env!("CARGO_PKG_VERSION").into(),
    }
}

fn ci_url() -> Option<String> {
    let (server, repository) = (read("GITHUB_SERVER_URL")?, read("GITHUB_REPOSITORY")?);
    Some(format!(
        "{server}/{repository}/actions/runs/{}",
        read("GITHUB_RUN_ID")?
    ))
}
