//! `/metrics` for Prometheus, on an address of its own, until the value is dropped.
//!
//! It is read-only and needs no key: any client that can reach the address can read the counts of the run.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// The content type that Prometheus expects.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A server of metrics in a thread of its own; dropping it ends it.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl MetricsServer {
    /// Listens on this address and answers each scrape with `text`.
    ///
    /// # Errors
    /// If the address is taken or not permitted, or no thread can be started.
    pub fn start(
        address: SocketAddr,
        text: impl Fn() -> String + Send + Sync + 'static,
    ) -> io::Result<MetricsServer> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let text = Arc::new(text);
        let answer = move || {
            let text = Arc::clone(&text);
            async move { ([(CONTENT_TYPE, FORMAT)], text()) }
        };
        let pages = Router::new().route("/metrics", get(answer));
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let serve = move || {
            runtime.block_on(async move {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    super::connections::answer(listener, pages, &stopped).await;
                }
            });
        };
        let thread = std::thread::Builder::new()
            .name("metrics".to_owned())
            .spawn(serve)?;
        Ok(MetricsServer {
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
