//! Secrets that change while the service runs: nobody is logged out, no request fails, nothing is restarted.

mod database_password;
mod runbook;
mod secrets_manager;
mod stated_versions;
mod token_keys;
