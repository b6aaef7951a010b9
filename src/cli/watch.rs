//! Options of watching one run: its pace, its timeline, the live view.

use super::step::Keys;
use super::{Failure, output, stop};
use crate::actor::{Conductor, Recorder, Recording};
use crate::observe::control::{Control, PACE};
use crate::report::{Draft, WriteError};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// How a run is watched. Nothing here changes a result, but for what is done by hand in the live view.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Watching")]
pub(super) struct WatchOptions {
    /// Run so many steps, or units of time, a second
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

/// Who asks when the run may go on.
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

    /// How many customers a message carries: where a run is paced, one, so that a line is known no
    /// further than it is shown.
    pub(super) fn chunk(&self, wanted: usize) -> usize {
        match self {
            Pacer::Free(_) => wanted,
            Pacer::Paced(_) | Pacer::Keys(_) => 1,
        }
    }
}

impl WatchOptions {
    /// Who paces the run.
    pub(super) fn pacer(&self, stop: &'static AtomicBool) -> Result<Pacer, Failure> {
        if self.step {
            let there = io::stdin().is_terminal() && io::stderr().is_terminal();
            if !there {
                let message =
                    "`--step` waits for a key, and there is no terminal; `--pace N` needs none";
                return Err(Failure::Usage(message.to_owned()));
            }
            return Ok(Pacer::Keys(Keys::new(stop, output::unicode())));
        }
        Ok(match self.pace {
            Some(pace) => Pacer::Paced(Control::new(Some(pace)).heeding(stop)),
            None => Pacer::Free(stop),
        })
    }

    /// The file of the timeline, under a temporary name, if one is wanted.
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

/// All who look on a run, the one who files its tables last.
pub(super) struct Lookers<'a, R>(pub(super) Vec<&'a dyn Recorder<R>>);

impl<R> Recorder<R> for Lookers<'_, R> {
    fn record(&self, records: &mut Vec<R>) {
        self.0.iter().for_each(|looker| looker.record(records));
    }
}

/// What has to be recorded for these.
pub(super) fn level(watching: bool, filing: bool) -> Recording {
    match (watching, filing) {
        (true, _) => Recording::Everything,
        (false, true) => Recording::Tables,
        (false, false) => Recording::Nothing,
    }
}
