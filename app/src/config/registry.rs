//! Every environment variable the process reads, in one list: `--help` and the reference in `docs/` are printed from it, the
//! rules of staging and production are held to it, and nothing outside it is ever read.

pub use super::aws::{AWS_ENDPOINT, AWS_ENDPOINT_S3, AWS_ENDPOINTS, AWS_SECRET_ACCESS_KEY};
pub use super::names::*;
use super::variable::variable;
pub use super::variable::{Kind, Variable};

/// In the order in which they are documented.
pub const VARIABLES: &[Variable] = &[
    variable(APP_ENV, "development", "development, staging or production"),
    variable(
        API_KEY,
        "",
        "Shared with the payment provider, whose messages it signs; without it none is believed",
    )
    .secret(),
    variable(
        API_KEY_PREVIOUS,
        "",
        "The one before a rotation: what it signs is still believed",
    )
    .secret(),
    variable(
        APP_DEBUG,
        "true in development, else false",
        "Adds the cause to what a failed request answers; refused outside development",
    ),
    variable(
        APP_HOST,
        "127.0.0.1 in development, else 0.0.0.0",
        "Address to listen on; the role probe accepts loopback only",
    ),
    variable(APP_PORT, "8000", "Port to listen on; 0 takes any free one"),
    variable(
        APP_TLS_CERTIFICATE,
        "",
        "File with the certificate and its chain (PEM); watched. With it the service speaks TLS alone; staging and production ask for it",
    ),
    variable(
        APP_TLS_KEY,
        "",
        "File with the certificate's key (PEM), closed to others (0640); watched",
    ),
    variable(
        CORS_ORIGINS,
        "",
        "Origins whose pages may call the service from a browser (https://app.example.com), commas between them",
    ),
    variable(
        REQUESTS_AT_ONCE,
        "512",
        "Requests that are worked on at once, 1 to 100000; more are answered 503 with Retry-After. Probes are not counted",
    ),
    variable(
        SHUTDOWN_GRACE,
        "0 in development, else 5",
        "Seconds for which a process that was told to stop still takes requests while it says that it is not ready, 0 to 60",
    ),
    variable(
        DATABASE_DESCRIPTOR,
        "",
        "File that says where the database is and how to treat it; watched. This or DATABASE_URL",
    ),
    variable(
        DATABASE_URL,
        "",
        "Connection string with credentials (postgres://… or sqlite:/…). Ignored beside DATABASE_DESCRIPTOR",
    )
    .secret(),
    variable(
        DATABASE_REPLICA_URL,
        "",
        "Connection string of a read replica (postgres://…): answers lists and reports that may be a moment old",
    )
    .secret(),
    variable(
        DATABASE_REPLICA_LAG,
        "15",
        "Seconds that a replica may be behind and still be read, 1 to 3600; more than HEARTBEAT_INTERVAL",
    ),
    variable(DATABASE_POOL_SIZE, "20", "Connections to keep, 1 to 1000"),
    variable(
        DATABASE_TIMEOUT,
        "30",
        "Seconds to wait for a connection, 1 to 3600",
    ),
    variable(
        DATABASE_STATEMENT_TIMEOUT,
        "20",
        "Seconds after which PostgreSQL ends a statement, 1 to 3600",
    ),
    variable(
        DATABASE_SLOW_QUERY,
        "500",
        "Milliseconds from which on a statement is logged as slow, 1 to 3600000",
    ),
    variable(
        FEATURE_BETA_API_V2,
        "",
        "true or false: whether /api/v2 is open. This and any other FEATURE_* variable win over the flag in the database",
    ),
    variable(
        FEATURE_NEW_DASHBOARD,
        "",
        "true or false: whether /dashboard is open, a second status page",
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
        AUTH_SERVICE_URL,
        "",
        "Auth service (https://… or http://…) that the role api asks who its callers are and what they may; without one, and in every other role, the process judges that itself",
    )
    .encrypted(&["https://"]),
    variable(
        AUTH_SERVICE_CERTIFICATE,
        "",
        "File with the authority (PEM) that vouches for the auth service, beside those whom the machine trusts",
    ),
    variable(
        AUTH_CACHE_SECONDS,
        "5",
        "Seconds for which a verified token is trusted without being looked up again, 0 to 60; 0 looks it up for each request",
    ),
    variable(
        CACHE,
        "redis with REDIS_URL, else memory in development and none elsewhere",
        "Where users and posts are kept for five minutes: redis, memory (for one process alone) or none",
    ),
    variable(JWT_SECRET, "", "Signs the tokens: 32 characters or more (HS256), or a private Ed25519 key in PEM (EdDSA; the public half is at /.well-known/jwks.json)").secret(),
    variable(
        JWT_SECRET_NEXT,
        "",
        "The one after a rotation: signs nothing yet and is read, so that no process meets a key it does not know",
    )
    .secret(),
    variable(
        JWT_SECRET_PREVIOUS,
        "",
        "The one before a rotation: signs nothing and still reads",
    )
    .secret(),
    variable(
        STORAGE_DIR,
        "",
        "Folder in which documents lie, the daily reports among them; without it or STORAGE_BUCKET no report is made",
    ),
    variable(
        STORAGE_BUCKET,
        "",
        "Bucket of S3 in place of STORAGE_DIR. Region, role and endpoint (AWS_ENDPOINT_URL_S3) as AWS' own variables say; at an endpoint of one's own the bucket stands in the path",
    ),
    variable(
        PUBLIC_URL,
        "where it listens, in development",
        "Where people reach the service (https://app.example.com); stands in the links of mails. Staging and production ask for it where documents are kept",
    )
    .encrypted(&["https://"]),
    variable(
        LOG_LEVEL,
        "DEBUG in development, INFO in staging, WARNING in production",
        "DEBUG, INFO, WARNING, ERROR or CRITICAL",
    ),
    variable(
        METRICS_PORT,
        "0 in development, else 9000",
        "Port of the measurements (GET /metrics), beside APP_PORT and never behind a gateway; 0 takes any free one",
    ),
    variable(
        OTEL_EXPORTER_OTLP_ENDPOINT,
        "",
        "Collector of traces (https://… or http://…), which takes OTLP over HTTP at /v1/traces below it; without one nothing is traced",
    )
    .encrypted(&["https://"]),
    variable(
        OTEL_EXPORTER_OTLP_CERTIFICATE,
        "",
        "File with the authority (PEM) that vouches for the collector, beside those whom the machine trusts",
    ),
    variable(
        OTEL_TRACES_SAMPLER_ARG,
        "1 in development, else 0.1",
        "Share of the traces begun here that is kept, 0 to 1; of a trace that somebody else began, they decide",
    ),
    variable(
        RATE_LIMIT_USER,
        "1000",
        "Requests a minute that one user may make, 1 to 4294967295",
    ),
    variable(
        RATE_LIMIT_ADDRESS,
        "10000",
        "Requests a minute that may come from one address, 1 to 4294967295",
    ),
    variable(
        TRUSTED_PROXIES,
        "",
        "Addresses and subnets, comma between them, whose X-Forwarded-For is believed",
    ),
    variable(
        REDIS_URL,
        "",
        "Redis that all processes share (redis://… or rediss://…; of a cluster several, comma between them); without one, in development alone, each process counts its limits for itself",
    )
    .secret(),
    variable(
        MAIL_FROM,
        "app@app.invalid in development",
        "Who writes the mails, such as Platform <app@example.com>",
    ),
    variable(
        MAIL_STAGING_TO,
        "",
        "Addresses with commas between them that get every mail in staging, in place of whom it is addressed to",
    ),
    variable(
        SMTP_URL,
        "",
        "The way to the mail server, with credentials (smtps://… or smtp://…?tls=required; in development also in the clear). Without it development writes mails into the log",
    )
    .secret(),
    variable(
        SMTP_CA,
        "",
        "File with the authority (PEM) that vouches for the mail server, beside those whom the machine trusts",
    ),
    variable(
        SECRETS_FILE,
        "",
        "JSON object of secrets, named as these variables, readable by its owner only (0600); watched",
    ),
    variable(
        SECRETS_DIR,
        "",
        "Folder with one file a secret, named as these variables, closed to others (0640); watched",
    ),
    variable(
        SECRETS_MANAGER_IDS,
        "",
        "Names or ARNs of secrets in AWS Secrets Manager, parted by commas; each a JSON object named as these variables. Watched. Region, role and endpoint as AWS' own variables say",
    ),
    variable(
        SECRETS_INTERVAL,
        "10",
        "Seconds between two looks at the secrets, 1 to 3600; one that is refused is looked for at once",
    ),
];

/// What is known of a variable by its name.
pub fn find(name: &str) -> Option<&'static Variable> {
    VARIABLES.iter().find(|variable| variable.name == name)
}

/// Whether a value of this name may only come out of a place for secrets.
pub fn is_secret(name: &str) -> bool {
    find(name).is_some_and(|variable| variable.kind == Kind::Secret)
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
