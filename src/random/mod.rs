//! All chance there is: named streams, the laws a scenario may ask for, and their samplers.
//!
//! Read in this order: [`Stream`] (where numbers come from), [`laws`] (what is asked for, with its form in a
//! scenario, moments, distribution function and transform), [`Sampler`] (how a stream becomes values of a law).
//! The elementary functions samples go through are our own or those of the `libm` crate, never the
//! platform's: the same seed gives the same bits on every machine and in every build.

mod blocks;
mod changing_rate;
pub mod laws;
mod logarithm;
mod normal;
mod power;
mod sampler;
mod stream;

pub use changing_rate::ChangingRate;
pub use laws::Law;
pub use sampler::Sampler;
pub use stream::{Purpose, Stream};
