//! Owns the command line: `app --role all|api|auth|worker|probe`, `--help`, `--version`. Everything else comes by environment variable.

use super::ConfigError;

/// Which work this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Every kind of work in one process.
    All,
    /// Answers requests only.
    Api,
    /// Answers who somebody is: log-in, sessions, and other roles that ask.
    Auth,
    /// Does what happens beside the requests: events, mails, jobs. Answers for its health alone.
    Worker,
    /// Looks at a restored copy: loopback, a read-only session, no heartbeat, nothing outward.
    Probe,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Api => "api",
            Self::Auth => "auth",
            Self::Worker => "worker",
            Self::Probe => "probe",
        }
    }

    /// Whether it answers clients, whose requests are limited.
    pub fn counts_requests(self) -> bool {
        matches!(self, Self::All | Self::Api | Self::Auth)
    }

    /// Whether events are delivered and jobs are run here.
    pub fn works(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }

    fn parse(text: &str) -> Result<Self, ConfigError> {
        match text {
            "all" => Ok(Self::All),
            "api" => Ok(Self::Api),
            "auth" => Ok(Self::Auth),
            "worker" => Ok(Self::Worker),
            "probe" => Ok(Self::Probe),
            other => Err(ConfigError::Invalid {
                name: "--role",
                problem: format!("{other:?} is none of all, api, auth, worker, probe"),
            }),
        }
    }
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Invocation {
    Serve(Role),
    Help,
    /// The reference in `docs/`: not for users, so `--help` is silent about it.
    Reference,
    Version,
}

impl Invocation {
    /// Reads the arguments after the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, ConfigError> {
        let mut role = Role::All;
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--reference" => return Ok(Self::Reference),
                "--version" | "-V" => return Ok(Self::Version),
                "--role" => {
                    let value = arguments.next();
                    role = Role::parse(&value.ok_or(ConfigError::Missing {
                        name: "--role <role>",
                    })?)?;
                }
                other => match other.strip_prefix("--role=") {
                    Some(value) => role = Role::parse(value)?,
                    None => return Err(ConfigError::UnknownArgument { argument }),
                },
            }
        }
        Ok(Self::Serve(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Invocation, ConfigError> {
        Invocation::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn the_role_is_all_unless_said_otherwise() {
        assert_eq!(parse("").unwrap(), Invocation::Serve(Role::All));
        assert_eq!(
            parse("--role probe").unwrap(),
            Invocation::Serve(Role::Probe)
        );
        assert_eq!(parse("--role=api").unwrap(), Invocation::Serve(Role::Api));
        assert_eq!(
            parse("--role worker").unwrap(),
            Invocation::Serve(Role::Worker)
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in ["--role", "--role cook", "--port 80", "probe"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
