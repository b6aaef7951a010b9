//! Many runs of one scenario, or of several that differ a little: replications with intervals, grids
//! of scenarios, and which closed form fits one.
//!
//! [`replicate()`] runs a scenario again and again on a [`Crew`]; [`Layout`] says which measures there
//! are. [`order`] asks which order of a line's stages is best; it rests on [`selection`], which drops
//! what cannot be the best and knows nothing of lines. [`Fit`] says which closed form a scenario has.
//! Everything here is a function of scenario, seed and what is asked for, whoever did the work.

mod crew;
mod fit;
pub mod measures;
pub mod order;
pub mod permutation;
pub mod published;
mod replicate;
mod replication;
pub mod search;
pub mod selection;
pub mod standing;
pub mod sweep;
mod walk;
pub mod warm_up;

pub use crew::{Crew, NoCrew};
pub use fit::{Assumption, Fit};
pub use measures::{Layout, UnknownMeasure};
pub use replicate::{Conduct, Goal, Replicated, Replication, replicate};

use std::sync::atomic::AtomicBool;

/// A run that nobody stops.
static NEVER: AtomicBool = AtomicBool::new(false);
