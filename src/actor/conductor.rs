//! The seam through which a run is paced, paused, wound up and touched while it goes on.
//!
//! In every network one actor at a time takes turns of its own: a source, a coordinator. Before each
//! of them the runtime asks the run's [`Conductor`], in that actor's own thread and with the logical
//! time of the turn. The answer may take its time, since no result depends on when it comes; what it
//! says is either nothing, or the wish to stop, or an [`Intervention`], which equals an entry of the
//! scenario's own script.

use std::sync::atomic::{AtomicBool, Ordering};

/// Says when a turn may begin, and what comes in before it.
pub trait Conductor: Sync {
    /// Asked before each turn, with the logical time at which it would begin. It may block.
    fn before(&self, clock: f64) -> Wish;
}

/// What a conductor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The turn begins.
    Go,
    /// The run is to be wound up.
    Stop,
    /// This comes in before the turn, which is then asked for again.
    Intervene(Intervention),
}

/// What a person does to a model while it runs: takes one of its parts down, or repairs it. It holds
/// for the turn that begins next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// Index of the server.
    pub server: u32,
    /// Index of the attendant within it.
    pub attendant: u32,
    /// Down or up.
    pub change: Change,
}

/// Down or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It goes down for good, unless it is down.
    TakeDown,
    /// It comes up, unless it is up.
    Repair,
}

/// Always goes.
impl Conductor for () {
    fn before(&self, _clock: f64) -> Wish {
        Wish::Go
    }
}

/// Goes until it is set.
impl Conductor for AtomicBool {
    fn before(&self, _clock: f64) -> Wish {
        if self.load(Ordering::Relaxed) {
            Wish::Stop
        } else {
            Wish::Go
        }
    }
}
