//! What staging and production refuse: secrets that stand in the environment, where every child process and every crash report
//! sees them, ways to other servers that anybody between can read, and processes that count without each other.

use super::registry::{self, Kind, VARIABLES};
use super::variables::Variables;
use super::{ConfigError, Environment, Role, Strictness};

/// Notes whatever the environment's strictness forbids.
pub(super) fn judge(variables: &Variables<'_>, environment: Environment, role: Role) {
    if environment.strictness() == Strictness::Lenient {
        return;
    }
    let environment = environment.as_str();
    if variables.flag(registry::APP_DEBUG, false) {
        let problem = format!("{environment} never says causes to clients");
        variables.find_invalid(registry::APP_DEBUG, problem);
    }
    for variable in VARIABLES {
        let Some(value) = variables.text(variable.name) else {
            continue;
        };
        let name = variable.name;
        match variable.kind {
            Kind::Plain => {}
            Kind::Secret => variables.find(ConfigError::SecretInEnvironment { name, environment }),
            Kind::Encrypted(beginnings) => {
                if !beginnings
                    .iter()
                    .any(|beginning| value.starts_with(beginning))
                {
                    let accepted = beginnings.join(" or ");
                    variables.find(ConfigError::Plaintext {
                        name,
                        environment,
                        accepted,
                    });
                }
            }
        }
    }
    judge_redis(variables, environment, role);
    let name = registry::AWS_SECRET_ACCESS_KEY;
    if variables.text(name).is_some() {
        variables.find(ConfigError::SecretInEnvironment { name, environment });
    }
    for name in registry::AWS_ENDPOINTS {
        if variables
            .text(name)
            .is_some_and(|url| !url.starts_with("https://"))
        {
            variables.find(ConfigError::Plaintext {
                name,
                environment,
                accepted: "https://".into(),
            });
        }
    }
    for name in [registry::DATABASE_URL, registry::DATABASE_REPLICA_URL] {
        if let Some(url) = variables.secret(name)
            && !database_is_encrypted(url.reveal())
        {
            variables.find(ConfigError::Plaintext {
                name,
                environment,
                accepted: "postgres:// with sslmode=verify-full".into(),
            });
        }
    }
}

/// Redis with a password goes over the wire like any other secret; and without one, limits would hold for each process alone.
fn judge_redis(variables: &Variables<'_>, environment: &'static str, role: Role) {
    let Some(urls) = variables.secret(registry::REDIS_URL) else {
        if role.counts_requests() {
            variables.find(ConfigError::CountsAlone { environment });
        }
        return;
    };
    if !urls
        .reveal()
        .split(',')
        .all(|url| url.trim().starts_with("rediss://"))
    {
        variables.find(ConfigError::Plaintext {
            name: registry::REDIS_URL,
            environment,
            accepted: "rediss://".into(),
        });
    }
}

/// Whether nobody between can read or answer for the database: a file has nobody between.
pub fn database_is_encrypted(url: &str) -> bool {
    if url.starts_with("sqlite:") {
        return true;
    }
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let modes: Vec<&str> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| matches!(*name, "sslmode" | "ssl-mode"))
        .map(|(_, mode)| mode)
        .collect();
    // Said twice, which one holds would be the driver's choice.
    modes == ["verify-full"]
}
