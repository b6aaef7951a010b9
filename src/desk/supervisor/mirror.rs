//! The supervisor's state of its servers: a mirror of the attendants up and free and of the number each server
//! holds, updated from its orders and from their reports. If mirror and report differ, the run panics.

use super::super::message::{ChangeKind, ServerOrder, ServerReport};
use crate::scenario::Skill;
use crate::station::attendants::Roster;
use crate::station::requests::{Key, Ranking};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One server, as the supervisor knows it.
#[derive(Clone, Debug)]
pub(super) struct Mirror {
    /// The maximum number of requests it may hold.
    capacity: u64,
    /// The number of requests it holds: in service, waiting, completed with this step, or about to be taken over.
    pub(super) held: u64,
    pub(super) roster: Roster,
    /// Requests waiting there.
    pub(super) waiting: u64,
    /// Requests in service there.
    pub(super) in_service: u64,
    /// Requests completed there with this step; they count as held until its end.
    pub(super) finished: u64,
    /// The numbers it last reported: requests waiting, requests in service.
    said: (u64, u64),
    /// Requests given to its attendants that have not begun there yet.
    pub(super) taking_over: u64,
    /// The form that goes to it and comes back, filled in here; none while it is there.
    pub(super) order: Option<Box<ServerOrder>>,
}

impl Mirror {
    pub(super) fn new(capacity: Option<u64>, roster: Roster) -> Mirror {
        Mirror {
            capacity: capacity.unwrap_or(u64::MAX),
            held: 0,
            roster,
            waiting: 0,
            in_service: 0,
            finished: 0,
            said: (0, 0),
            taking_over: 0,
            order: Some(Box::default()),
        }
    }

    /// The order to be sent.
    pub(super) fn form(&mut self) -> &mut ServerOrder {
        let order = self.order.as_deref_mut();
        order.expect("a server that is not asked has no order")
    }

    /// Gives a request to one of its attendants, which is about to be sent.
    pub(super) fn give(&mut self, attendant: u32) {
        self.taking_over += 1;
        self.held += 1;
        self.roster.take(attendant);
    }

    /// Whether it may be sent another request.
    pub(super) fn has_room(&self) -> bool {
        self.held < self.capacity
    }

    /// Applies a change of an attendant, and adds it to the order.
    pub(super) fn change(&mut self, attendant: u32, kind: ChangeKind, now: Time) {
        self.form().changes.push((attendant, kind));
        apply(&mut self.roster, attendant, kind, now);
    }

    /// Checks its reported numbers against the mirror; returns the numbers it reported before.
    pub(super) fn compare(&mut self, index: u32, now: Time, report: &ServerReport) -> (u64, u64) {
        assert!(
            (self.waiting, self.in_service) == (report.waiting, report.in_service),
            "server {index} says at {now} that {} wait and {} are in service, but it was sent {} and {}",
            report.waiting,
            report.in_service,
            self.waiting,
            self.in_service
        );
        let held = self.waiting + self.in_service + self.finished + self.taking_over;
        assert!(
            self.held == held,
            "what server {index} holds was miscounted at {now}"
        );
        std::mem::replace(&mut self.said, (self.waiting, self.in_service))
    }
}

/// Applies a change of an attendant to a roster.
pub(in super::super) fn apply(roster: &mut Roster, attendant: u32, kind: ChangeKind, now: Time) {
    match kind {
        ChangeKind::Repair { slowed: true, .. } | ChangeKind::Slow { .. } => {}
        ChangeKind::Repair { .. } => roster.come_up(attendant, now),
        ChangeKind::Fault { .. } => roster.go_down(attendant, now),
        ChangeKind::OnDuty { .. } | ChangeKind::Stay => roster.come_on_duty(attendant, now),
        ChangeKind::Leaving => roster.leave(attendant, now),
        ChangeKind::OffDuty => roster.go_off_duty(attendant, now),
    }
}

/// The requests waiting at servers, in the order in which they are taken over.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    /// Priorities, and queues, by class.
    priorities: Vec<i64>,
    queues: Vec<BTreeMap<Key, u32>>,
}

impl Elsewhere {
    pub(super) fn new(ranking: &Ranking) -> Elsewhere {
        let mut priorities = vec![0; ranking.len()];
        for &(class, priority) in ranking {
            priorities[class] = priority;
        }
        Elsewhere {
            queues: priorities.iter().map(|_| BTreeMap::new()).collect(),
            priorities,
        }
    }

    /// Adds a request that waits at this server.
    pub(super) fn insert(&mut self, class: u32, key: Key, server: u32) {
        self.queues[class as usize].insert(key, server);
    }

    /// Removes a request that no longer waits there.
    pub(super) fn remove(&mut self, class: u32, key: Key) {
        self.queues[class as usize].remove(&key);
    }

    /// Whether no request waits at any server.
    pub(super) fn is_empty(&self) -> bool {
        self.queues.iter().all(BTreeMap::is_empty)
    }

    /// The classes with a request waiting at a server.
    pub(super) fn classes(&self) -> impl Iterator<Item = usize> {
        let waiting = |&class: &usize| !self.queues[class].is_empty();
        (0..self.queues.len()).filter(waiting)
    }

    /// The first request for an attendant with these skills, by rank and then in order: its class, key and server.
    pub(super) fn first(&self, skills: &[Skill]) -> Option<(u32, Key, u32)> {
        let heads = skills.iter().filter_map(|skill| {
            let class = skill.class;
            let (&key, &server) = self.queues[class].first_key_value()?;
            let order = (skill.rank, Reverse(self.priorities[class]), key);
            Some((order, class, server))
        });
        let ((_, _, key), class, server) = heads.min()?;
        Some((class as u32, key, server))
    }
}
