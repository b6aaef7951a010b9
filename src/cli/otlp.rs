//! `--otlp URL` or `--otlp FILE`: a run as spans, for OpenTelemetry.

use super::{Failure, output, stop};
use crate::observe::otlp::Exported;
use crate::observe::spans::{Span, Spans};
use crate::report::{Draft, WriteError};
use crate::scenario::{Loaded, Scenario};
use crate::serve::{Collector, OtlpSender};
use parking_lot::Mutex;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// The destination of spans.
#[derive(Debug, clap::Args)]
pub(super) struct OtlpOptions {
    /// Send spans of every request or customer to an OpenTelemetry collector (http://HOST:4318), or write
    /// them to a file as JSON lines
    #[arg(long, value_name = "URL or FILE", value_parser = destination, help_heading = "Watching")]
    otlp: Option<Destination>,
}

/// A collector or a file.
#[derive(Clone, Debug)]
enum Destination {
    Collector(Collector),
    File(PathBuf),
}

fn destination(text: &str) -> Result<Destination, String> {
    match text.contains("://") {
        true => Collector::parse(text).map(Destination::Collector),
        false => Ok(Destination::File(PathBuf::from(text))),
    }
}

impl OtlpOptions {
    /// Whether spans are requested.
    pub(super) fn are_wanted(&self) -> bool {
        self.otlp.is_some()
    }

    /// Opens the destination, if spans are requested.
    pub(super) fn open(&self, loaded: &Loaded) -> Result<Option<Otlp>, Failure> {
        #[allow(
            clippy::disallowed_methods,
            reason = "logical time is laid on the clock here"
        )]
        let begun = SystemTime::now();
        let exported = Exported::new(loaded, begun);
        Ok(match &self.otlp {
            None => None,
            Some(Destination::Collector(collector)) => {
                let sender = OtlpSender::start(collector.clone(), exported).map_err(|error| {
                    Failure::Usage(format!("no thread could be started to send spans: {error}"))
                })?;
                Some(Otlp::Collector(Arc::new(sender)))
            }
            Some(Destination::File(path)) => {
                let draft = Draft::beside(path)?;
                stop::take_along(draft.temporary());
                Some(Otlp::File {
                    file: Arc::new(Mutex::new(Ok(draft))),
                    exported,
                })
            }
        })
    }
}

/// An open destination.
pub(super) enum Otlp {
    Collector(Arc<OtlpSender>),
    File {
        file: Arc<Mutex<Result<Draft, WriteError>>>,
        exported: Exported,
    },
}

impl Otlp {
    /// The recorder that sends or writes spans; an error of writing sets `stop`.
    pub(super) fn recorder<'a>(&self, scenario: &'a Scenario, stop: &'a AtomicBool) -> Spans<'a> {
        match self {
            Otlp::Collector(sender) => {
                let sender = Arc::clone(sender);
                Spans::new(scenario, move |trace| sender.push(trace))
            }
            Otlp::File { file, exported } => {
                let (file, exported) = (Arc::clone(file), exported.clone());
                Spans::new(scenario, move |trace: Vec<Span>| {
                    let mut file = file.lock();
                    if let Ok(open) = file.as_mut()
                        && let Err(error) = open.write_all(exported.json(&trace).as_bytes())
                    {
                        *file = Err(WriteError::new(open.path().to_owned(), error));
                        stop.store(true, Ordering::Relaxed);
                    }
                })
            }
        }
    }

    /// Sends or writes the remaining spans, after the recorder is finished; warns of spans that a collector did not
    /// accept.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Otlp::Collector(sender) => {
                let Some(sender) = Arc::into_inner(sender) else {
                    return Ok(());
                };
                let sent = sender.finish();
                if let Some(error) = sent.error {
                    output::warn(&format!(
                        "the collector did not take {} spans: {error}",
                        sent.refused
                    ));
                }
                if sent.dropped > 0 {
                    output::warn(&format!(
                        "{} traces were dropped, as the collector was slower than the run; \
                         `--pace N` slows the run down, `--otlp FILE` keeps all",
                        sent.dropped
                    ));
                }
                Ok(())
            }
            Otlp::File { file, .. } => {
                let Some(file) = Arc::into_inner(file) else {
                    return Ok(());
                };
                file.into_inner()?.publish()?;
                Ok(())
            }
        }
    }
}
