//! A customer at a station: what it has met so far, and its place in the order of those who wait.

use crate::time::Moment;

/// A customer on its way through stations.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Its number, from 1, in the order in which customers reach the system.
    pub number: u64,
    /// Index of its class.
    pub class: u32,
    /// Index of the class it came as.
    pub came_as: u32,
    /// Which customer of the class it came as, from 1.
    pub of_class: u64,
    /// The time at which it reached the system.
    pub entered: f64,
    /// Whether it enters the measures.
    pub measured: bool,
    /// Which visit of the station it is at, or on the way to, from 1.
    pub visit: u32,
    /// The stations it may return to that it has been at, with the number of visits.
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
    /// When it last left the station at which it entered, where it stays for ever.
    pub cycle_since: Option<f64>,
}

/// The index of a customer among those at a station; reused when it has left.
pub(super) type Slot = u32;

/// The order in which customers took servers for the first time: by moment, then by the station's own count.
pub type Began = (Moment, u64);

/// A customer at a station.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) person: Box<Person>,
    pub(super) arrival: Moment,
    /// The order of arrival at the station.
    pub(super) order: u64,
    /// The work drawn, once it is, and what is left of it.
    pub(super) work: Option<f64>,
    pub(super) left: f64,
    /// When it first took a server.
    pub(super) began: Option<Began>,
    /// Time served and set up so far.
    pub(super) served: f64,
    pub(super) set_up: f64,
    /// When its service ended, if it has.
    pub(super) ended: Option<f64>,
    /// The server it took last, by index.
    pub(super) server: u32,
    /// Where it waits: nowhere, with those cut off, or with those who never began.
    pub(super) place: Place,
    /// When its patience ends, where it does.
    pub(super) deadline: Option<Moment>,
}

/// Where a customer at a station is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It waits and has never begun.
    Fresh,
    /// It waits to go on.
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
    #[inline]
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

    /// Whether the visitor of this order is still there.
    pub(super) fn get(&self, slot: Slot) -> Option<&Visitor> {
        self.slots[slot as usize].as_ref()
    }

    /// All who are there, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Visitor> {
        self.slots.iter().flatten()
    }

    /// The slots of those who are there, by the customers' numbers.
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
