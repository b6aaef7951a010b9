//! `--metrics ADDR`: counters and gauges for Prometheus during a run or a study.

use super::{Failure, output};
use crate::serve::MetricsServer;
use std::net::SocketAddr;

/// The address of the metrics.
#[derive(Debug, clap::Args)]
pub(super) struct MetricsOptions {
    /// Serve counters and gauges for Prometheus at this address, as in 127.0.0.1:9184; port 0 is a free one
    #[arg(long, value_name = "ADDR", help_heading = "Watching", value_parser = address)]
    metrics: Option<SocketAddr>,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let wrong = "an address is a number with a port, as in 127.0.0.1:9184";
    text.parse().map_err(|_| wrong.to_owned())
}

impl MetricsOptions {
    /// Whether metrics are requested.
    pub(super) fn are_wanted(&self) -> bool {
        self.metrics.is_some()
    }

    /// Serves this text until the value is dropped, if metrics are requested, and prints the address to stderr.
    pub(super) fn serve(
        &self,
        text: impl Fn() -> String + Send + Sync + 'static,
    ) -> Result<Option<MetricsServer>, Failure> {
        let Some(address) = self.metrics else {
            return Ok(None);
        };
        let server = MetricsServer::start(address, text).map_err(|error| {
            Failure::Usage(format!(
                "`--metrics {address}` cannot be listened on: {error}; name another address or port"
            ))
        })?;
        output::note(&format!(
            "filas: metrics at http://{}/metrics",
            server.address()
        ));
        Ok(Some(server))
    }
}
