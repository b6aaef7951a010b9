//! Faults planted on purpose, so that the suite can show that `filas stress` finds their like.
//!
//! They are in the code that the product uses, each at the line where somebody might make it, behind
//! [`is`]. Only a build with the test-only feature `planted` can plant one; in any other, [`is`] is
//! constantly false and nothing of this is left.

/// A fault that somebody might make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A server merges its attendants' replies in the order in which they were made.
    RepliesByCompletion,
    /// All stages draw from one generator.
    SharedGenerator,
    /// Servers alike loaded are chosen by who reported first.
    UnsortedTies,
    /// The message that an actor died of is not given again.
    LostOnRestart,
    /// The message that was committed before an actor died is given again.
    TwiceOnRestart,
    /// One chunk more may be unanswered than two channels hold.
    CreditOffByOne,
    /// A stage waits for more customers before it answers those it had.
    WaitForEachOther,
    /// The replies of two attendants come in at each other's port.
    SwappedEnds,
    /// Requests enter the buffer in the order of a hash map.
    HashOrder,
    /// A sum of floats is left to rayon.
    ParallelSum,
    /// The digest passes over the last customer of a message.
    BlindDigest,
}

impl Fault {
    /// All of them.
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

    /// Its name on a command line.
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

/// What is left in a build that nothing can be planted in.
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

/// What faults need that no sound model has: state that all actors share.
#[cfg(feature = "planted")]
mod something {
    #![allow(clippy::disallowed_types, reason = "that is the fault")]
    #![allow(clippy::missing_panics_doc, reason = "locks are not broken")]

    use super::Fault;
    use crate::random::{Purpose, Stream};
    use parking_lot::Mutex;
    use std::collections::{BTreeMap, HashMap};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// How many have completed anything, and when each last did.
    type Completed = (u64, BTreeMap<(u32, u32), u64>);

    static PLANTED: Mutex<Option<Fault>> = Mutex::new(None);
    static COMPLETED: Mutex<Completed> = Mutex::new((0, BTreeMap::new()));
    static GENERATOR: Mutex<Option<Stream>> = Mutex::new(None);

    /// Plants a fault, or takes it out again.
    pub fn plant(fault: Option<Fault>) {
        *PLANTED.lock() = fault;
    }

    /// Whether this fault is planted.
    pub fn is(fault: Fault) -> bool {
        *PLANTED.lock() == Some(fault)
    }

    /// A run begins.
    pub fn begin() {
        *COMPLETED.lock() = (0, BTreeMap::new());
        *GENERATOR.lock() = Some(Stream::new(0, 0, "shared", Purpose::Service));
    }

    /// Somebody has completed what it was about.
    pub fn complete(who: (u32, u32)) {
        let mut completed = COMPLETED.lock();
        completed.0 += 1;
        let now = completed.0;
        completed.1.insert(who, now);
    }

    /// When it last did.
    pub fn completed(who: (u32, u32)) -> u64 {
        COMPLETED.lock().1.get(&who).copied().unwrap_or(0)
    }

    /// A number in [0, 1) from the one generator.
    pub fn shared_draw() -> f64 {
        GENERATOR.lock().as_mut().map_or(0.5, Stream::unit)
    }

    /// The sum of values, taken some times over, as all of rayon's threads add them up when they come by. They
    /// begin together if they can: where one is done before the next wakes, as on an idle machine, sums hardly
    /// differ.
    pub fn parallel_sums(values: &[f64]) -> Vec<f64> {
        let sum = |_| {
            let total = Mutex::new(0.0);
            let awake = AtomicUsize::new(0);
            rayon::broadcast(|one| {
                awake.fetch_add(1, Ordering::SeqCst);
                let all_awake = || awake.load(Ordering::SeqCst) == one.num_threads();
                // Where processors are busy it is not worth the while.
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

    /// Puts a list into the order in which a hash map has it.
    pub fn by_hash<T>(list: &mut Vec<T>, key: impl Fn(&T) -> u64) {
        let map: HashMap<u64, T> = list.drain(..).map(|one| (key(&one), one)).collect();
        list.extend(map.into_values());
    }
}
