//! The hook through which a run is paced, paused, stopped and intervened in while it goes on.
//!
//! In every network one actor at a time takes turns of its own: a source or a coordinator. Before
//! each of these turns the runtime asks the run's [`Conductor`], in that actor's thread and with
//! the logical time of the turn. The conductor may block, since no result depends on when it
//! answers. Its answer is to go on, to stop, or an [`Intervention`], which is equivalent to an
//! entry in the scenario's own script.

use std::sync::atomic::{AtomicBool, Ordering};

/// Decides when a turn may begin and what is done before it.
pub trait Conductor: Sync {
    /// Called before each turn with the logical time at which it would begin. It may block.
    fn before(&self, clock: f64) -> Wish;
}

/// A conductor's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The turn begins.
    Go,
    /// The run is to end early.
    Stop,
    /// The intervention is applied before the turn, and the conductor is then asked again.
    Intervene(Intervention),
}

/// An action of a person on a running model: takes an attendant down, or repairs it. It takes
/// effect in the turn that begins next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// Index of the server.
    pub server: u32,
    /// Index of the attendant within it.
    pub attendant: u32,
    /// Whether the attendant goes down or comes up.
    pub change: Change,
}

/// The two interventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It goes down for good, unless it is already down.
    TakeDown,
    /// It comes up, unless it is already up.
    Repair,
}

/// Never stops a run.
impl Conductor for () {
    fn before(&self, _clock: f64) -> Wish {
        Wish::Go
    }
}

/// Lets the run go on until the flag is set, then stops it.
impl Conductor for AtomicBool {
    fn before(&self, _clock: f64) -> Wish {
        if self.load(Ordering::Relaxed) {
            Wish::Stop
        } else {
            Wish::Go
        }
    }
}
