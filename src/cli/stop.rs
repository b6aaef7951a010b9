//! Ctrl-C: the first asks the run to wind up, the second leaves at once.

use super::{Exit, output};
use crate::observe::log::Log;
use crate::report;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The wish that the run be wound up, from a signal or from a table that cannot be written.
static STOP: AtomicBool = AtomicBool::new(false);

/// Whether a signal has come.
static SIGNALLED: AtomicBool = AtomicBool::new(false);

/// Unfinished files, removed when the program leaves at once.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Marks a file as unfinished, to be removed if the program leaves at once.
pub(super) fn take_along(path: PathBuf) {
    UNFINISHED.lock().push(path);
}

/// Listens for Ctrl-C and its like from here on, and gives the flag by which a run is wound up.
///
/// Leaving at once still removes the drafts in `out`.
pub(super) fn listen(log: Option<Log>, out: Option<PathBuf>) -> &'static AtomicBool {
    let handler = move || {
        if SIGNALLED.swap(true, Ordering::Relaxed) {
            if let Some(log) = &log {
                // We leave anyway; a log that is not whole is not the worst of it.
                let _ = log.finish();
            }
            if let Some(out) = &out {
                report::sweep(out);
            }
            for path in UNFINISHED.lock().iter() {
                // One that has its name by now is not found, and stays.
                let _ = std::fs::remove_file(path);
            }
            super::live::give_back();
            #[allow(clippy::disallowed_methods, reason = "here we do leave at once")]
            std::process::exit(Exit::Interrupted as i32);
        }
        STOP.store(true, Ordering::Relaxed);
        if super::live::is_shown() {
            return;
        }
        output::note("filas: winding up; once more to leave at once, without results");
    };
    // Where the system has no signals to give, a run cannot be stopped, but it can be had.
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!(target: crate::observe::log::COMMAND, %error, "Ctrl-C will not be heard");
    }
    &STOP
}
