//! The connections to an API server: TLS, credentials, a proxy where the kubeconfig names one, and how a dead peer is noticed.

use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::Builder;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, Client, ConfigExt};
use tower::{BoxError, Service, ServiceBuilder};

/// A quiet connection is probed after so long; the second and third probe follow sooner.
const QUIET: Duration = Duration::from_secs(10);
const PROBE: Duration = Duration::from_secs(5);
/// What was sent has to be acknowledged within.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// The kinds of proxy that are known.
const PROXIES: [&str; 2] = ["http", "socks5"];

/// A client of its own making: the library's would ask again by itself, uncounted, and would not notice
/// a peer that went away under a watch. Blocks while a plugin looks for credentials.
pub fn client(config: &kube::Config, connect: Duration) -> kube::Result<Client> {
    let tcp = tcp(connect);
    match &config.proxy_url {
        None => over(config, tcp),
        Some(proxy) if is(proxy, "socks5") => over(config, SocksV5::new(proxy.clone(), tcp)),
        Some(proxy) => over(config, Tunnel::new(proxy.clone(), tcp)),
    }
}

/// Whether there is a way over that proxy.
pub fn is_known(proxy: &Uri) -> bool {
    PROXIES.iter().any(|scheme| is(proxy, scheme))
}

fn is(proxy: &Uri, scheme: &str) -> bool {
    proxy.scheme_str() == Some(scheme)
}

fn over<C>(config: &kube::Config, connector: C) -> kube::Result<Client>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + Read + Write + Send + Unpin + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    let tls = config.rustls_https_connector_with_connector(connector)?;
    let http = Builder::new(TokioExecutor::new()).build::<_, Body>(tls);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(http);
    Ok(Client::new(service, config.default_namespace.clone()))
}

fn tcp(connect: Duration) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect));
    tcp.set_keepalive(Some(QUIET));
    tcp.set_keepalive_interval(Some(PROBE));
    tcp.set_keepalive_retries(Some(3));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    tcp
}
