//! The log: the filter of `--log`, the format of a line, and its destination.
//!
//! Nothing is logged unless requested. The log of a run is made from its records ([`Sentence`]), in the order of
//! logical time; the wall clock is never shown, so the log of a run is the same on every engine and machine, byte for
//! byte. A log to a file loses nothing; if the file could not be written in full, [`Log::finish`] returns an error.

mod filter;
mod format;
mod said;
mod sentence;
mod sign;
mod station;

pub use filter::{Filter, FilterError};
pub use said::{Feeding, Said};
pub use sentence::{Kind, Sentence, Words};
pub use sign::ascii;

use super::feed::Feed;
use super::ordered::Ordered;
use crate::actor::{Recorder, Recording};
use crate::scenario::Scenario;
use crate::station::Happening;
use format::Line;
use parking_lot::Mutex;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;

/// The target of messages about the program rather than about a run.
pub const COMMAND: &str = "filas::cli";

/// The format of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Aligned: level, logical time, actor, message, fields.
    #[default]
    Pretty,
    /// The same without the alignment, with the whole target.
    Compact,
    /// One JSON object per line.
    Json,
}

/// The abilities of stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Colours, on a terminal.
    pub colour: bool,
    /// Characters beyond ASCII.
    pub unicode: bool,
}

/// The log of this process, once it has begun.
#[derive(Clone)]
pub struct Log {
    sink: Arc<Mutex<Sink>>,
    /// Lines written so far.
    lines: Arc<AtomicU64>,
    /// Replaces the filter.
    reload: Option<Arc<dyn Fn(Filter) + Send + Sync>>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum Sink {
    /// Not written: only a feed was requested.
    Nowhere,
    Terminal,
    File {
        path: PathBuf,
        file: BufWriter<File>,
        /// The first error.
        error: Option<io::Error>,
    },
}

/// The log could not be begun, or not written in full.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file could not be created.
    #[error("cannot write the log to {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The error reported by the system.
        source: io::Error,
    },
    /// The file could not be written in full.
    #[error("the log in {} is not complete", path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// The error reported by the system.
        source: io::Error,
    },
}

impl Log {
    /// Begins the log of this process: to a file if one is given, else to the feed if one is given, else to stderr.
    /// With both, the feed gets the same lines as the file. It must be called only once; a second call leaves the first
    /// log unchanged.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn begin(
        filter: Filter,
        format: Format,
        file: Option<&Path>,
        feed: Option<Arc<Feed<Said>>>,
        shown: Shown,
    ) -> Result<Log, LogError> {
        let sink = match file {
            None if feed.is_some() => Sink::Nowhere,
            None => Sink::Terminal,
            Some(path) => {
                let path = path.to_owned();
                match File::create(&path) {
                    Ok(file) => Sink::File {
                        path,
                        file: BufWriter::new(file),
                        error: None,
                    },
                    Err(source) => return Err(LogError::Open { path, source }),
                }
            }
        };
        let is_stderr = matches!(sink, Sink::Terminal);
        let colour = shown.colour && is_stderr && io::stderr().is_terminal();
        // A file is read elsewhere, and must be the same on every machine.
        let unicode = shown.unicode || !is_stderr;
        let feeding = feed.map(Feeding);
        let writes = !matches!(sink, Sink::Nowhere);
        let mut log = Log {
            sink: Arc::new(Mutex::new(sink)),
            lines: Arc::default(),
            reload: None,
        };
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(log.clone())
            .with_ansi(colour)
            .log_internal_errors(false);
        let line = |aligned| Line { aligned, unicode };
        let layer = match format {
            Format::Pretty => layer.event_format(line(true)).boxed(),
            Format::Compact => layer.event_format(line(false)).boxed(),
            Format::Json => layer.json().flatten_event(true).without_time().boxed(),
        };
        let layer = writes.then_some(layer);
        let (filter, handle) = reload::Layer::new(filter);
        log.reload = Some(Arc::new(move |filter| {
            // It fails only if this log is not the process's; then it lets nothing through.
            let _ = handle.reload(filter);
        }));
        let subscriber = tracing_subscriber::registry()
            .with(layer)
            .with(feeding)
            .with(filter);
        // It fails only if a log has begun already, in a process that runs several commands.
        let _ = tracing::subscriber::set_global_default(subscriber);
        Ok(log)
    }

    /// Replaces the filter from here on.
    pub fn let_through(&self, filter: Filter) {
        if let Some(reload) = &self.reload {
            reload(filter);
        }
    }

    /// The records that a run must make for the events that the filter lets through now.
    #[must_use]
    pub fn needs(&self, scenario: &Scenario) -> Recording {
        match LevelFilter::current() {
            LevelFilter::DEBUG | LevelFilter::TRACE => Recording::Everything,
            // Steps and faults; a line has no events as rare as those.
            LevelFilter::INFO if scenario.desk().is_some() => Recording::Tables,
            _ => Recording::Nothing,
        }
    }

    /// The recorder that logs a run, until it is dropped.
    #[must_use]
    pub fn of_run<'a>(&self, scenario: &'a Scenario) -> impl Recorder<Happening> + use<'a> {
        Ordered::new(scenario, |happening| {
            if let Some(sentence) = Sentence::of(scenario, happening) {
                sentence.log();
            }
        })
    }

    /// Whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.load(Ordering::Relaxed) == 0
    }

    /// Writes out buffered lines, and reports whether everything was written.
    ///
    /// # Errors
    /// [`LogError::Incomplete`].
    pub fn finish(&self) -> Result<(), LogError> {
        let mut sink = self.sink.lock();
        let Sink::File { path, file, error } = &mut *sink else {
            return Ok(());
        };
        let flushed = file.flush();
        match error.take().or(flushed.err()) {
            None => Ok(()),
            Some(source) => Err(LogError::Incomplete {
                path: path.clone(),
                source,
            }),
        }
    }
}

/// A writer of lines to the log.
#[derive(Debug)]
pub struct LogWriter(Arc<Mutex<Sink>>, Arc<AtomicU64>);

impl<'a> MakeWriter<'a> for Log {
    type Writer = LogWriter;

    fn make_writer(&'a self) -> LogWriter {
        LogWriter(Arc::clone(&self.sink), Arc::clone(&self.lines))
    }
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.fetch_add(1, Ordering::Relaxed);
        match &mut *self.0.lock() {
            // A closed stderr is no reason to end a run.
            Sink::Nowhere => {}
            Sink::Terminal => io::stderr().lock().write_all(bytes).unwrap_or(()),
            Sink::File { file, error, .. } => {
                if error.is_none() {
                    *error = file.write_all(bytes).err();
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
