//! The number of customers in a message, and of messages underway: they affect only the speed of a line.

use crate::actor::Runtime;

/// Customers in a message in one thread, by default: few enough to stay in a core's cache.
pub const CHUNK: usize = 1024;

/// The same between threads: enough to make a wake-up worthwhile, and few enough that all stages of a line of some
/// 100,000 customers are soon at work.
pub const CHUNK_BETWEEN_THREADS: usize = 2048;

/// Customers in a message in this runtime, by default.
#[must_use]
pub fn usual_chunk(runtime: Runtime) -> usize {
    match runtime {
        Runtime::Threads { .. } => CHUNK_BETWEEN_THREADS,
        Runtime::Inline | Runtime::Explore { .. } => CHUNK,
    }
}

/// The settings of messages between stages with limited places; they affect only the speed of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The maximum number of unanswered chunks such that two stages never deadlock: 2c + 1 over channels that hold
    /// c.
    pub(super) unanswered: usize,
    /// A chunk holds at most one `share`-th of the places of the next stage, so that a thread there has something
    /// to work on while it is filled; in one thread there is no waiting.
    share: u64,
}

impl Pace {
    pub(super) fn of(runtime: Runtime) -> Pace {
        match runtime {
            Runtime::Inline => Pace {
                unanswered: 1,
                share: 1,
            },
            Runtime::Threads { channel_capacity }
            | Runtime::Explore {
                channel_capacity, ..
            } => Pace {
                unanswered: channel_capacity.saturating_mul(2).saturating_add(1),
                share: 8,
            },
        }
    }

    /// The size of chunks for a stage with this many places.
    pub(super) fn chunk(self, most: usize, places: Option<u64>) -> usize {
        let places = places.map_or(u64::MAX, |places| places / self.share);
        most.min(usize::try_from(places).unwrap_or(most)).max(1)
    }
}
