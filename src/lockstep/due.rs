//! Which station is due next: a tournament of the moments at which something of each is due.
//!
//! A change costs the logarithm of the number of stations at most, and nothing where it changes no winner; the
//! earliest moment is at hand, and so are the stations due then.

use crate::time::Moment;

/// The moments at which stations are due.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// A heap-ordered tree: the children of node n are 2n and 2n + 1, the root is 1, and the leaves are the last
    /// half. A node holds the earlier moment of its children.
    nodes: Vec<Moment>,
    /// Number of leaves.
    leaves: usize,
}

impl Due {
    /// These moments, by station.
    pub(super) fn new(moments: impl ExactSizeIterator<Item = Moment>) -> Due {
        let leaves = moments.len().next_power_of_two();
        let mut due = Due {
            nodes: vec![Moment::NEVER; 2 * leaves],
            leaves,
        };
        for (station, moment) in (0..).zip(moments) {
            due.set(station, moment);
        }
        due
    }

    /// The earliest moment.
    #[inline]
    pub(super) fn first(&self) -> Moment {
        self.nodes[1]
    }

    /// The moment at which a station is due.
    pub(super) fn of(&self, station: u32) -> Moment {
        self.nodes[self.leaves + station as usize]
    }

    /// A station is due at this moment.
    #[inline]
    pub(super) fn set(&mut self, station: u32, moment: Moment) {
        let mut node = self.leaves + station as usize;
        if self.nodes[node] == moment {
            return;
        }
        self.nodes[node] = moment;
        let mut winner = moment;
        while node > 1 {
            let other = self.nodes[node ^ 1];
            if is_before(other, winner) {
                winner = other;
            }
            node /= 2;
            if self.nodes[node] == winner {
                return;
            }
            self.nodes[node] = winner;
        }
    }

    /// The station that is due at the earliest moment, if it is the only one.
    #[inline]
    pub(super) fn only_first(&self) -> Option<u32> {
        let (now, mut node) = (self.nodes[1], 1);
        while node < self.leaves {
            node *= 2;
            match (self.nodes[node] == now, self.nodes[node + 1] == now) {
                (true, true) => return None,
                (true, false) => {}
                _ => node += 1,
            }
        }
        (now != Moment::NEVER).then(|| (node - self.leaves) as u32)
    }

    /// Lists the stations due at the earliest moment, in order, if that is `now`; none is due [never](Moment::NEVER).
    pub(super) fn list(&self, now: Moment, stations: &mut Vec<u32>) {
        if self.nodes[1] == now && now != Moment::NEVER {
            self.list_below(1, now, stations);
        }
    }

    fn list_below(&self, mut node: usize, now: Moment, stations: &mut Vec<u32>) {
        while node < self.leaves {
            node *= 2;
            match (self.nodes[node] == now, self.nodes[node + 1] == now) {
                (true, true) => {
                    self.list_below(node, now, stations);
                    node += 1;
                }
                (true, false) => {}
                _ => node += 1,
            }
        }
        stations.push((node - self.leaves) as u32);
    }
}

/// Whether a moment is before another; both have times that are not negative.
#[inline]
fn is_before(one: Moment, other: Moment) -> bool {
    one.time < other.time || (one.time == other.time && one.round < other.round)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_are_found_after_any_changes() {
        for count in [1, 2, 3, 10, 17] {
            let mut moments = vec![Moment::NEVER; count];
            let mut due = Due::new(moments.iter().copied());
            for turn in 0..2000_u32 {
                let drawn = turn.wrapping_mul(2_654_435_761) >> 16;
                let station = drawn as usize % count;
                let moment = match drawn % 7 {
                    0 => Moment::NEVER,
                    time => Moment {
                        time: f64::from(time),
                        round: drawn % 2,
                    },
                };
                moments[station] = moment;
                due.set(station as u32, moment);
                let first = moments.iter().copied().min().expect("there is a station");
                assert_eq!(due.first(), first);
                let mut listed = Vec::new();
                due.list(first, &mut listed);
                let is_due = |one: Moment| one == first && one != Moment::NEVER;
                let expected = (0..).zip(&moments).filter(|(_, one)| is_due(**one));
                let expected: Vec<u32> = expected.map(|(station, _)| station).collect();
                assert_eq!(listed, expected);
                let only = expected.first().filter(|_| expected.len() == 1);
                assert_eq!(due.only_first(), only.copied());
                due.list(
                    Moment {
                        time: 0.5,
                        round: 0,
                    },
                    &mut listed,
                );
                assert_eq!(listed, expected);
            }
        }
    }
}
