//! The name of a schedule: strategy, seed, channel capacity, chunk and kills in one short text that
//! determines it completely, so that it can be run again.
//!
//! `pct3-17-c2-m7-k200` is schedule 17 of the strategy `pct3`, over channels that hold 2 messages
//! of at most 7 customers each, with 200 of 10,000 handled messages killing their actor.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The rule that chooses which actor acts next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strategy {
    /// Any actor that can move, all equally likely at every move.
    Random,
    /// Probabilistic concurrency testing (Burckhardt and others, ASPLOS 2010): actors have random
    /// priorities, the movable actor of the highest priority moves, and at `depth` - 1 random moves
    /// the actor about to move gets the lowest priority. A fault that needs `depth` particular
    /// orderings among `n` actors and `k` moves is found with a probability of at least 1 / (n
    /// k^(depth - 1)).
    Pct {
        /// Number of orderings a fault may need.
        depth: u32,
    },
    /// The actors in turn, from the one the seed selects, forwards or backwards.
    RoundRobin,
    /// Every schedule of a small system: the seed, written in digits, is the list of its choices.
    Exhaustive,
    /// Real threads, perturbed: yields, sleeps, victims, starvation, shuffled starts.
    Threads,
}

impl Strategy {
    /// Whether the actors run in one thread, so that the schedule can be repeated exactly.
    #[must_use]
    pub fn is_explored(self) -> bool {
        self != Strategy::Threads
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Strategy::Random => f.write_str("random"),
            Strategy::Pct { depth } => write!(f, "pct{depth}"),
            Strategy::RoundRobin => f.write_str("rr"),
            Strategy::Exhaustive => f.write_str("all"),
            Strategy::Threads => f.write_str("threads"),
        }
    }
}

/// One order in which the actors of a run act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The rule that chooses which actor acts next.
    pub strategy: Strategy,
    /// Number of the schedule within its strategy.
    pub seed: u64,
    /// Number of messages a channel holds; with 0, sender and receiver meet.
    pub channel_capacity: usize,
    /// Largest number of customers in a message of a line.
    pub chunk: usize,
    /// Number of handled messages, out of 10,000, that kill their actor.
    pub kills: u32,
}

/// The number of messages to which [`Schedule::kills`] refers.
pub const KILLS_OF: u32 = 10_000;

/// Largest channel capacity of a schedule.
const CAPACITY_MAX: usize = 1 << 16;

/// Largest number of customers in a message of a schedule.
const CHUNK_MAX: usize = 1 << 20;

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Schedule {
            strategy,
            seed,
            channel_capacity,
            chunk,
            kills,
        } = self;
        write!(f, "{strategy}-{seed}-c{channel_capacity}-m{chunk}-k{kills}")
    }
}

/// A text that is not the name of a schedule.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{text}` is not a schedule: {what}; a schedule is STRATEGY-SEED-cCAPACITY-mCHUNK-kKILLS as in \
     pct3-17-c2-m7-k200, with random, pct1 to pct9, rr, all or threads for the strategy"
)]
pub struct NoSchedule {
    text: String,
    what: &'static str,
}

impl FromStr for Schedule {
    type Err = NoSchedule;

    fn from_str(text: &str) -> Result<Schedule, NoSchedule> {
        let wrong = |what| NoSchedule {
            text: text.chars().take(80).collect(),
            what,
        };
        let parts: Vec<&str> = text.split('-').collect();
        let [strategy, seed, capacity, chunk, kills] = parts[..] else {
            return Err(wrong("it does not have five parts"));
        };
        let strategy = match strategy {
            "random" => Strategy::Random,
            "rr" => Strategy::RoundRobin,
            "all" => Strategy::Exhaustive,
            "threads" => Strategy::Threads,
            other => match other.strip_prefix("pct").map(str::parse) {
                Some(Ok(depth @ 1..=9)) => Strategy::Pct { depth },
                _ => return Err(wrong("there is no such strategy")),
            },
        };
        let number = |part: &str, prefix: &str| -> Option<u64> {
            let digits = part.strip_prefix(prefix)?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        };
        let size = |part: &str, prefix: &str, most: usize| {
            let value = usize::try_from(number(part, prefix)?).ok()?;
            Some(value).filter(|&value| value <= most)
        };
        Ok(Schedule {
            strategy,
            seed: number(seed, "").ok_or_else(|| wrong("its seed is not a whole number"))?,
            channel_capacity: size(capacity, "c", CAPACITY_MAX)
                .ok_or_else(|| wrong("its third part is not c0 to c65536"))?,
            chunk: size(chunk, "m", CHUNK_MAX)
                .filter(|&chunk| chunk > 0)
                .ok_or_else(|| wrong("its fourth part is not m1 to m1048576"))?,
            kills: size(kills, "k", KILLS_OF as usize / 2)
                .ok_or_else(|| wrong("its fifth part is not k0 to k5000"))?
                as u32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_reads_back_from_its_name() {
        for strategy in [
            Strategy::Random,
            Strategy::Pct { depth: 3 },
            Strategy::RoundRobin,
            Strategy::Exhaustive,
            Strategy::Threads,
        ] {
            for (seed, channel_capacity, chunk, kills) in [
                (0, 0, 1, 0),
                (u64::MAX, 65536, 1 << 20, 5000),
                (17, 2, 7, 200),
            ] {
                let schedule = Schedule {
                    strategy,
                    seed,
                    channel_capacity,
                    chunk,
                    kills,
                };
                assert_eq!(schedule.to_string().parse(), Ok(schedule));
            }
        }
        let named = "pct3-17-c2-m7-k200".parse::<Schedule>().unwrap();
        assert_eq!(named.strategy, Strategy::Pct { depth: 3 });
        assert_eq!((named.seed, named.channel_capacity), (17, 2));
        assert_eq!((named.chunk, named.kills), (7, 200));
    }

    #[test]
    fn what_names_no_schedule_is_told_with_what_is_wrong() {
        for (text, what) in [
            ("", "five parts"),
            ("random", "five parts"),
            ("pct0-1-c1-m1-k0", "no such strategy"),
            ("pct-1-c1-m1-k0", "no such strategy"),
            ("dfs-1-c1-m1-k0", "no such strategy"),
            ("rr-x-c1-m1-k0", "seed"),
            ("rr-+1-c1-m1-k0", "seed"),
            ("rr-18446744073709551616-c1-m1-k0", "seed"),
            ("rr-1-c65537-m1-k0", "third"),
            ("rr-1-1-m1-k0", "third"),
            ("rr-1-c1-m0-k0", "fourth"),
            ("rr-1-c1-m1-k5001", "fifth"),
        ] {
            let told = text.parse::<Schedule>().unwrap_err().to_string();
            assert!(told.contains(what) && told.contains("pct3-17"), "{told}");
        }
    }
}
