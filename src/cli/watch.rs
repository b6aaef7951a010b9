//! Options for watching one run: its pace, its timeline, the live view.

use super::live;
use super::options::RunEngine;
use super::progress::{Progress, ProgressConductor};
use super::step::Keys;
use super::{Failure, call, output, stop};
use crate::actor::{Conductor, Recorder};
use crate::model::Model;
use crate::observe::control::{Control, PACE};
use crate::observe::feed::Feed;
use crate::observe::journal::Journal;
use crate::observe::log::{Log, Said};
use crate::observe::room::Watch;
use crate::report::{Draft, WriteError};
use crate::scenario::{Scenario, Start};
use crate::station::Happening;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Options for watching a run. Nothing here changes a result, but for interventions in the live view.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Watching")]
pub(super) struct WatchOptions {
    /// Watch the run in the terminal: pause, step, take attendants down, repair them
    #[arg(long, conflicts_with = "step")]
    pub(super) live: bool,

    /// Run this many steps, or units of time, a second
    #[arg(long, value_name = "N", value_parser = pace)]
    pub(super) pace: Option<f64>,

    /// Wait for a key before every step
    #[arg(long, conflicts_with = "pace")]
    step: bool,

    /// Write a trace for Perfetto (ui.perfetto.dev) or chrome://tracing, in logical time
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
}

fn pace(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(pace) if (PACE.0..=PACE.1).contains(&pace) => Ok(pace),
        _ => Err(format!(
            "a pace is a number from {:e} to {:e}, of steps or units of time a second",
            PACE.0, PACE.1
        )),
    }
}

/// The control of a run's pace.
pub(super) enum Pacer {
    Free(&'static AtomicBool),
    Paced(Control),
    Keys(Keys),
}

impl Pacer {
    pub(super) fn conductor(&self) -> &dyn Conductor {
        match self {
            Pacer::Free(stop) => *stop,
            Pacer::Paced(control) => control,
            Pacer::Keys(keys) => keys,
        }
    }

    /// Number of customers in a message: one if a run is paced, so that a line is not known beyond the time shown.
    pub(super) fn chunk(&self, wanted: usize) -> usize {
        match self {
            Pacer::Free(_) => wanted,
            Pacer::Paced(_) | Pacer::Keys(_) => 1,
        }
    }
}

impl WatchOptions {
    /// Whether the run itself is shown on stderr.
    pub(super) fn draws(&self) -> bool {
        self.live || self.step
    }

    /// Whether the run is watched or paced, for which threads are used.
    pub(super) fn is_watched(&self) -> bool {
        self.draws() || self.pace.is_some()
    }

    /// The log level at which a run is shown as it goes, without a request for a log: steps of a desk, services
    /// otherwise.
    pub(super) fn logs(&self, scenario: &Scenario, is_quiet: bool) -> Option<&'static str> {
        let is_shown =
            !self.live && !is_quiet && !call::is_on() && (self.step || self.pace.is_some());
        let has_steps = scenario.desk().is_some_and(|desk| desk.steps().is_some());
        is_shown.then_some(if has_steps { "info" } else { "debug" })
    }

    /// Refuses options that need a terminal, if there is none.
    pub(super) fn refuse_without_terminal(&self) -> Result<(), Failure> {
        if io::stdin().is_terminal() && io::stderr().is_terminal() {
            return Ok(());
        }
        let message = if self.live {
            "`--live` needs a terminal to draw on (stdin and stderr), and there is none; \
             `--pace N --log debug` tells the same as text"
        } else if self.step {
            "`--step` waits for a key, and there is no terminal; `--pace N` needs none"
        } else {
            return Ok(());
        };
        Err(Failure::Usage(message.to_owned()))
    }

    /// The control of the run's pace; a live view has the usual pace unless another is requested.
    pub(super) fn pacer(&self, stop: &'static AtomicBool, scenario: &Scenario) -> Pacer {
        if self.step {
            return Pacer::Keys(Keys::new(stop, output::unicode()));
        }
        let usual = || self.live.then(|| Model::of(scenario).usual_pace());
        match self.pace.or_else(usual) {
            Some(pace) => Pacer::Paced(Control::new(Some(pace)).heeding(stop)),
            None => Pacer::Free(stop),
        }
    }

    /// The file of the timeline, under a temporary name, if one is requested.
    pub(super) fn timeline(&self) -> Result<Option<Draft>, Failure> {
        let Some(path) = &self.timeline else {
            return Ok(None);
        };
        let draft = Draft::beside(path)?;
        stop::take_along(draft.temporary());
        Ok(Some(draft))
    }

    /// An error of writing the timeline.
    pub(super) fn timeline_failed(&self, error: io::Error) -> Failure {
        let path = self.timeline.clone().unwrap_or_default();
        Failure::Write(WriteError::new(path, error))
    }
}

/// The surroundings of a run that may be watched.
pub(super) struct Session {
    pub(super) engine: RunEngine,
    /// Whether every change of state is recorded.
    pub(super) told: bool,
    pub(super) progress: Progress,
    /// The logical time until which the run is expected to last.
    pub(super) span: f64,
    pub(super) stop: &'static AtomicBool,
    pub(super) pacer: Pacer,
    pub(super) log: Option<Log>,
    /// The log for the view.
    pub(super) feed: Option<Arc<Feed<Said>>>,
}

impl Session {
    /// Runs under the session's conductor, and shows the progress of the run if it is shown.
    pub(super) fn conduct<O>(&self, run: impl FnOnce(&dyn Conductor) -> O) -> O {
        let conductor = self.pacer.conductor();
        if !self.progress.is_shown() {
            return run(conductor);
        }
        let outcome = run(&ProgressConductor {
            conductor,
            progress: &self.progress,
            span: self.span,
        });
        self.progress.end();
        outcome
    }

    /// Makes the run here, or in a thread beside its live view.
    pub(super) fn perform<O: Send>(
        &self,
        (watched, clock): (Option<&Watch>, Option<Start>),
        run: impl FnOnce() -> Result<O, Failure> + Send,
    ) -> Result<O, Failure> {
        match (watched, &self.pacer) {
            (Some(watched), Pacer::Paced(control)) => {
                let log = self.log.as_ref().zip(self.feed.as_deref());
                live::show((watched, clock), control, log, run)
            }
            _ => run(),
        }
    }

    /// The interventions.
    pub(super) fn journal(&self) -> Journal {
        match &self.pacer {
            Pacer::Paced(control) => control.journal(),
            Pacer::Free(_) | Pacer::Keys(_) => Journal::default(),
        }
    }
}

/// All recorders of a run, the tables last.
pub(super) struct Recorders<'a>(pub(super) &'a [&'a dyn Recorder<Happening>]);

impl Recorder<Happening> for Recorders<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        self.0.iter().for_each(|recorder| recorder.record(records));
    }
}
