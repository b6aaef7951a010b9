//! A customer at a station: its history so far, and its place in the order of waiting customers.

use crate::time::Moment;

/// A customer on its way through stations.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Its number, from 1, in the order in which customers reach the system.
    pub number: u64,
    /// Index of its class.
    pub class: u32,
    /// Index of the class it arrived as.
    pub came_as: u32,
    /// Its number, from 1, among customers of the class it arrived as.
    pub of_class: u64,
    /// The time at which it reached the system.
    pub entered: f64,
    /// Whether it counts in the measures.
    pub measured: bool,
    /// The number, from 1, of its visit to the station it is at or on its way to.
    pub visit: u32,
    /// The stations it may return to and has visited, each with the number of visits.
    pub visits: Vec<(u32, u32)>,
    /// The number of stations it has been sent to along the route of its class.
    pub stop: u32,
    /// Time waited until services first began, at all stations so far.
    pub waiting: f64,
    /// Time served at all stations so far.
    pub service: f64,
    /// Time blocked at all stations so far.
    pub blocked: f64,
    /// Number of stations at which it waited.
    pub queues_joined: u32,
    /// The time at which it last left the station at which it entered, if it stays in the system for ever.
    pub cycle_since: Option<f64>,
}

/// The index of a customer among those at a station; reused after it has left.
pub(super) type Slot = u32;

/// The order in which customers first took servers: by moment, then by the station's own count.
pub type Began = (Moment, u64);

/// A customer at a station.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) person: Box<Person>,
    pub(super) arrival: Moment,
    /// The order of arrival at the station.
    pub(super) order: u64,
    /// The work, once drawn, and the part of it that is left.
    pub(super) work: Option<f64>,
    pub(super) left: f64,
    /// The moment at which it first took a server, with its order there.
    pub(super) began: Option<Began>,
    /// Time served and set up so far.
    pub(super) served: f64,
    pub(super) set_up: f64,
    /// The time at which its service ended, if it has.
    pub(super) ended: Option<f64>,
    /// The server it took last, by index.
    pub(super) server: u32,
    /// Whether it waits, and with which customers.
    pub(super) place: Place,
    /// The moment at which its patience ends, if it does.
    pub(super) deadline: Option<Moment>,
}

/// The place of a customer at a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It waits and its service has never begun.
    Fresh,
    /// It waits to continue an interrupted service.
    CutOff,
    /// It holds a server.
    AtServer,
}

/// The visitors of a station, by slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Visitors {
    slots: Vec<Option<Visitor>>,
    unused: Vec<Slot>,
}

impl Visitors {
    pub(super) fn insert(&mut self, visitor: Visitor) -> Slot {
        if let Some(slot) = self.unused.pop() {
            self.slots[slot as usize] = Some(visitor);
            return slot;
        }
        self.slots.push(Some(visitor));
        (self.slots.len() - 1) as Slot
    }

    pub(super) fn remove(&mut self, slot: Slot) -> Visitor {
        self.unused.push(slot);
        let visitor = self.slots[slot as usize].take();
        visitor.expect("the slot is taken")
    }

    /// The visitor in this slot, if it is still there.
    pub(super) fn get(&self, slot: Slot) -> Option<&Visitor> {
        self.slots[slot as usize].as_ref()
    }

    /// All visitors, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Visitor> {
        self.slots.iter().flatten()
    }

    /// The slots of all visitors, ordered by the customers' numbers.
    pub(super) fn all(&self) -> Vec<Slot> {
        let mut there: Vec<(u64, Slot)> = (0..)
            .zip(&self.slots)
            .filter_map(|(slot, visitor)| Some((visitor.as_ref()?.person.number, slot)))
            .collect();
        there.sort_unstable();
        there.into_iter().map(|(_, slot)| slot).collect()
    }
}

impl std::ops::Index<Slot> for Visitors {
    type Output = Visitor;

    fn index(&self, slot: Slot) -> &Visitor {
        self.slots[slot as usize]
            .as_ref()
            .expect("the slot is taken")
    }
}

impl std::ops::IndexMut<Slot> for Visitors {
    fn index_mut(&mut self, slot: Slot) -> &mut Visitor {
        self.slots[slot as usize]
            .as_mut()
            .expect("the slot is taken")
    }
}
