//! The waiting customers of a station, in the order in which they are served.
//!
//! Higher priorities go first. Within one, customers whose service was interrupted stand at the head, in the order
//! in which they first began; the others follow by the discipline.

use super::person::{Began, Slot};
use crate::scenario::Discipline;
use std::collections::{BTreeSet, VecDeque};

/// The customers waiting at a station.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// By priority, the highest first.
    levels: Vec<Level>,
    /// The level of each class.
    level_of: Vec<usize>,
    fresh: u64,
    cut_off: u64,
}

/// The waiting customers of one priority.
#[derive(Clone, Debug)]
struct Level {
    priority: i64,
    cut_off: BTreeSet<(Began, Slot)>,
    fresh: Queue,
}

/// The waiting customers of one priority whose service has never begun.
#[derive(Clone, Debug)]
enum Queue {
    /// By order of arrival; taken from the front.
    Fifo(VecDeque<(u64, Slot)>),
    /// By order of arrival; taken from the back.
    Lifo(VecDeque<(u64, Slot)>),
    /// By order of arrival; taken at random.
    Random(VecDeque<(u64, Slot)>),
    /// By service, then by order of arrival.
    Shortest(BTreeSet<(u64, u64, Slot)>),
}

/// The sort key of a customer whose service has never begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) order: u64,
    /// The service drawn, if the discipline needs it.
    pub(super) service: f64,
}

impl Waiting {
    /// An empty queue for classes with these priorities.
    pub(super) fn new(discipline: Discipline, priorities: &[i64]) -> Waiting {
        let mut distinct = priorities.to_vec();
        distinct.sort_unstable_by(|a, b| b.cmp(a));
        distinct.dedup();
        let place = |priority| distinct.iter().position(|&other| other == priority);
        let level_of = priorities
            .iter()
            .map(|&p| place(p).expect("it is one of them"));
        Waiting {
            level_of: level_of.collect(),
            levels: distinct
                .iter()
                .map(|&priority| Level {
                    priority,
                    cut_off: BTreeSet::new(),
                    fresh: Queue::new(discipline),
                })
                .collect(),
            fresh: 0,
            cut_off: 0,
        }
    }

    /// Number of waiting customers whose service has never begun.
    pub(super) fn fresh(&self) -> u64 {
        self.fresh
    }

    /// Number of waiting customers whose service was interrupted.
    pub(super) fn cut_off(&self) -> u64 {
        self.cut_off
    }

    /// Number of all waiting customers.
    pub(super) fn length(&self) -> u64 {
        self.fresh + self.cut_off
    }

    /// The highest priority among waiting customers.
    pub(super) fn priority(&self) -> Option<i64> {
        self.first_level().map(|level| self.levels[level].priority)
    }

    fn first_level(&self) -> Option<usize> {
        if self.length() == 0 {
            return None;
        }
        let mut levels = self.levels.iter();
        levels.position(|level| !level.cut_off.is_empty() || level.fresh.len() > 0)
    }

    /// Adds a customer whose service has never begun.
    pub(super) fn join(&mut self, slot: Slot, class: u32, key: Key) {
        self.fresh += 1;
        self.levels[self.level_of[class as usize]]
            .fresh
            .insert(slot, key);
    }

    /// Puts an interrupted customer at the head of its priority.
    pub(super) fn return_cut_off(&mut self, slot: Slot, class: u32, began: Began) {
        self.cut_off += 1;
        let level = &mut self.levels[self.level_of[class as usize]];
        level.cut_off.insert((began, slot));
    }

    /// Removes and returns the next customer. `draw` returns a number in [0, 1); it is called to choose among
    /// several.
    pub(super) fn take(&mut self, draw: impl FnOnce() -> f64) -> Option<Slot> {
        let level = self.first_level()?;
        let level = &mut self.levels[level];
        if let Some((_, slot)) = level.cut_off.pop_first() {
            self.cut_off -= 1;
            return Some(slot);
        }
        self.fresh -= 1;
        level.fresh.take(draw)
    }

    /// Removes a customer whose service has never begun and who gives up.
    pub(super) fn give_up(&mut self, slot: Slot, class: u32, key: Key) {
        self.fresh -= 1;
        self.levels[self.level_of[class as usize]]
            .fresh
            .remove(slot, key);
    }
}

impl Queue {
    fn new(discipline: Discipline) -> Queue {
        match discipline {
            // Under processor sharing customers do not wait, so any order will do.
            Discipline::Fifo | Discipline::ProcessorSharing => Queue::Fifo(VecDeque::new()),
            Discipline::Lifo => Queue::Lifo(VecDeque::new()),
            Discipline::Random => Queue::Random(VecDeque::new()),
            Discipline::Shortest => Queue::Shortest(BTreeSet::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Queue::Fifo(line) | Queue::Lifo(line) | Queue::Random(line) => line.len(),
            Queue::Shortest(tree) => tree.len(),
        }
    }

    fn insert(&mut self, slot: Slot, key: Key) {
        match self {
            Queue::Fifo(line) | Queue::Lifo(line) | Queue::Random(line) => {
                line.push_back((key.order, slot));
            }
            Queue::Shortest(tree) => {
                tree.insert((key.service.to_bits(), key.order, slot));
            }
        }
    }

    fn take(&mut self, draw: impl FnOnce() -> f64) -> Option<Slot> {
        match self {
            Queue::Fifo(line) => line.pop_front().map(|(_, slot)| slot),
            Queue::Lifo(line) => line.pop_back().map(|(_, slot)| slot),
            Queue::Random(line) => {
                let count = line.len();
                let chosen = match count {
                    0 | 1 => 0,
                    _ => ((draw() * count as f64) as usize).min(count - 1),
                };
                line.remove(chosen).map(|(_, slot)| slot)
            }
            Queue::Shortest(tree) => tree.pop_first().map(|(_, _, slot)| slot),
        }
    }

    fn remove(&mut self, slot: Slot, key: Key) {
        match self {
            Queue::Fifo(line) | Queue::Lifo(line) | Queue::Random(line) => {
                let place = line.binary_search_by_key(&key.order, |&(order, _)| order);
                line.remove(place.expect("it waits here"));
            }
            Queue::Shortest(tree) => {
                tree.remove(&(key.service.to_bits(), key.order, slot));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Moment;

    fn key(order: u64, service: f64) -> Key {
        Key { order, service }
    }

    fn order_of(discipline: Discipline, draw: f64) -> Vec<Slot> {
        let mut waiting = Waiting::new(discipline, &[0, 5, 0]);
        for (slot, class, service) in [(10, 0, 3.0), (11, 2, 1.0), (12, 1, 9.0), (13, 0, 3.0)] {
            waiting.join(slot, class, key(u64::from(slot), service));
        }
        waiting.return_cut_off(7, 0, (Moment::at(4.0), 2));
        waiting.return_cut_off(8, 2, (Moment::at(4.0), 1));
        assert_eq!((waiting.fresh(), waiting.cut_off()), (4, 2));
        std::iter::from_fn(|| waiting.take(|| draw)).collect()
    }

    #[test]
    fn priority_then_cut_off_then_discipline() {
        assert_eq!(order_of(Discipline::Fifo, 0.0), [12, 8, 7, 10, 11, 13]);
        assert_eq!(order_of(Discipline::Lifo, 0.0), [12, 8, 7, 13, 11, 10]);
        assert_eq!(order_of(Discipline::Shortest, 0.0), [12, 8, 7, 11, 10, 13]);
        // With 0.5 the second of three and the second of two is taken, then the last.
        assert_eq!(order_of(Discipline::Random, 0.5), [12, 8, 7, 11, 13, 10]);
    }

    #[test]
    fn one_who_gives_up_is_not_served() {
        for discipline in [Discipline::Fifo, Discipline::Random, Discipline::Shortest] {
            let mut waiting = Waiting::new(discipline, &[0]);
            for slot in 1..=3 {
                waiting.join(slot, 0, key(u64::from(slot), 1.0));
            }
            waiting.give_up(2, 0, key(2, 1.0));
            assert_eq!(waiting.take(|| 0.0), Some(1));
            assert_eq!(waiting.take(|| 0.0), Some(3));
            assert_eq!((waiting.take(|| 0.0), waiting.length()), (None, 0));
        }
    }
}
