//! The next time at which each server has something to do. Idle servers cost nothing: those due are found in a
//! binary tree of earliest times, so a change costs the logarithm of the number of servers, and a query grows with
//! the number of servers found.

use crate::time::Time;

/// A time for each server.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    /// The number of leaves of the tree: a power of two.
    leaves: usize,
    /// An unused entry, the earliest of all, the earliest of each half, and so on down to the servers themselves.
    soonest: Vec<Time>,
}

impl Calendar {
    /// A calendar in which no server has anything to do.
    pub(super) fn new(servers: usize) -> Calendar {
        let leaves = servers.next_power_of_two();
        Calendar {
            leaves,
            soonest: vec![Time::NEVER; 2 * leaves],
        }
    }

    /// Sets the next time at which this server has something to do.
    pub(super) fn set(&mut self, server: usize, time: Time) {
        let mut node = self.leaves + server;
        let mut soonest = time;
        while self.soonest[node] != soonest {
            self.soonest[node] = soonest;
            if node == 1 {
                break;
            }
            soonest = soonest.min(self.soonest[node ^ 1]);
            node /= 2;
        }
    }

    /// The earliest time of all.
    pub(super) fn soonest(&self) -> Time {
        self.soonest[1]
    }

    /// Lists the servers whose time is at most `time`, in ascending order.
    pub(super) fn due(&self, time: Time, servers: &mut Vec<usize>) {
        if self.soonest() <= time {
            self.due_below(1, time, servers);
        }
    }

    fn due_below(&self, node: usize, time: Time, servers: &mut Vec<usize>) {
        if self.soonest[node] > time {
            return;
        }
        if node >= self.leaves {
            servers.push(node - self.leaves);
        } else {
            self.due_below(2 * node, time, servers);
            self.due_below(2 * node + 1, time, servers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_due_is_found_whatever_was_said_before() {
        for servers in 1..10 {
            let mut calendar = Calendar::new(servers);
            let mut plain = vec![Time::NEVER; servers];
            assert_eq!(calendar.soonest(), Time::NEVER);
            for turn in 0..200 {
                let time = (turn * 7919) as u64 % 23;
                let server = turn * 31 % servers;
                plain[server] = match time {
                    0 => Time::NEVER,
                    time => Time::of(time),
                };
                calendar.set(server, plain[server]);
                assert_eq!(Some(calendar.soonest()), plain.iter().copied().min());
                let mut due = Vec::new();
                calendar.due(Time::of(11), &mut due);
                let wanted = (0..servers).filter(|&server| plain[server] <= Time::of(11));
                assert_eq!(due, wanted.collect::<Vec<_>>());
            }
        }
    }
}
