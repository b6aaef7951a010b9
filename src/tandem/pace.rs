//! How many customers a message carries, and how many messages are underway: they change how fast a line runs
//! and nothing else.

use crate::actor::Runtime;

/// Customers in a message in one thread, unless asked otherwise: few enough to stay in a core's cache.
pub const CHUNK: usize = 1024;

/// The same between threads: enough that it pays to be woken for them, and few enough that a line of some
/// 100,000 customers soon has all its stages at work.
pub const CHUNK_BETWEEN_THREADS: usize = 2048;

/// Customers in a message in this runtime, unless asked otherwise.
#[must_use]
pub fn usual_chunk(runtime: Runtime) -> usize {
    match runtime {
        Runtime::Threads { .. } => CHUNK_BETWEEN_THREADS,
        Runtime::Inline | Runtime::Explore { .. } => CHUNK,
    }
}

/// How stages with limited places talk: it changes how fast a line runs and nothing else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How many chunks may be unanswered so that two stages never jam: 2c + 1 over channels that hold
    /// c.
    pub(super) unanswered: usize,
    /// A chunk holds at most this share of the places of the next stage, so that a thread there has
    /// something to work on while it is filled; in one thread nobody waits.
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

    /// The size of chunks for a stage with so many places.
    pub(super) fn chunk(self, most: usize, places: Option<u64>) -> usize {
        let places = places.map_or(u64::MAX, |places| places / self.share);
        most.min(usize::try_from(places).unwrap_or(most)).max(1)
    }
}
