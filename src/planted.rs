//! Faults planted on purpose, with which the suite shows that `filas stress` finds such faults.
//!
//! They are in production code, each at the line where a programmer might make it, behind [`is`]. Only a build with the
//! test-only feature `planted` can plant one; in any other build [`is`] is always false and the faults are compiled
//! out.

/// A fault that a programmer might make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A server merges its attendants' replies in the order in which they were made.
    RepliesByCompletion,
    /// All stages draw from one generator.
    SharedGenerator,
    /// Ties between equally loaded servers go to the one that reported first.
    UnsortedTies,
    /// The message that killed an actor is not delivered again.
    LostOnRestart,
    /// The message committed before an actor died is delivered again.
    TwiceOnRestart,
    /// One more chunk may be unanswered than two channels hold.
    CreditOffByOne,
    /// A stage waits for more customers before it answers those it has.
    WaitForEachOther,
    /// The replies of two attendants arrive at each other's port.
    SwappedEnds,
    /// Requests enter the buffer in the order of a hash map.
    HashOrder,
    /// Floats are summed by rayon, in no fixed order.
    ParallelSum,
    /// The digest skips the last customer of a message.
    BlindDigest,
}

impl Fault {
    /// All faults.
    pub const ALL: [Fault; 11] = [
        Fault::RepliesByCompletion,
        Fault::SharedGenerator,
        Fault::UnsortedTies,
        Fault::LostOnRestart,
        Fault::TwiceOnRestart,
        Fault::CreditOffByOne,
        Fault::WaitForEachOther,
        Fault::SwappedEnds,
        Fault::HashOrder,
        Fault::ParallelSum,
        Fault::BlindDigest,
    ];

    /// The fault's name on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fault::RepliesByCompletion => "replies-by-completion",
            Fault::SharedGenerator => "shared-generator",
            Fault::UnsortedTies => "unsorted-ties",
            Fault::LostOnRestart => "lost-on-restart",
            Fault::TwiceOnRestart => "twice-on-restart",
            Fault::CreditOffByOne => "credit-off-by-one",
            Fault::WaitForEachOther => "wait-for-each-other",
            Fault::SwappedEnds => "swapped-ends",
            Fault::HashOrder => "hash-order",
            Fault::ParallelSum => "parallel-sum",
            Fault::BlindDigest => "blind-digest",
        }
    }
}

#[cfg(not(feature = "planted"))]
pub(crate) use nothing::*;
#[cfg(feature = "planted")]
pub use something::*;

/// Stubs for a build in which no fault can be planted.
#[cfg(not(feature = "planted"))]
mod nothing {
    use super::Fault;

    pub(crate) const fn is(_fault: Fault) -> bool {
        false
    }

    pub(crate) const fn begin() {}

    pub(crate) const fn complete(_who: (u32, u32)) {}

    pub(crate) const fn completed(_who: (u32, u32)) -> u64 {
        0
    }

    pub(crate) const fn shared_draw() -> f64 {
        0.0
    }

    pub(crate) fn by_hash<T>(_list: &mut Vec<T>, _key: impl Fn(&T) -> u64) {}
}

/// State shared by all actors, which faults need and no sound model has.
#[cfg(feature = "planted")]
mod something {
    #![allow(clippy::disallowed_types, reason = "that is the fault")]
    #![allow(clippy::missing_panics_doc, reason = "locks are not broken")]

    use super::Fault;
    use crate::random::{Purpose, Stream};
    use parking_lot::Mutex;
    use std::collections::{BTreeMap, HashMap};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The number of completions so far, and the number of the latest one by `who`.
    type Completed = (u64, BTreeMap<(u32, u32), u64>);

    static PLANTED: Mutex<Option<Fault>> = Mutex::new(None);
    static COMPLETED: Mutex<Completed> = Mutex::new((0, BTreeMap::new()));
    static GENERATOR: Mutex<Option<Stream>> = Mutex::new(None);

    /// Plants a fault, or removes it if `None`.
    pub fn plant(fault: Option<Fault>) {
        *PLANTED.lock() = fault;
    }

    /// Whether this fault is planted.
    pub fn is(fault: Fault) -> bool {
        *PLANTED.lock() == Some(fault)
    }

    /// Resets the shared state at the start of a run.
    pub fn begin() {
        *COMPLETED.lock() = (0, BTreeMap::new());
        *GENERATOR.lock() = Some(Stream::new(0, 0, "shared", Purpose::Service));
    }

    /// Counts one completion by `who`.
    pub fn complete(who: (u32, u32)) {
        let mut completed = COMPLETED.lock();
        completed.0 += 1;
        let now = completed.0;
        completed.1.insert(who, now);
    }

    /// The number of the latest completion by `who`; 0 if there is none.
    pub fn completed(who: (u32, u32)) -> u64 {
        COMPLETED.lock().1.get(&who).copied().unwrap_or(0)
    }

    /// A number in [0, 1) from the one generator.
    pub fn shared_draw() -> f64 {
        GENERATOR.lock().as_mut().map_or(0.5, Stream::unit)
    }

    /// Sums the values 300 times, each time by all of rayon's threads at once. The threads wait briefly for each other
    /// to start: if one finishes before the next wakes, as on an idle machine, the sums hardly differ.
    pub fn parallel_sums(values: &[f64]) -> Vec<f64> {
        let sum = |_| {
            let total = Mutex::new(0.0);
            let awake = AtomicUsize::new(0);
            rayon::broadcast(|one| {
                awake.fetch_add(1, Ordering::SeqCst);
                let all_awake = || awake.load(Ordering::SeqCst) == one.num_threads();
                // The wait is bounded, as processors may be busy.
                (0..5_000)
                    .take_while(|_| !all_awake())
                    .for_each(|_| std::hint::spin_loop());
                let own = values.iter().skip(one.index()).step_by(one.num_threads());
                own.for_each(|value| *total.lock() += value);
            });
            total.into_inner()
        };
        (0..300).map(sum).collect()
    }

    /// Puts a list into the order in which a hash map iterates over it.
    pub fn by_hash<T>(list: &mut Vec<T>, key: impl Fn(&T) -> u64) {
        let map: HashMap<u64, T> = list.drain(..).map(|one| (key(&one), one)).collect();
        list.extend(map.into_values());
    }
}
