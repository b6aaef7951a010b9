//! The web page: edit a scenario, run it and watch it live, read its results, compare runs.
//!
//! The server listens on the loopback address only, for the user of this machine. `guard` checks every
//! request first; `connections` limits the number and the slowness of connections. `scenarios` lists and
//! checks scenarios. `runs` keeps the runs: `performance` is one run, `live` streams it and takes the
//! commands that steer it, `telling` is its log, `results` gives its report and files. `studies` runs
//! studies: `question` checks a question, `found` is its answer. `guide` shows the guide of `docs/`. The
//! page itself is plain HTML, CSS and JavaScript in `page/`, compiled into the program.

mod answer;
mod connections;
mod files;
mod guard;
mod guide;
mod live;
mod metrics;
mod otlp;
mod performance;
mod question;
mod results;
mod results_place;
mod runs;
mod scenarios;
mod studies;

pub use connections::{CONNECTIONS_MAX, HEAD_MAX};
pub use guard::BODY_MAX;
pub use metrics::MetricsServer;
pub use otlp::{Collector, OtlpSender, Sent};
pub use performance::TABLED_MAX;
pub use runs::{AT_ONCE, GRACE, QUEUE};
pub use scenarios::LIMITS;

use crate::observe::metrics::Text;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use guard::Guard;
use runs::Hall;
use scenarios::Shelf;
use serde_json::Value;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use studies::Workshop;
use thiserror::Error;
use tokio::runtime::Runtime;

/// The port that is tried first when none is given.
pub const PORT: u16 = 4857;

/// The number of threads for slow work: checks, results, charts.
const WORKERS: usize = 4;

/// The time that requests in progress may still take when the server ends.
const FAREWELL: Duration = Duration::from_millis(300);

/// An error that keeps the server from starting.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The given folder of scenarios cannot be used.
    #[error("{} is not a folder of scenarios: {reason}", path.display())]
    Folder {
        /// The path that was given.
        path: PathBuf,
        /// The reason why it cannot be used.
        reason: String,
    },
    /// The port is taken or not permitted.
    #[error("cannot listen on 127.0.0.1:{port}; name another port, or leave --port out")]
    Port {
        /// The port that was given.
        port: u16,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The operating system refused a resource that the server needs.
    #[error("cannot start the server")]
    System(#[from] io::Error),
    /// No key could be made, as the operating system gave no random bytes.
    #[error("the system has no randomness for a key")]
    Key(#[from] getrandom::Error),
}

/// The state shared by all requests.
#[derive(Debug)]
struct Rooms {
    shelf: Arc<Shelf>,
    hall: Arc<Hall>,
    workshop: Arc<Workshop>,
}

/// A server that listens; [`Server::answer`] makes it answer.
#[derive(Debug)]
pub struct Server {
    runtime: Runtime,
    listener: tokio::net::TcpListener,
    guard: Arc<Guard>,
    rooms: Arc<Rooms>,
}

impl Server {
    /// Listens on the loopback address, on this port or on a free one. `announce` is called with a new link
    /// whenever a link was used, for another browser.
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

    /// The address to open in a browser, with the key in it.
    #[must_use]
    pub fn url(&self) -> String {
        self.guard.url()
    }

    /// The metrics of the server, for a scrape: its runs by state.
    pub fn metrics(&self) -> impl Fn() -> String + Send + Sync + use<> {
        let rooms = Arc::clone(&self.rooms);
        move || {
            let mut text = Text::default();
            let states = ["queued", "running", "done", "failed"];
            let runs = rooms.hall.list();
            let samples = states.map(|state| {
                let is_in = |run: &&Value| run["state"] == state;
                let count = runs.iter().filter(is_in).count();
                (format!("state=\"{state}\""), count as f64)
            });
            text.gauge("filas_runs", "Runs that the page keeps, by state.", samples);
            text.into_text()
        }
    }

    /// Answers requests until `stop` is set, then ends all runs and studies.
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

/// The interval between searches for abandoned runs and studies.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// Ends abandoned runs and studies, as long as the server lives.
async fn keep_order(rooms: Arc<Rooms>) {
    loop {
        tokio::time::sleep(LOOK_AROUND).await;
        rooms.hall.look_around();
        rooms.workshop.look_around();
    }
}

/// The routes of the server.
fn pages(rooms: Arc<Rooms>, guard: Arc<Guard>) -> Router {
    Router::new()
        .route("/", get(files::index))
        .route("/page/{name}", get(files::file))
        .route("/guide", get(guide::index))
        .route("/guide/", get(guide::index))
        .route("/guide/{name}", get(guide::page))
        .route("/guide/pictures/{*name}", get(guide::picture))
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
