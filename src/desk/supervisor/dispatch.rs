//! The dispatch policies: the choice of the server to which a waiting request goes, among those that have room and
//! an attendant up with the skill. Ties go to the earlier in the file.
//!
//! Draws, from the stream (supervisor, dispatch): `random` draws one number below the count of eligible servers for
//! every request that has any, even if there is only one. `power-of-two` draws two if there are at least two: one
//! below the count, then one below the count minus one, which skips the first.
//!
//! An attendant to whom a request was sent in this step still counts as free for `longest-idle`: services begin
//! after all requests are dispatched.
//!
//! `first-available` and `least-loaded` keep a tournament tree if there are many servers, in which only changed
//! servers are compared again, so that a request costs the logarithm of the number of servers; with few servers
//! each is examined.

use super::mirror::Mirror;
use crate::planted::{self, Fault};
use crate::random::Stream;
use crate::scenario::Dispatch;

/// The number of servers up to which it is faster to examine each than to keep a tournament.
const FEW: usize = 12;

/// Chooses servers.
#[derive(Clone, Debug)]
pub(super) struct Dispatcher {
    policy: Dispatch,
    stream: Stream,
    /// The last server chosen, for `round-robin`.
    last: Option<usize>,
    /// The eligible servers; kept to reuse the allocation.
    eligible: Vec<usize>,
    tournament: Tournament,
}

impl Dispatcher {
    pub(super) fn new(policy: Dispatch, stream: Stream, classes: usize) -> Dispatcher {
        Dispatcher {
            policy,
            stream,
            last: None,
            eligible: Vec::new(),
            tournament: Tournament {
                by_load: policy == Dispatch::LeastLoaded,
                classes,
                ..Tournament::default()
            },
        }
    }

    /// Notes that the load of this server, or its attendants up, may have changed.
    pub(super) fn changed(&mut self, server: usize) {
        self.tournament.changed(server);
    }

    /// The server for a request of this class, if any is eligible; the caller must send the request there.
    pub(super) fn choose(&mut self, class: usize, servers: &[Mirror]) -> Option<usize> {
        let eligible = || (0..servers.len()).filter(|&server| is_eligible(server, class, servers));
        match self.policy {
            Dispatch::FirstAvailable if servers.len() <= FEW => eligible().next(),
            Dispatch::LeastLoaded if servers.len() <= FEW => {
                eligible().reduce(|best, server| better(best, server, class, servers))
            }
            Dispatch::FirstAvailable | Dispatch::LeastLoaded => {
                self.tournament.winner(class, servers)
            }
            Dispatch::LongestIdle => {
                let idle = |&server: &usize| servers[server].roster.idle_since_with(class);
                let idlest = eligible()
                    .filter(|server| idle(server).is_some())
                    .min_by_key(idle);
                let least_loaded = |best, server| better(best, server, class, servers);
                idlest.or_else(|| eligible().reduce(least_loaded))
            }
            Dispatch::RoundRobin => {
                let next = self.last.map_or(0, |last| last + 1);
                let mut round = (next..servers.len()).chain(0..next);
                self.last = Some(round.find(|&server| is_eligible(server, class, servers))?);
                self.last
            }
            Dispatch::Random | Dispatch::PowerOfTwo => {
                self.eligible.clear();
                self.eligible.extend(eligible());
                self.draw(class, servers)
            }
        }
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
        let [first, second] = [one.min(other), one.max(other)].map(|at| self.eligible[at as usize]);
        let chosen = if is_less_loaded(second, first, class, servers) {
            second
        } else {
            first
        };
        Some(chosen)
    }
}

fn is_eligible(server: usize, class: usize, servers: &[Mirror]) -> bool {
    servers[server].has_room() && servers[server].roster.up_with_skill(class) > 0
}

/// Whether one server's held / (attendants up with the skill) is less than another's, the fractions compared
/// without rounding. The number held fits in memory and attendants are few, so the products do not overflow.
fn is_less_loaded(one: usize, than: usize, class: usize, servers: &[Mirror]) -> bool {
    let load = |server: usize| {
        let server = &servers[server];
        (server.held, server.roster.up_with_skill(class))
    };
    let ((held, up), (other_held, other_up)) = (load(one), load(than));
    held * other_up < other_held * up
}

/// The less loaded of two servers; at a tie, the earlier in the file.
fn better(left: usize, right: usize, class: usize, servers: &[Mirror]) -> usize {
    let less = |one, than| is_less_loaded(one, than, class, servers);
    let reported = |server: usize| planted::completed((server as u32, u32::MAX));
    let upset =
        planted::is(Fault::UnsortedTies) && !less(left, right) && reported(right) < reported(left);
    if upset || less(right, left) {
        right
    } else {
        left
    }
}

/// The eligible servers compared in pairs, and the winners of neighbours compared in turn: one tree per class, in
/// which a change of one server concerns only the nodes above it.
#[derive(Clone, Debug, Default)]
struct Tournament {
    /// Whether the less loaded wins; otherwise, and at a tie, the earlier in the file.
    by_load: bool,
    classes: usize,
    /// The number of leaves of a tree: a power of two.
    leaves: usize,
    /// Tree after tree: an unused entry, the winner of all, the winners of the two halves, and so on down to the
    /// servers themselves; none if no server is eligible.
    winners: Vec<Option<u32>>,
    /// The servers that have changed since they were last compared.
    changed: Vec<usize>,
}

impl Tournament {
    fn changed(&mut self, server: usize) {
        if self.changed.len() < self.leaves {
            self.changed.push(server);
        } else {
            // As many changes as servers: all are compared again.
            self.changed.clear();
            self.winners.clear();
        }
    }

    fn winner(&mut self, class: usize, servers: &[Mirror]) -> Option<usize> {
        if self.winners.is_empty() {
            self.hold(servers);
            self.changed.clear();
        }
        while let Some(server) = self.changed.pop() {
            self.repeat(server, servers);
        }
        let winner = self.winners[class * 2 * self.leaves + 1].map(|server| server as usize);
        self.changed.extend(winner);
        winner
    }

    fn hold(&mut self, servers: &[Mirror]) {
        self.leaves = servers.len().next_power_of_two();
        self.winners.resize(self.classes * 2 * self.leaves, None);
        for class in 0..self.classes {
            let root = class * 2 * self.leaves;
            for server in 0..servers.len() {
                let plays = is_eligible(server, class, servers);
                self.winners[root + self.leaves + server] = plays.then_some(server as u32);
            }
            for node in (1..self.leaves).rev() {
                self.winners[root + node] = self.better(class, node, servers);
            }
        }
    }

    fn repeat(&mut self, server: usize, servers: &[Mirror]) {
        for class in 0..self.classes {
            let root = class * 2 * self.leaves;
            let mut node = self.leaves + server;
            let plays = is_eligible(server, class, servers);
            self.winners[root + node] = plays.then_some(server as u32);
            while node > 1 {
                node /= 2;
                self.winners[root + node] = self.better(class, node, servers);
            }
        }
    }

    /// The better of the winners below a node.
    fn better(&self, class: usize, node: usize, servers: &[Mirror]) -> Option<u32> {
        let below = (class * self.leaves + node) * 2;
        match (self.winners[below], self.winners[below + 1]) {
            (Some(left), Some(right)) if self.by_load => {
                let winner = better(left as usize, right as usize, class, servers);
                Some(winner as u32)
            }
            (left, right) => left.or(right),
        }
    }
}
