//! What the tests stand on: databases of their own, a client, the service in this process or in one of its own.

mod client;
mod descriptor;
mod place;
mod secrets_file;
mod server;
mod service;
mod spawned;
mod stack;
mod tls_client;
mod wait;

pub use client::{Answer, Client};
pub use descriptor::DescriptorFile;
pub use place::{Engine, Place, migrations};
pub use secrets_file::SecretsFile;
pub use server::{server, set_up};
pub use service::{JWT_SECRET, Service, variables};
pub use spawned::Spawned;
pub use stack::replica;
pub use tls_client::{Protocol, TlsClient};
pub use wait::eventually;

/// Runs each function on both engines, as tests of their own.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(crate::support::Engine::Sqlite).await
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(crate::support::Engine::Postgres).await
            })*
        }
    };
}
pub(crate) use on_both_engines;
