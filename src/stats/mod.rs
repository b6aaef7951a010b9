//! Statistics of observations: tallies, quantiles, intervals, queue length over time.

mod batch_means;
mod interval;
mod lane_sum;
mod quantile;
mod queue_length;
mod tally;
mod warm_up;

pub use batch_means::{BatchMeans, Doubt, MEMORIES_KNOWN, RunInterval};
pub use interval::{Interval, Sample};
pub use lane_sum::LaneSum;
pub use quantile::QuantileSketch;
pub use queue_length::QueueLength;
pub use tally::{Statistics, Tally, WholeTally};
pub use warm_up::{TooShort, mser5};
