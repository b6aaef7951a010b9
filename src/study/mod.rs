//! Many runs of one scenario, or of several that differ a little: replications with intervals, grids
//! of scenarios, and which closed form fits one.
//!
//! [`replicate()`] runs a scenario again and again on a [`Crew`]; [`Layout`] says which measures there
//! are. A study is rounds of numbered jobs; what is finished is in a [`Ledger`], and a [`Labour`] says who
//! does the rest: this process, its [`Share`] of it, or others. [`order`] asks which order of a line's stages is best; it rests on [`selection`], which drops
//! what cannot be the best and knows nothing of lines. [`Fit`] says which closed form a scenario has.
//! Everything here is a function of scenario, seed and what is asked for, whoever did the work.

mod crew;
mod fit;
mod goal;
pub mod ledger;
pub mod measures;
pub mod order;
pub mod permutation;
pub mod published;
mod replicate;
mod replication;
mod round;
pub mod search;
pub mod selection;
mod share;
pub mod standing;
pub mod sweep;
mod walk;
pub mod warm_up;

pub use crew::{Crew, NoCrew};
pub use fit::{Assumption, Fit};
pub use goal::Goal;
pub use ledger::{InMemory, Ledger, Row};
pub use measures::{Fold, Layout, UnknownMeasure};
pub use replicate::{Replicated, replicate};
pub use round::{Conduct, Labour, StudyError};
pub use share::Share;

use std::sync::atomic::AtomicBool;

/// A run that nobody stops.
static NEVER: AtomicBool = AtomicBool::new(false);
