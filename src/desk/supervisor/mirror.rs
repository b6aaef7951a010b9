//! What the supervisor knows of its servers: a mirror of who is up and free and of what each holds, kept
//! from what it sends and from what they report. Where mirror and report differ, the run stops.

use super::super::message::{ServerReport, Shift};
use super::super::request::{Key, Request};
use super::super::roster::Roster;
use crate::time::Step;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One server as the supervisor sees it.
#[derive(Clone, Debug)]
pub(super) struct Mirror {
    pub(super) capacity: Option<u64>,
    pub(super) roster: Roster,
    /// Requests waiting there.
    pub(super) waiting: u64,
    /// Requests in service there.
    pub(super) in_service: u64,
    /// Requests completed there in this step; until its end they are held.
    pub(super) finished: u64,
    /// What it said last: requests waiting, requests in service.
    said: (u64, u64),
    /// Requests it is about to take over.
    pub(super) taking_over: u64,
    /// The next step in which it has something to do unless it is sent something.
    pub(super) next: Step,
    /// The step in which the next of those waiting there gives up.
    pub(super) deadline: Step,
    /// What befalls its attendants in this step, not yet sent, by rising number.
    pub(super) shifts: Vec<Shift>,
    /// Requests assigned in this step, not yet sent.
    pub(super) assigned: Vec<Request>,
}

impl Mirror {
    pub(super) fn new(capacity: Option<u64>, roster: Roster) -> Mirror {
        Mirror {
            capacity,
            roster,
            waiting: 0,
            in_service: 0,
            finished: 0,
            said: (0, 0),
            taking_over: 0,
            next: Step::MAX,
            deadline: Step::MAX,
            shifts: Vec::new(),
            assigned: Vec::new(),
        }
    }

    /// Requests it holds, in service and waiting.
    pub(super) fn held(&self) -> u64 {
        self.waiting + self.in_service + self.finished + self.taking_over
    }

    /// Whether it may be sent one more.
    pub(super) fn has_room(&self) -> bool {
        self.capacity.is_none_or(|most| self.held() < most)
    }

    /// An attendant comes up or goes down; to be sent.
    pub(super) fn shift(&mut self, attendant: u32, repaired: bool) {
        let found = self
            .shifts
            .binary_search_by_key(&attendant, |shift| shift.attendant);
        let place = found.unwrap_or_else(|place| {
            self.shifts.insert(
                place,
                Shift {
                    attendant,
                    repaired: false,
                    failed: false,
                },
            );
            place
        });
        let shift = &mut self.shifts[place];
        if repaired {
            shift.repaired = true;
        } else {
            shift.failed = true;
        }
    }

    /// What it holds must be what it says it holds; returns what it said before.
    pub(super) fn compare(&mut self, name: &str, step: Step, report: &ServerReport) -> (u64, u64) {
        assert!(
            (self.waiting, self.in_service) == (report.waiting, report.in_service),
            "server {name} says in step {step} that {} wait and {} are in service, but it was sent {} and {}",
            report.waiting,
            report.in_service,
            self.waiting,
            self.in_service
        );
        self.next = report.next;
        self.deadline = report.deadline;
        std::mem::replace(&mut self.said, (self.waiting, self.in_service))
    }
}

/// Who waits at which server, in the order in which they are taken over.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    priorities: Arc<[i64]>,
    /// Per class.
    queues: Vec<BTreeMap<Key, u32>>,
}

impl Elsewhere {
    pub(super) fn new(priorities: Arc<[i64]>) -> Elsewhere {
        Elsewhere {
            queues: priorities.iter().map(|_| BTreeMap::new()).collect(),
            priorities,
        }
    }

    /// One more waits at this server.
    pub(super) fn insert(&mut self, class: u32, key: Key, server: u32) {
        self.queues[class as usize].insert(key, server);
    }

    /// It does not wait there any more, if it was ever queued there.
    pub(super) fn remove(&mut self, class: u32, key: Key) {
        self.queues[class as usize].remove(&key);
    }

    /// The classes of which somebody waits at a server.
    pub(super) fn classes(&self) -> impl Iterator<Item = usize> {
        let waiting = |&class: &usize| !self.queues[class].is_empty();
        (0..self.queues.len()).filter(waiting)
    }

    /// The first of these classes: its class, key and server.
    pub(super) fn first(&self, classes: &[usize]) -> Option<(u32, Key, u32)> {
        let heads = classes.iter().filter_map(|&class| {
            let (&key, &server) = self.queues[class].first_key_value()?;
            Some((Reverse(self.priorities[class]), key, class, server))
        });
        let (_, key, class, server) = heads.min()?;
        Some((class as u32, key, server))
    }
}
