//! Signals: the first one stops the run, a later one ends the program at once.
//!
//! Signals within [`ONE_WISH`] of the first count as the same request: a terminal sends its signal to a whole group of
//! processes, and `timeout` sends one to the program and another to its group. A signal that is ignored when the
//! program starts, as under `nohup` or in the background of a script, stays ignored.

use super::{Exit, call, output};
use crate::observe::log::Log;
use crate::report;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The time after the first signal within which others count as the same request.
const ONE_WISH: Duration = Duration::from_secs(1);

/// The request to stop the run, from a signal or from a table that cannot be written.
static STOP: AtomicBool = AtomicBool::new(false);

/// Unfinished files, removed when the program ends at once.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Marks a file as unfinished, to be removed if the program ends at once.
pub(super) fn take_along(path: PathBuf) {
    UNFINISHED.lock().push(path);
}

/// Handles Ctrl-C and similar signals from here on, and returns the flag that stops a run.
///
/// A call inside another program is stopped by its handle, and leaves signals to that program.
///
/// Ending at once still removes the drafts in `out`. If no thread can be started to handle signals, they keep their
/// usual effect and end the program.
pub(super) fn listen(log: Option<Log>, out: Option<PathBuf>) -> &'static AtomicBool {
    if let Some(stop) = call::stop() {
        return stop;
    }
    if let Err(error) = signals::hear(Listener {
        log,
        out,
        first: None,
    }) {
        unheard(&error);
    }
    &STOP
}

/// Warns that signals keep their usual effect.
fn unheard(error: &std::io::Error) {
    tracing::warn!(target: crate::observe::log::COMMAND, %error, "Ctrl-C ends the program at once");
}

/// The handler of signals.
struct Listener {
    log: Option<Log>,
    /// The results folder.
    out: Option<PathBuf>,
    /// The moment of the first signal.
    first: Option<Instant>,
}

impl Listener {
    /// Stops the run at the first signal, and ends the program at one that comes more than [`ONE_WISH`] after it.
    fn hear(&mut self) {
        match &self.first {
            None => {
                self.first = Some(now());
                self.wind_up();
            }
            Some(first) if first.elapsed() < ONE_WISH => {}
            Some(_) => self.leave(),
        }
    }

    fn wind_up(&self) {
        STOP.store(true, Ordering::Relaxed);
        if super::live::is_shown() {
            return;
        }
        output::note("filas: winding up; once more to leave at once, without results");
    }

    fn leave(&self) {
        if let Some(log) = &self.log {
            // The program ends anyway, even if the log is incomplete.
            let _ = log.finish();
        }
        if let Some(out) = &self.out {
            report::sweep(out);
        }
        for path in UNFINISHED.lock().iter() {
            // A file that already has its final name is not found, and stays.
            let _ = std::fs::remove_file(path);
        }
        super::live::give_back();
        #[allow(clippy::disallowed_methods, reason = "here we do leave at once")]
        std::process::exit(Exit::Interrupted as i32);
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a person's wish, not a run's result"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(unix)]
mod signals {
    use super::Listener;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use std::io;
    use std::sync::{Arc, Barrier};
    use std::thread;

    /// Handles the signals that were not ignored when the program started, in a thread of its own. That thread sets the
    /// handlers, so that without it no signal is swallowed.
    pub(super) fn hear(mut listener: Listener) -> io::Result<()> {
        let ignored = ignored();
        let is_heard = move |signal: &i32| ignored >> (signal - 1) & 1 == 0;
        let set = Arc::new(Barrier::new(2));
        let is_set = Arc::clone(&set);
        let listening = move || {
            let signals = Signals::new([SIGHUP, SIGINT, SIGTERM].into_iter().filter(is_heard));
            is_set.wait();
            match signals {
                Ok(mut signals) => signals.forever().for_each(|_| listener.hear()),
                Err(error) => super::unheard(&error),
            }
        };
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(listening)?;
        set.wait();
        Ok(())
    }

    /// The signals ignored by this process as Linux reports them, one bit each from signal 1 on; 0 if the system does
    /// not report them.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .unwrap_or(0)
    }
}

#[cfg(not(unix))]
mod signals {
    use super::Listener;
    use std::io;

    /// Handles Ctrl-C.
    pub(super) fn hear(mut listener: Listener) -> io::Result<()> {
        ctrlc::set_handler(move || listener.hear()).map_err(io::Error::other)
    }
}
