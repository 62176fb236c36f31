//! Every environment variable the process reads, in one list: `--help` and the reference in `docs/` are printed from it, and
//! nothing outside it is ever read.

/// One environment variable.
#[derive(Debug)]
pub struct Variable {
    pub name: &'static str,
    /// What holds when it is not set; empty where there is no default.
    pub default: &'static str,
    pub meaning: &'static str,
}

const fn variable(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        default,
        meaning,
    }
}

pub const APP_ENV: &str = "APP_ENV";
pub const APP_HOST: &str = "APP_HOST";
pub const APP_PORT: &str = "APP_PORT";
pub const DATABASE_DESCRIPTOR: &str = "DATABASE_DESCRIPTOR";
pub const DATABASE_URL: &str = "DATABASE_URL";
pub const DATABASE_POOL_SIZE: &str = "DATABASE_POOL_SIZE";
pub const DATABASE_TIMEOUT: &str = "DATABASE_TIMEOUT";
pub const HEARTBEAT_INTERVAL: &str = "HEARTBEAT_INTERVAL";
pub const JWT_EXPIRATION: &str = "JWT_EXPIRATION";
pub const JWT_SECRET: &str = "JWT_SECRET";
pub const LOG_LEVEL: &str = "LOG_LEVEL";
pub const SECRETS_FILE: &str = "SECRETS_FILE";

/// In the order in which they are documented.
pub const VARIABLES: &[Variable] = &[
    variable(APP_ENV, "development", "development, staging or production"),
    variable(
        APP_HOST,
        "127.0.0.1 in development, else 0.0.0.0",
        "Address to listen on; the role probe accepts loopback only",
    ),
    variable(APP_PORT, "8000", "Port to listen on; 0 takes any free one"),
    variable(
        DATABASE_DESCRIPTOR,
        "",
        "File that says where the database is and how to treat it; watched. This or DATABASE_URL",
    ),
    variable(
        DATABASE_URL,
        "",
        "Connection string with credentials (postgres://… or sqlite:/…). Ignored beside DATABASE_DESCRIPTOR",
    ),
    variable(DATABASE_POOL_SIZE, "20", "Connections to keep, 1 to 1000"),
    variable(
        DATABASE_TIMEOUT,
        "30",
        "Seconds to wait for a connection, 1 to 3600",
    ),
    variable(
        HEARTBEAT_INTERVAL,
        "5",
        "Seconds between two heartbeats, 1 to 3600",
    ),
    variable(
        JWT_EXPIRATION,
        "3600",
        "Lifetime of a token in seconds, 1 to 31536000",
    ),
    variable(
        JWT_SECRET,
        "",
        "Signs the tokens; 32 characters or more. Here or in SECRETS_FILE",
    ),
    variable(
        LOG_LEVEL,
        "DEBUG in development, INFO in staging, WARNING in production",
        "DEBUG, INFO, WARNING, ERROR or CRITICAL",
    ),
    variable(
        SECRETS_FILE,
        "",
        "JSON object, named as these variables, readable by its owner only (0600). The environment wins over it",
    ),
];

/// What `--help` prints.
pub fn help() -> String {
    let mut text = String::from(
        "The API service of the platform.\n\nUsage: app [--role all|api|probe] [--help] [--version]\n\n\
         Exit codes: 0 stopped cleanly, 1 failed, 2 configuration cannot be used.\n\nEnvironment variables:\n",
    );
    for variable in VARIABLES {
        let default = match variable.default {
            "" => String::new(),
            value => format!(" [default: {value}]"),
        };
        text.push_str(&format!(
            "  {:<20} {}{default}\n",
            variable.name, variable.meaning
        ));
    }
    text
}

/// The reference in `docs/`, as Markdown.
pub fn reference() -> String {
    let mut text = String::from(
        "# Environment variables of `app`\n\nPrinted from `app/src/config/registry.rs`; a test fails when they differ.\n\n\
         | Variable | Default | Meaning |\n|---|---|---|\n",
    );
    for variable in VARIABLES {
        text.push_str(&format!(
            "| `{}` | {} | {} |\n",
            variable.name, variable.default, variable.meaning
        ));
    }
    text
}
