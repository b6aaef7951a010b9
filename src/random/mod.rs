//! All chance there is: named streams, the laws a scenario may ask for, and their samplers.
//!
//! Read in this order: [`Stream`] (where numbers come from), [`Law`] (what is asked for, with its
//! moments, distribution function and transform), [`Sampler`] (how a stream becomes values of a law).
//! The elementary functions samples go through are our own or those of the `libm` crate, never the
//! platform's: the same seed gives the same bits on every machine and in every build.

mod changing_rate;
mod distribution;
mod gamma;
mod law;
mod logarithm;
mod moments;
mod normal;
mod plan;
mod power;
mod sampler;
#[cfg(test)]
mod stability;
mod stream;
mod transform;

pub use changing_rate::ChangingRate;
pub use law::Law;
pub use sampler::Sampler;
pub use stream::{Purpose, Stream};
