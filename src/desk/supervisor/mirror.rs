//! What the supervisor knows of its servers: a mirror of who is up and free and of what each holds, kept
//! from what it sends and from what they report. Where mirror and report differ, the run stops.

use super::super::message::{ChangeKind, ServerOrder, ServerReport};
use crate::scenario::Skill;
use crate::station::attendants::Roster;
use crate::station::requests::{Key, Ranking};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One server as the supervisor sees it.
#[derive(Clone, Debug)]
pub(super) struct Mirror {
    /// The most it may hold.
    capacity: u64,
    /// How many it holds, in service and waiting, completed with this step or about to be taken over.
    pub(super) held: u64,
    pub(super) roster: Roster,
    /// Requests waiting there.
    pub(super) waiting: u64,
    /// Requests in service there.
    pub(super) in_service: u64,
    /// Requests completed there with this step; until its end they are held.
    pub(super) finished: u64,
    /// What it said last: requests waiting, requests in service.
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

    /// One of its attendants is given a request, which is about to be sent.
    pub(super) fn give(&mut self, attendant: u32) {
        self.taking_over += 1;
        self.held += 1;
        self.roster.take(attendant);
    }

    /// Whether it may be sent one more.
    pub(super) fn has_room(&self) -> bool {
        self.held < self.capacity
    }

    /// It becomes another thing with an attendant; to be sent.
    pub(super) fn change(&mut self, attendant: u32, kind: ChangeKind, now: Time) {
        self.form().changes.push((attendant, kind));
        apply(&mut self.roster, attendant, kind, now);
    }

    /// What it holds must be what it says it holds; returns what it said before.
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

/// What becomes of an attendant, in a roster.
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

/// Who waits at which server, in the order in which they are taken over.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    /// Per class.
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

    /// One more waits at this server.
    pub(super) fn insert(&mut self, class: u32, key: Key, server: u32) {
        self.queues[class as usize].insert(key, server);
    }

    /// It does not wait there any more.
    pub(super) fn remove(&mut self, class: u32, key: Key) {
        self.queues[class as usize].remove(&key);
    }

    /// Whether nobody waits at any server.
    pub(super) fn is_empty(&self) -> bool {
        self.queues.iter().all(BTreeMap::is_empty)
    }

    /// The classes of which somebody waits at a server.
    pub(super) fn classes(&self) -> impl Iterator<Item = usize> {
        let waiting = |&class: &usize| !self.queues[class].is_empty();
        (0..self.queues.len()).filter(waiting)
    }

    /// The first for one with these skills, by rank and then in order: its class, key and server.
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
