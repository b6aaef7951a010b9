//! Accepts at most `CONNECTIONS_MAX` connections and closes any that sends its request head too slowly.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The maximum number of connections at a time; further ones are closed at once.
pub const CONNECTIONS_MAX: usize = 128;

/// The maximum size of a request's head, in bytes.
pub const HEAD_MAX: usize = 16 << 10;

/// The maximum number of headers of a request.
const HEADERS_MAX: usize = 64;

/// The time within which a request's head must arrive, also on a connection that is kept open.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);

/// The interval between checks of `stop`.
const LOOK: Duration = Duration::from_millis(50);

/// Answers requests until `stop` is set.
pub(super) async fn answer(listener: TcpListener, pages: Router, stop: &AtomicBool) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while !stop.load(Ordering::Relaxed) {
        let Ok(came) = tokio::time::timeout(LOOK, listener.accept()).await else {
            continue;
        };
        // Out of file descriptors, or the client is gone: later connections may succeed.
        let Ok((stream, _)) = came else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        // Small packets are sent at once: a log line does not wait for the next one.
        let _ = stream.set_nodelay(true);
        let pages = TowerToHyperService::new(pages.clone());
        tokio::spawn(async move {
            let answered = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_PATIENCE)
                .max_buf_size(HEAD_MAX)
                .max_headers(HEADERS_MAX)
                .serve_connection(TokioIo::new(stream), pages)
                .await;
            // Connection errors are dropped: the client is gone or malformed.
            drop((answered, place));
        });
    }
}
