//! Random numbers: named streams, the laws a scenario may name, and their samplers.
//!
//! Read in this order: [`Stream`] (the source of numbers), [`laws`] (each law with its form in a scenario, moments,
//! distribution function and transform), [`Sampler`] (turns a stream into values of a law), [`Draws`] (the value
//! that belongs to an index). Samples use only elementary functions of this crate or of the `libm` crate, never the
//! platform's: the same seed gives the same bits on every machine and in every build.

mod blocks;
mod changing_rate;
mod draws;
pub mod laws;
mod logarithm;
pub(crate) mod normal;
mod power;
mod rounding;
mod sampler;
mod stream;

pub use changing_rate::ChangingRate;
pub use draws::Draws;
pub use laws::Law;
pub use rounding::Rounding;
pub use sampler::Sampler;
pub use stream::{Purpose, Stream, StreamName};
