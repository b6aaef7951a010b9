//! The station due next: a tournament tree of the times at which stations are due.
//!
//! A change costs at most the logarithm of the number of stations, and stops early if it changes no winner. The
//! earliest time is known without a search, and the stations due then are found without visiting others.

use crate::time::Moment;

/// The moments at which stations are due.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// A heap-ordered tree, by pairs of children: the children of node n are pair n, the root is the second of pair
    /// 0, and the leaves are the last half of all nodes. A node holds the earlier time of its children. Times are
    /// stored as bits, which compare faster; they have the same order, since times are not negative.
    times: Vec<[u64; 2]>,
    /// The rounds at which stations are due.
    rounds: Vec<u32>,
}

impl Due {
    /// A tree of these moments, by station.
    pub(super) fn new(moments: impl ExactSizeIterator<Item = Moment>) -> Due {
        let leaves = moments.len().next_power_of_two();
        let mut due = Due {
            times: vec![[Moment::NEVER.time.to_bits(); 2]; leaves],
            rounds: vec![Moment::NEVER.round; moments.len()],
        };
        for (station, moment) in (0..).zip(moments) {
            due.set(station, moment);
        }
        due
    }

    /// The earliest time at which a station is due.
    #[inline]
    pub(super) fn first_time(&self) -> f64 {
        f64::from_bits(self.times[0][1])
    }

    /// The node of a station. There are as many leaves as pairs.
    #[inline]
    fn leaf(&self, station: u32) -> usize {
        self.times.len() + station as usize
    }

    /// The moment at which a station is due.
    #[inline]
    pub(super) fn of(&self, station: u32) -> Moment {
        let node = self.leaf(station);
        Moment {
            time: f64::from_bits(self.times[node / 2][node % 2]),
            round: self.rounds[station as usize],
        }
    }

    /// Sets the moment at which a station is due.
    #[inline]
    pub(super) fn set(&mut self, station: u32, moment: Moment) {
        self.rounds[station as usize] = moment.round;
        let mut node = self.leaf(station);
        let mut winner = moment.time.to_bits();
        while node > 0 {
            let pair = &mut self.times[node / 2];
            if pair[node % 2] == winner {
                return;
            }
            pair[node % 2] = winner;
            winner = winner.min(pair[(node + 1) % 2]);
            node /= 2;
        }
    }

    /// The station that is due at the earliest time, if it is the only one.
    #[inline]
    pub(super) fn only_first(&self) -> Option<u32> {
        let (now, mut node) = (self.times[0][1], 1);
        while let Some(&[left, right]) = self.times.get(node) {
            if left == right {
                return None;
            }
            node = 2 * node + usize::from(left != now);
        }
        Some((node - self.times.len()) as u32)
    }

    /// The earliest moment at which a station is due.
    pub(super) fn first(&self) -> Moment {
        if self.first_time() == Moment::NEVER.time {
            return Moment::NEVER;
        }
        if let Some(station) = self.only_first() {
            return self.of(station);
        }
        let mut round = u32::MAX;
        self.at_first_time(1, &mut |station| {
            round = round.min(self.rounds[station as usize]);
        });
        Moment {
            time: self.first_time(),
            round,
        }
    }

    /// Lists the stations due at this moment, in order, if its time is the earliest.
    pub(super) fn list(&self, now: Moment, stations: &mut Vec<u32>) {
        if self.first_time() == now.time {
            self.at_first_time(1, &mut |station| {
                if self.rounds[station as usize] == now.round {
                    stations.push(station);
                }
            });
        }
    }

    /// Passes the stations below this node that are due at the earliest time to `take`, in order.
    fn at_first_time(&self, mut node: usize, take: &mut impl FnMut(u32)) {
        let now = self.times[0][1];
        while let Some(pair) = self.times.get(node) {
            node *= 2;
            match (pair[0] == now, pair[1] == now) {
                (true, true) => {
                    self.at_first_time(node, take);
                    node += 1;
                }
                (true, false) => {}
                _ => node += 1,
            }
        }
        take((node - self.times.len()) as u32);
    }
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
                assert_eq!((due.first_time(), due.first()), (first.time, first));
                assert_eq!(due.of(station as u32), moment);
                if first == Moment::NEVER {
                    continue;
                }
                let mut listed = Vec::new();
                due.list(first, &mut listed);
                let stations = |is_due: &dyn Fn(Moment) -> bool| -> Vec<u32> {
                    let due = (0..).zip(&moments).filter(|(_, one)| is_due(**one));
                    due.map(|(station, _)| station).collect()
                };
                let expected = stations(&|one| one == first);
                assert_eq!(listed, expected);
                let at_once = stations(&|one| one.time == first.time);
                let only = at_once.first().filter(|_| at_once.len() == 1);
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
