//! When each server next has something to do. Servers that do nothing cost nothing: who is due is found
//! in a tree of the soonest of every two neighbours, so that a change costs by the logarithm of the
//! servers, and a question by the number of those it finds.

use crate::time::Step;

/// A step for each server; [`Step::MAX`] is never.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    /// How many leaves the tree has: a power of two.
    leaves: usize,
    /// Nothing, the soonest of all, the soonest of the two halves, and so on to the servers themselves.
    soonest: Vec<Step>,
}

impl Calendar {
    /// Nobody has anything to do.
    pub(super) fn new(servers: usize) -> Calendar {
        let leaves = servers.next_power_of_two();
        Calendar {
            leaves,
            soonest: vec![Step::MAX; 2 * leaves],
        }
    }

    /// This server has something to do in this step, and not before.
    pub(super) fn set(&mut self, server: usize, step: Step) {
        let mut node = self.leaves + server;
        let mut soonest = step;
        while self.soonest[node] != soonest {
            self.soonest[node] = soonest;
            if node == 1 {
                break;
            }
            soonest = soonest.min(self.soonest[node ^ 1]);
            node /= 2;
        }
    }

    /// The step in which the next of them has.
    pub(super) fn soonest(&self) -> Step {
        self.soonest[1]
    }

    /// Lists, rising, who has in this step or had before.
    pub(super) fn due(&self, step: Step, servers: &mut Vec<usize>) {
        if self.soonest() <= step {
            self.due_below(1, step, servers);
        }
    }

    fn due_below(&self, node: usize, step: Step, servers: &mut Vec<usize>) {
        if self.soonest[node] > step {
            return;
        }
        if node >= self.leaves {
            servers.push(node - self.leaves);
        } else {
            self.due_below(2 * node, step, servers);
            self.due_below(2 * node + 1, step, servers);
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
            let mut plain = vec![Step::MAX; servers];
            assert_eq!(calendar.soonest(), Step::MAX);
            for turn in 0..200 {
                let step = (turn * 7919) as Step % 23;
                let server = turn * 31 % servers;
                plain[server] = if step == 0 { Step::MAX } else { step };
                calendar.set(server, plain[server]);
                assert_eq!(Some(calendar.soonest()), plain.iter().copied().min());
                let mut due = Vec::new();
                calendar.due(11, &mut due);
                let wanted = (0..servers).filter(|&server| plain[server] <= 11);
                assert_eq!(due, wanted.collect::<Vec<_>>());
            }
        }
    }
}
