//! The dispatch policies: to which server a waiting request goes, among those that have room and an
//! attendant up with the skill. Ties go to the earlier in the file.
//!
//! Draws, from the stream (supervisor, dispatch): `random` draws one number below the count of eligible
//! servers for every request that has any, even if it is only one. `power-of-two` draws two where there
//! are at least two: one below the count, then one below the count less one, which skips the first.

use super::mirror::Mirror;
use crate::planted::{self, Fault};
use crate::random::Stream;
use crate::scenario::Dispatch;

/// Chooses servers.
#[derive(Clone, Debug)]
pub(super) struct Dispatcher {
    policy: Dispatch,
    stream: Stream,
    /// The last server chosen, for `round-robin`.
    last: Option<usize>,
    /// Room for the eligible, kept from call to call.
    eligible: Vec<usize>,
}

impl Dispatcher {
    pub(super) fn new(policy: Dispatch, stream: Stream) -> Dispatcher {
        Dispatcher {
            policy,
            stream,
            last: None,
            eligible: Vec::new(),
        }
    }

    /// The server for a request of this class, if any is eligible.
    pub(super) fn choose(&mut self, class: usize, servers: &[Mirror]) -> Option<usize> {
        let mut eligible = (0..servers.len()).filter(|&server| {
            servers[server].has_room() && servers[server].roster.up_with_skill(class) > 0
        });
        let chosen = match self.policy {
            Dispatch::FirstAvailable => eligible.next()?,
            Dispatch::LeastLoaded => less_loaded(eligible, class, servers)?,
            Dispatch::RoundRobin => {
                let first = eligible.next()?;
                match self.last {
                    Some(last) if first <= last => eligible.find(|&s| s > last).unwrap_or(first),
                    _ => first,
                }
            }
            Dispatch::Random | Dispatch::PowerOfTwo => {
                self.eligible.clear();
                self.eligible.extend(eligible);
                self.draw(class, servers)?
            }
        };
        self.last = Some(chosen);
        Some(chosen)
    }

    fn draw(&mut self, class: usize, servers: &[Mirror]) -> Option<usize> {
        let count = self.eligible.len() as u64;
        if count == 0 {
            return None;
        }
        if self.policy == Dispatch::Random {
            return Some(self.eligible[self.stream.below(count) as usize]);
        }
        if count == 1 {
            return Some(self.eligible[0]);
        }
        let one = self.stream.below(count);
        let other = self.stream.below(count - 1);
        let other = if other >= one { other + 1 } else { other };
        let pair = [one.min(other), one.max(other)].map(|at| self.eligible[at as usize]);
        less_loaded(pair.into_iter(), class, servers)
    }
}

/// The smallest held / (attendants up with the skill), the fractions compared without rounding. What is
/// held fits in memory and attendants are few, so the products do not overflow.
fn less_loaded(
    among: impl Iterator<Item = usize>,
    class: usize,
    servers: &[Mirror],
) -> Option<usize> {
    let load = |server: usize| {
        let up = servers[server].roster.up_with_skill(class);
        (servers[server].held(), up, server)
    };
    among
        .map(load)
        .reduce(|best, next| {
            let (ours, theirs) = (next.0 * best.1, best.0 * next.1);
            let reported = |server: usize| planted::completed((server as u32, u32::MAX));
            let first = planted::is(Fault::UnsortedTies) && reported(next.2) < reported(best.2);
            if ours < theirs || (ours == theirs && first) {
                next
            } else {
                best
            }
        })
        .map(|(_, _, server)| server)
}
