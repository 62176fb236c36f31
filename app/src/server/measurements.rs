//! The internal listener of the measurements.

use std::net::SocketAddr;
use std::pin::Pin;

use tokio::net::TcpListener;
use tokio::sync::watch::Sender;

use super::StartError;
use crate::config::Config;
use crate::database::Database;
use crate::telemetry::metrics;

/// A bound listener and the work that answers on it.
pub struct Measurements {
    pub address: SocketAddr,
    pub serving: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Starts to measure, and binds the listener.
///
/// # Errors
/// When the port is taken.
pub async fn measurements(
    config: &Config,
    database: &Database,
    stop: &Sender<bool>,
) -> Result<Measurements, StartError> {
    let recorder = metrics::record().map_err(|error| StartError::Prepare(error.to_string()))?;
    ::metrics::gauge!(metrics::TOKEN_LIFETIME).set(config.jwt_lifetime.as_secs_f64());
    let listen = |error| StartError::Measure {
        address: config.metrics,
        error,
    };
    let listener = TcpListener::bind(config.metrics).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let serving = metrics::serve(listener, recorder, database.clone(), stop.subscribe());
    Ok(Measurements {
        address,
        serving: Box::pin(serving),
    })
}
