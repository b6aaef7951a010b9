//! The plan of kills: which turns kill their actor, and at which point. It follows from the
//! schedule's seed, the actor, the turn and the number of attempts at that turn, in whatever order
//! the actors act.

use super::schedule::{KILLS_OF, Schedule};
use crate::digest::Digest;

/// The point in a turn at which the actor dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doom {
    /// After it took the message, before it handles it.
    Before,
    /// After it handled the message and sent none, some or all of the resulting messages. The
    /// number is drawn before the number of messages is known.
    Sending(u64),
    /// After the turn was committed.
    Committed,
}

impl Doom {
    /// Number of sends, out of `sends`, after which an actor that dies while sending dies.
    pub(super) fn after_sends(self, sends: usize) -> Option<usize> {
        match self {
            Doom::Sending(word) => Some((word % (sends as u64 + 1)) as usize),
            Doom::Before | Doom::Committed => None,
        }
    }
}

/// The plan of all kills of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kills {
    seed: u64,
    of_ten_thousand: u32,
}

/// Largest number of planned kills over one message, so that a plan cannot repeat a turn for ever.
const ATTEMPTS_MAX: u32 = 8;

impl Kills {
    pub(super) fn of(schedule: &Schedule) -> Kills {
        Kills {
            seed: schedule.seed,
            of_ten_thousand: schedule.kills,
        }
    }

    /// Whether any actor is killed at all; only then are snapshots taken.
    pub(super) fn armed(self) -> bool {
        self.of_ten_thousand > 0
    }

    /// The point at which this attempt at an actor's turn ends in its death, if it does.
    #[inline]
    pub(super) fn doom(self, actor: usize, turn: u64, attempt: u32) -> Option<Doom> {
        if !self.armed() || attempt >= ATTEMPTS_MAX {
            return None;
        }
        let mut name = Digest::EMPTY;
        for word in [self.seed, actor as u64, turn, u64::from(attempt)] {
            name.fold(word);
        }
        let word = name.value();
        if word % u64::from(KILLS_OF) >= u64::from(self.of_ten_thousand) {
            return None;
        }
        let rest = word / u64::from(KILLS_OF);
        Some(match rest % 8 {
            0 | 1 => Doom::Before,
            2 => Doom::Committed,
            _ => Doom::Sending(rest / 8),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::trial::Strategy;

    fn kills(seed: u64, kills: u32) -> Kills {
        Kills::of(&Schedule {
            strategy: Strategy::Random,
            seed,
            channel_capacity: 1,
            chunk: 1,
            kills,
        })
    }

    #[test]
    fn as_many_die_as_the_plan_says_and_in_every_way() {
        let plan = kills(5, 200);
        let turns = (0..50).flat_map(|actor| (0..2000).map(move |turn| (actor, turn)));
        let dooms: Vec<Doom> = turns
            .filter_map(|(actor, turn)| plan.doom(actor, turn, 0))
            .collect();
        // 100,000 turns at 2 %: five standard deviations are 221.
        assert!((1779..2221).contains(&dooms.len()), "{}", dooms.len());
        assert!(dooms.contains(&Doom::Before) && dooms.contains(&Doom::Committed));
        let ways = dooms.iter().filter_map(|doom| doom.after_sends(2));
        let mut seen = [0; 3];
        ways.for_each(|sends| seen[sends] += 1);
        assert!(seen.iter().all(|&often| often > 100), "{seen:?}");
    }

    #[test]
    fn nobody_dies_without_a_plan_and_nobody_for_ever() {
        assert!((0..1000).all(|turn| kills(5, 0).doom(0, turn, 0).is_none()));
        assert!((0..1000).all(|turn| kills(5, 5000).doom(0, turn, ATTEMPTS_MAX).is_none()));
    }
}
