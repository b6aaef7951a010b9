//! Requests that wait, in the order in which they are to go: priority, then arrival step, then id.
//!
//! A queue per class, each in order of arrival; the classes' heads are compared when the next one is
//! wanted. So a class that cannot go on is passed over as a whole, and whoever waits costs nothing.

use super::request::{Key, Request};
use crate::time::Step;
use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// When a request gives up; its id, class and arrival step.
type Deadline = (Step, u64, u32, Step);

/// Requests waiting in one place: in the buffer, handed over, or at a server.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    priorities: Arc<[i64]>,
    queues: Vec<VecDeque<Request>>,
    /// Those who may give up: when, and where to find them.
    deadlines: BTreeSet<Deadline>,
    /// The same for newcomers: most leave within the step, before anybody asks for deadlines.
    newcomers: Vec<Deadline>,
    length: u64,
}

impl Waiting {
    /// Nobody waits. The priorities are those of the classes.
    pub(super) fn new(priorities: Arc<[i64]>) -> Waiting {
        Waiting {
            queues: priorities.iter().map(|_| VecDeque::new()).collect(),
            priorities,
            deadlines: BTreeSet::new(),
            newcomers: Vec::new(),
            length: 0,
        }
    }

    /// How many wait.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// How many classes there are.
    pub(super) fn classes(&self) -> usize {
        self.queues.len()
    }

    /// How many of a class wait.
    pub(super) fn of_class(&self, class: usize) -> usize {
        self.queues[class].len()
    }

    /// One more, at its place in the order.
    pub(super) fn insert(&mut self, request: Request) {
        if request.first_start.is_none() && request.deadline < Step::MAX {
            self.newcomers.push(deadline_of(&request));
        }
        let queue = &mut self.queues[request.class as usize];
        // Nearly always it is the last.
        let place = match queue.back() {
            Some(last) if last.key() > request.key() => find(queue, request.key()).unwrap_err(),
            _ => queue.len(),
        };
        queue.insert(place, request);
        self.length += 1;
    }

    /// The class of the first in order, `passed_over` classes left aside.
    pub(super) fn first(&self, passed_over: &[bool]) -> Option<usize> {
        let heads = self.queues.iter().zip(passed_over).enumerate();
        heads
            .filter(|(_, (_, passed_over))| !**passed_over)
            .filter_map(|(class, (queue, _))| {
                let head = queue.front()?;
                Some((Reverse(self.priorities[class]), head.key(), class))
            })
            .min()
            .map(|(_, _, class)| class)
    }

    /// Takes the first of a class out.
    pub(super) fn take_first(&mut self, class: usize) -> Option<Request> {
        let request = self.queues[class].pop_front()?;
        self.forget(&request);
        Some(request)
    }

    /// Takes this one out.
    pub(super) fn take(&mut self, class: usize, key: Key) -> Option<Request> {
        let queue = &mut self.queues[class];
        let place = find(queue, key).ok()?;
        let request = queue.remove(place)?;
        self.forget(&request);
        Some(request)
    }

    /// The step in which the next one gives up; [`Step::MAX`] is never.
    pub(super) fn next_deadline(&mut self) -> Step {
        self.settle_newcomers();
        self.deadlines.first().map_or(Step::MAX, |entry| entry.0)
    }

    /// Takes out one who gives up in this step.
    pub(super) fn take_fed_up(&mut self, step: Step) -> Option<Request> {
        self.settle_newcomers();
        let &(deadline, id, class, arrival) = self.deadlines.first()?;
        if deadline > step {
            return None;
        }
        self.take(class as usize, (arrival, id))
    }

    /// Takes out anyone: the run is over.
    pub(super) fn take_any(&mut self) -> Option<Request> {
        let class = self.queues.iter().position(|queue| !queue.is_empty())?;
        self.take_first(class)
    }

    /// Whether this one waits here.
    pub(super) fn contains(&self, class: u32, key: Key) -> bool {
        find(&self.queues[class as usize], key).is_ok()
    }

    /// Notes the deadlines of newcomers who are still here.
    fn settle_newcomers(&mut self) {
        for entry in self.newcomers.drain(..) {
            let (_, id, class, arrival) = entry;
            if find(&self.queues[class as usize], (arrival, id)).is_ok() {
                self.deadlines.insert(entry);
            }
        }
    }

    fn forget(&mut self, request: &Request) {
        self.length -= 1;
        if request.first_start.is_none() && request.deadline < Step::MAX {
            self.deadlines.remove(&deadline_of(request));
        }
    }
}

fn deadline_of(request: &Request) -> Deadline {
    (request.deadline, request.id, request.class, request.arrival)
}

fn find(queue: &VecDeque<Request>, key: Key) -> Result<usize, usize> {
    queue.binary_search_by(|request| request.key().cmp(&key))
}

#[cfg(test)]
mod tests {
    use super::super::request::Particulars;
    use super::*;

    fn request(id: u64, class: u32, arrival: Step, deadline: Step) -> Request {
        Request::from(Particulars {
            id,
            class,
            arrival,
            deadline,
            service: 1,
            remaining: 1,
            first_start: None,
            attempts: 0,
            served_by: None,
        })
    }

    #[test]
    fn priority_goes_before_arrival_and_arrival_before_id() {
        let mut waiting = Waiting::new(Arc::from([0, 7]));
        for (id, class, arrival) in [(3, 0, 2), (1, 0, 1), (2, 0, 1), (9, 1, 5), (8, 1, 6)] {
            waiting.insert(request(id, class, arrival, Step::MAX));
        }
        let mut order = Vec::new();
        while let Some(class) = waiting.first(&[false, false]) {
            order.push(waiting.take_first(class).unwrap().id);
        }
        assert_eq!(order, [9, 8, 1, 2, 3]);
        assert_eq!(waiting.first(&[false, false]), None);
    }

    #[test]
    fn those_who_gave_up_or_left_have_no_deadline_any_more() {
        let mut waiting = Waiting::new(Arc::from([0]));
        for (id, deadline) in [(1, 9), (2, 4), (3, 4), (4, Step::MAX)] {
            waiting.insert(request(id, 0, 1, deadline));
        }
        assert_eq!(waiting.take(0, (1, 2)).unwrap().id, 2);
        assert!(waiting.take_fed_up(3).is_none());
        assert_eq!(waiting.take_fed_up(4).unwrap().id, 3);
        assert_eq!((waiting.next_deadline(), waiting.length()), (9, 2));
        assert_eq!(waiting.take_first(0).unwrap().id, 1);
        assert_eq!(waiting.next_deadline(), Step::MAX);
    }
}
