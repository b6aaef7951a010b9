//! Accepts at most `CONNECTIONS_MAX` connections and closes any that sends its request head too slowly.
//! When all places are taken, the oldest connection that has never sent a whole head makes room for a new one.

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// The maximum number of connections at a time.
pub const CONNECTIONS_MAX: usize = 128;

/// The maximum size of a request's head, in bytes.
pub const HEAD_MAX: usize = 16 << 10;

/// The maximum number of headers of a request.
const HEADERS_MAX: usize = 64;

/// The time within which a request's head must arrive, also on a connection that is kept open.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);

/// The interval between checks of `stop`.
const LOOK: Duration = Duration::from_millis(50);

/// An open connection.
struct Connection {
    task: AbortHandle,
    /// Whether it has sent the whole head of a request.
    asked: Arc<AtomicBool>,
}

/// Answers requests until `stop` is set.
pub(super) async fn answer(listener: TcpListener, pages: Router, stop: &AtomicBool) {
    // The oldest first.
    let mut open: Vec<Connection> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let Ok(came) = tokio::time::timeout(LOOK, listener.accept()).await else {
            continue;
        };
        // Out of file descriptors, or the client is gone: later connections may succeed.
        let Ok((stream, _)) = came else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        open.retain(|connection| !connection.task.is_finished());
        if open.len() >= CONNECTIONS_MAX && !make_room(&mut open) {
            continue;
        }
        // Small packets are sent at once: a log line does not wait for the next one.
        let _ = stream.set_nodelay(true);
        let asked = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(serve(stream, pages.clone(), Arc::clone(&asked)));
        open.push(Connection {
            task: task.abort_handle(),
            asked,
        });
    }
}

/// Closes the oldest connection that has not sent a whole head; says whether there was one.
fn make_room(open: &mut Vec<Connection>) -> bool {
    let mut silent = open.iter();
    let silent = silent.position(|connection| !connection.asked.load(Ordering::Relaxed));
    if let Some(at) = silent {
        open.remove(at).task.abort();
    }
    silent.is_some()
}

/// Answers the requests of one connection.
async fn serve(stream: TcpStream, pages: Router, asked: Arc<AtomicBool>) {
    let pages = TowerToHyperService::new(pages);
    let service = service_fn(move |request| {
        asked.store(true, Ordering::Relaxed);
        pages.call(request)
    });
    // Connection errors are dropped: the client is gone or malformed.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
