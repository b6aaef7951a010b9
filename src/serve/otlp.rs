//! Sends spans to a collector, over HTTP as protobuf.
//!
//! A run never waits for the collector: spans go through a feed, and if the collector is slower than the run, or cannot
//! be reached, spans are dropped and counted.

use crate::observe::feed::{Feed, Place};
use crate::observe::otlp::Exported;
use crate::observe::spans::Span;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Request, Uri};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpStream;

/// The default port of a collector.
const PORT: u16 = 4318;

/// The default path of a collector.
const PATH: &str = "/v1/traces";

/// The maximum number of traces waiting to be sent.
const WAITING_MAX: usize = 1 << 14;

/// The number of traces in a request.
const BATCH: usize = 128;

/// The time limit of a request.
const PATIENCE: Duration = Duration::from_secs(5);

/// The interval between checks of the feed while no trace waits.
const LOOK: Duration = Duration::from_millis(20);

/// The address of the collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    host: String,
    port: u16,
    path: String,
}

impl Collector {
    /// Reads `http://HOST[:PORT][/PATH]`.
    ///
    /// # Errors
    /// The mistake, as a sentence.
    pub fn parse(url: &str) -> Result<Collector, String> {
        let uri: Uri = url.parse().map_err(|error| format!("{error}"))?;
        if uri.scheme_str() != Some("http") {
            return Err("a collector is named as http://HOST:PORT".to_owned());
        }
        let host = uri.host().ok_or("a collector has a host")?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Collector {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(PORT),
            path: if path == "/" { PATH } else { path }.to_owned(),
        })
    }
}

/// Sends traces in a thread of its own.
#[derive(Debug)]
pub struct OtlpSender {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Sent>>,
}

#[derive(Debug)]
struct Shared {
    traces: Feed<Vec<Span>>,
    over: AtomicBool,
}

/// The numbers of spans sent and lost.
#[derive(Debug, Default)]
pub struct Sent {
    /// Spans that the collector accepted.
    pub spans: u64,
    /// Spans that it did not accept.
    pub refused: u64,
    /// Traces dropped because the collector was slower than the run.
    pub dropped: u64,
    /// The first error.
    pub error: Option<String>,
}

impl OtlpSender {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system cannot start it.
    pub fn start(collector: Collector, exported: Exported) -> io::Result<OtlpSender> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let shared = Arc::new(Shared {
            traces: Feed::new(WAITING_MAX),
            over: AtomicBool::new(false),
        });
        let taken = Arc::clone(&shared);
        let send = move || runtime.block_on(send_all(&taken, &collector, &exported));
        let thread = std::thread::Builder::new()
            .name("otlp".to_owned())
            .spawn(send)?;
        Ok(OtlpSender {
            shared,
            thread: Some(thread),
        })
    }

    /// Queues a trace to be sent.
    pub fn push(&self, trace: Vec<Span>) {
        self.shared.traces.push(trace);
    }

    /// Sends the queued traces, and returns the totals.
    pub fn finish(mut self) -> Sent {
        self.shared.over.store(true, Ordering::Release);
        let thread = self.thread.take();
        thread
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default()
    }
}

async fn send_all(shared: &Shared, collector: &Collector, exported: &Exported) -> Sent {
    let mut sent = Sent::default();
    let mut place = Place::default();
    loop {
        // Read first, so that traces pushed before the end are seen.
        let is_over = shared.over.load(Ordering::Acquire);
        let spans = shared.traces.read(&mut place, BATCH).concat();
        sent.dropped = place.dropped();
        if spans.is_empty() {
            if is_over {
                return sent;
            }
            tokio::time::sleep(LOOK).await;
            continue;
        }
        let count = spans.len() as u64;
        let body = exported.protobuf(&spans);
        let post = tokio::time::timeout(PATIENCE, post(collector, body)).await;
        match post.unwrap_or_else(|_| Err("it did not answer in time".to_owned())) {
            Ok(()) => sent.spans += count,
            Err(error) => {
                sent.refused += count;
                sent.error.get_or_insert(error);
                if is_over {
                    // After the end of the run, nothing is sent once a request has failed.
                    return sent;
                }
            }
        }
    }
}

/// Posts one request, on a connection of its own.
async fn post(collector: &Collector, body: Vec<u8>) -> Result<(), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let host = (collector.host.trim_matches(['[', ']']), collector.port);
    let stream = TcpStream::connect(host)
        .await
        .map_err(|error| said(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| said(&error))?;
    tokio::spawn(connection);
    let request = Request::post(&collector.path)
        .header(HOST, format!("{}:{}", collector.host, collector.port))
        .header(CONTENT_TYPE, "application/x-protobuf")
        .body(Body::from(body))
        .map_err(|error| said(&error))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| said(&error))?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("it answered {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_has_the_usual_port_and_path() {
        let collector = |host: &str, port, path: &str| {
            Ok(Collector {
                host: host.to_owned(),
                port,
                path: path.to_owned(),
            })
        };
        assert_eq!(
            Collector::parse("http://box"),
            collector("box", 4318, "/v1/traces")
        );
        assert_eq!(
            Collector::parse("http://[::1]:9/x"),
            collector("[::1]", 9, "/x")
        );
        for wrong in ["https://box", "box:4318", "http://", "http:// "] {
            assert!(Collector::parse(wrong).is_err(), "{wrong}");
        }
    }
}
