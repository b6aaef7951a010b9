//! The web page: edit a scenario, run it and watch it live, look at what came of it, compare.
//!
//! One server on the loopback, for the person at this machine. Who may ask for what is settled in
//! `guard` before anything else; `connections` lets nobody hold the server up; `scenarios` lists and
//! checks; `runs` keeps the runs, `performance` is one of them, `live` shows it as it goes on and holds the hand on it, `telling`
//! is its log, `results` what came of it; `studies` are many runs, `question` what is asked of them, `found` is what they came to. The page itself is plain HTML, CSS and script in `page/`, part of the program.

mod answer;
mod connections;
mod files;
mod guard;
mod live;
mod performance;
mod question;
mod results;
mod runs;
mod scenarios;
mod studies;

pub use connections::{CONNECTIONS_MAX, HEAD_MAX};
pub use guard::BODY_MAX;
pub use performance::TABLED_MAX;
pub use runs::{AT_ONCE, GRACE, QUEUE};
pub use scenarios::LIMITS;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use guard::Guard;
use runs::Hall;
use scenarios::Shelf;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use studies::Workshop;
use thiserror::Error;
use tokio::runtime::Runtime;

/// The port that is tried first, where none is asked for.
pub const PORT: u16 = 4857;

/// Threads for what takes its time: checking, results, pictures.
const WORKERS: usize = 4;

/// How long answers in hand may take when the server ends.
const FAREWELL: Duration = Duration::from_millis(300);

/// Why there is no server.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The folder of scenarios is none.
    #[error("{} is not a folder of scenarios: {reason}", path.display())]
    Folder {
        /// What was named.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The port is taken, or not for us.
    #[error("cannot listen on 127.0.0.1:{port}; name another port, or leave --port out")]
    Port {
        /// Which was asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The system would not give what a server needs.
    #[error("cannot start the server")]
    System(#[from] io::Error),
    /// No key could be made.
    #[error("the system has no randomness for a key")]
    Key(#[from] getrandom::Error),
}

/// What all requests share.
#[derive(Debug)]
struct Rooms {
    shelf: Arc<Shelf>,
    hall: Arc<Hall>,
    workshop: Arc<Workshop>,
}

/// A server that listens, and answers when it is asked to.
#[derive(Debug)]
pub struct Server {
    runtime: Runtime,
    listener: tokio::net::TcpListener,
    guard: Arc<Guard>,
    rooms: Arc<Rooms>,
}

impl Server {
    /// Listens on the loopback: on this port, or on one that is free. `announce` is told a new link
    /// whenever one was used, for another browser.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub fn bind(
        folder: Option<&Path>,
        port: Option<u16>,
        announce: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Server, ServeError> {
        let folder = folder.map(checked).transpose()?;
        let listener = listen(port)?;
        listener.set_nonblocking(true)?;
        let guard = Guard::new(listener.local_addr()?.port(), Box::new(announce))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(WORKERS)
            .thread_name("serve")
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        Ok(Server {
            runtime,
            listener,
            guard: Arc::new(guard),
            rooms: Arc::new(Rooms {
                shelf: Arc::new(Shelf::new(folder)),
                hall: Arc::new(Hall::new()?),
                workshop: Arc::default(),
            }),
        })
    }

    /// The address to open, with the key in it.
    #[must_use]
    pub fn url(&self) -> String {
        self.guard.url()
    }

    /// Answers until `stop` is set; then nothing is left of what it began.
    pub fn answer(self, stop: &AtomicBool) {
        let pages = pages(Arc::clone(&self.rooms), self.guard);
        self.runtime.spawn(keep_order(Arc::clone(&self.rooms)));
        self.runtime
            .block_on(connections::answer(self.listener, pages, stop));
        self.rooms.hall.close();
        self.rooms.workshop.close();
        self.runtime.shutdown_timeout(FAREWELL);
    }
}

/// So often it is looked for what nobody wants any more.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// Ends what nobody wants any more, as long as the server lives.
async fn keep_order(rooms: Arc<Rooms>) {
    loop {
        tokio::time::sleep(LOOK_AROUND).await;
        rooms.hall.look_around();
        rooms.workshop.look_around();
    }
}

/// What answers what.
fn pages(rooms: Arc<Rooms>, guard: Arc<Guard>) -> Router {
    Router::new()
        .route("/", get(files::index))
        .route("/page/{name}", get(files::file))
        .route("/api/schema", get(scenarios::schema))
        .route("/api/scenarios", get(scenarios::list))
        .route("/api/scenario", get(scenarios::text))
        .route("/api/scenario/check", post(scenarios::check))
        .route("/api/scenario/edit", post(scenarios::edit))
        .route("/api/runs", get(live::list).post(live::begin))
        .route("/api/runs/{run}", get(live::told))
        .route("/api/runs/{run}/watch", get(live::watch))
        .route("/api/runs/{run}/command", post(live::command))
        .route("/api/runs/{run}/charts", get(live::charts))
        .route("/api/runs/{run}/results", get(results::results))
        .route("/api/runs/{run}/report", get(results::report))
        .route("/api/runs/{run}/files/{name}", get(results::file))
        .route("/api/runs/{run}/patch.toml", get(results::patch))
        .route("/api/compare", get(results::compare))
        .route("/api/studies", post(studies::begin))
        .route("/api/studies/{study}", get(studies::told))
        .route("/api/studies/{study}/cancel", post(studies::stop))
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
        .with_state(rooms)
        .layer(from_fn_with_state(guard, guard::guard))
}

async fn nowhere() -> answer::Refusal {
    answer::Refusal::missing("there is nothing here")
}

fn checked(folder: &Path) -> Result<PathBuf, ServeError> {
    let wrong = |reason: String| ServeError::Folder {
        path: folder.to_owned(),
        reason,
    };
    let real = folder
        .canonicalize()
        .map_err(|error| wrong(error.to_string().to_lowercase()))?;
    match real.is_dir() {
        true => Ok(real),
        false => Err(wrong("it is a file".to_owned())),
    }
}

fn listen(port: Option<u16>) -> Result<TcpListener, ServeError> {
    let at = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match port {
        Some(port) => at(port).map_err(|source| ServeError::Port { port, source }),
        None => at(PORT).or_else(|_| Ok(at(0)?)),
    }
}
