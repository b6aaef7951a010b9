//! Takes connections in, so many at once and no slower than so: one that says nothing, or says it byte by
//! byte, is let go.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The most connections at a time; more are closed as they come.
pub const CONNECTIONS_MAX: usize = 128;

/// The largest head of a request, in bytes.
pub const HEAD_MAX: usize = 16 << 10;

/// The most headers of a request.
const HEADERS_MAX: usize = 64;

/// Within this long a head must have come, also on a connection that is kept.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);

/// So often the wish to end is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// Answers until `stop` is set.
pub(super) async fn answer(listener: TcpListener, pages: Router, stop: &AtomicBool) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while !stop.load(Ordering::Relaxed) {
        let Ok(came) = tokio::time::timeout(LOOK, listener.accept()).await else {
            continue;
        };
        // The system is out of files, or the caller has gone again: others may come.
        let Ok((stream, _)) = came else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        // What is small goes out at once: a log line is not kept waiting for the next.
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
            // Whoever hangs up in the middle, or talks nonsense, has nobody to be told so.
            drop((answered, place));
        });
    }
}
