//! What is kept of observations: tallies, quantiles, levels over time.

mod interval;
mod quantile;
mod queue_length;
mod tally;

pub use interval::Interval;
pub use quantile::QuantileSketch;
pub use queue_length::QueueLength;
pub use tally::{Statistics, Tally, WholeTally};
