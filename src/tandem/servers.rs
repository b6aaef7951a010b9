//! The servers of a stage: the idle ones, and the services in progress.

use super::message::Customer;
use crate::station::Visit;
use crate::time::Moment;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A service in progress.
#[derive(Clone, Debug)]
pub(super) struct InService {
    pub(super) customer: Customer,
    pub(super) trail: Vec<Visit>,
    /// The time at which the customer reached the stage.
    pub(super) arrival: f64,
    /// The time since which the server had been idle.
    pub(super) idle_from: f64,
    pub(super) start: Moment,
    pub(super) finish: Moment,
    /// The server's number, from 0.
    pub(super) server: u32,
}

/// The servers of a stage.
#[derive(Clone, Debug)]
pub(super) struct Servers {
    /// Idle servers and the moments since which they are idle: by time, then by number, so that the one to be taken
    /// is first.
    idle: VecDeque<(Moment, u32)>,
    /// By finish, then by the order of service starts.
    finishing: BinaryHeap<Reverse<(Moment, u64, u32)>>,
    /// By server.
    in_service: Vec<Option<InService>>,
    started: u64,
}

impl Servers {
    pub(super) fn new(servers: u32) -> Servers {
        Servers {
            idle: (0..servers).map(|server| (Moment::ZERO, server)).collect(),
            finishing: BinaryHeap::with_capacity(servers as usize),
            in_service: vec![None; servers as usize],
            started: 0,
        }
    }

    /// The moment at which a server is first idle, if one is.
    pub(super) fn earliest_idle(&self) -> Option<Moment> {
        let first = self.idle.front()?.0;
        let same_instant = self.idle.iter().map(|&(since, _)| since);
        same_instant
            .take_while(|since| since.time == first.time && first.round > 0)
            .min()
            .or(Some(first))
    }

    /// Takes a server for a service that begins at `start`: the one idle longest, then the lowest number. Returns
    /// the moment since which it was idle, and its number.
    pub(super) fn claim(&mut self, start: Moment) -> (Moment, u32) {
        // A server that a service of length zero left in a later round of this instant is not idle yet.
        let idle = |(since, _): &(Moment, u32)| *since <= start;
        let index = self.idle.iter().position(idle);
        let index = index.expect("a service begins only where a server is idle");
        self.idle.remove(index).expect("the server was just seen")
    }

    /// Adds a service that begins.
    pub(super) fn begin(&mut self, service: InService) {
        self.started += 1;
        let server = service.server;
        self.finishing
            .push(Reverse((service.finish, self.started, server)));
        self.in_service[server as usize] = Some(service);
    }

    /// The end of the next service in progress.
    pub(super) fn next_finish(&self) -> Option<Moment> {
        self.finishing.peek().map(|Reverse((finish, _, _))| *finish)
    }

    /// Removes the next service to finish; its server is idle from `departure` on.
    pub(super) fn leave(&mut self, departure: Moment) -> InService {
        let Reverse((_, _, server)) = self.finishing.pop().expect("somebody is in service");
        let before = |&(since, number): &(Moment, u32)| {
            since.time < departure.time || (since.time == departure.time && number < server)
        };
        let place = self.idle.partition_point(before);
        self.idle.insert(place, (departure, server));
        self.in_service[server as usize]
            .take()
            .expect("the server was busy")
    }

    /// Whether all servers are idle.
    pub(super) fn all_idle(&self) -> bool {
        self.finishing.is_empty()
    }

    /// The time since which each server is idle, by number; all must be.
    pub(super) fn idle_since(&self) -> Vec<f64> {
        assert!(self.all_idle(), "a server is still busy");
        let mut since = vec![0.0; self.idle.len()];
        for &(moment, server) in &self.idle {
            since[server as usize] = moment.time;
        }
        since
    }
}
