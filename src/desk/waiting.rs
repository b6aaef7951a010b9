//! Requests that wait, in the order in which they are to go: priority, then arrival step, then id.
//!
//! A queue per class, each in order of arrival; the heads of those classes of the highest priority that
//! wait are compared when the next one is wanted. So a class that cannot go on is passed over as a whole, and whoever waits costs nothing.

use super::request::{Key, Request};
use crate::time::Step;
use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// When a request gives up; which one, and its class.
type Deadline = (Step, Key, u32);

/// Stands behind everybody.
const NOBODY: Key = Key::MAX;

/// The classes with their priorities, the highest first.
pub(super) type Ranking = [(usize, i64)];

/// The ranking of classes with these priorities.
pub(super) fn ranking(priorities: impl Iterator<Item = i64>) -> Arc<Ranking> {
    let mut ranking: Vec<(usize, i64)> = priorities.enumerate().collect();
    ranking.sort_by_key(|&(_, priority)| Reverse(priority));
    ranking.into()
}

/// Requests waiting in one place: in the buffer, handed over, or at a server.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    ranking: Arc<Ranking>,
    queues: Vec<VecDeque<Request>>,
    /// Who is the first of each queue; [`NOBODY`] if it is empty.
    heads: Vec<Key>,
    /// Those who may give up: when, and where to find them.
    deadlines: BTreeSet<Deadline>,
    /// The same for newcomers: most leave within the step, before anybody asks for deadlines.
    newcomers: Vec<Deadline>,
    length: u64,
}

impl Waiting {
    /// Nobody waits.
    pub(super) fn new(ranking: Arc<Ranking>) -> Waiting {
        Waiting {
            queues: ranking.iter().map(|_| VecDeque::new()).collect(),
            heads: vec![NOBODY; ranking.len()],
            ranking,
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
        let class = request.class as usize;
        let queue = &mut self.queues[class];
        self.heads[class] = self.heads[class].min(request.key());
        // Nearly always it is the last.
        let place = match queue.back() {
            Some(last) if last.key() > request.key() => find(queue, request.key()).unwrap_err(),
            _ => queue.len(),
        };
        self.length += 1;
        if place == queue.len() {
            queue.push_back(request);
        } else {
            queue.insert(place, request);
        }
    }

    /// The class of the first in order, `passed_over` classes left aside.
    #[inline]
    pub(super) fn first(&self, passed_over: &[bool]) -> Option<usize> {
        if self.length == 0 {
            return None;
        }
        self.first_of_some(passed_over)
    }

    fn first_of_some(&self, passed_over: &[bool]) -> Option<usize> {
        let mut first = (NOBODY, 0);
        let mut found = i64::MIN;
        for &(class, priority) in &*self.ranking {
            if priority < found {
                break;
            }
            let head = self.heads[class];
            if head < first.0 && !passed_over[class] {
                first = (head, class);
                found = priority;
            }
        }
        (first.0 < NOBODY).then_some(first.1)
    }

    /// Takes the first of a class out.
    pub(super) fn take_first(&mut self, class: usize) -> Option<Request> {
        let request = self.queues[class].pop_front()?;
        self.left(class, &request);
        Some(request)
    }

    /// Takes this one out.
    pub(super) fn take(&mut self, class: usize, key: Key) -> Option<Request> {
        let queue = &mut self.queues[class];
        let place = find(queue, key).ok()?;
        let request = queue.remove(place)?;
        self.left(class, &request);
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
        let &(deadline, key, class) = self.deadlines.first()?;
        if deadline > step {
            return None;
        }
        self.take(class as usize, key)
    }

    /// Takes out anyone: the run is over.
    pub(super) fn take_any(&mut self) -> Option<Request> {
        let class = self.queues.iter().position(|queue| !queue.is_empty())?;
        self.take_first(class)
    }

    /// Marks this one as reported, if it waits here.
    pub(super) fn list(&mut self, class: u32, key: Key) -> bool {
        let queue = &mut self.queues[class as usize];
        let found = find(queue, key);
        found.is_ok_and(|place| {
            queue[place].listed = true;
            true
        })
    }

    /// Notes the deadlines of newcomers who are still here.
    #[inline]
    fn settle_newcomers(&mut self) {
        if !self.newcomers.is_empty() {
            self.settle_some();
        }
    }

    fn settle_some(&mut self) {
        for entry in self.newcomers.drain(..) {
            let (_, key, class) = entry;
            if find(&self.queues[class as usize], key).is_ok() {
                self.deadlines.insert(entry);
            }
        }
    }

    /// This one of the class is not in its queue any more.
    #[inline]
    fn left(&mut self, class: usize, request: &Request) {
        self.length -= 1;
        self.heads[class] = self.queues[class].front().map_or(NOBODY, Request::key);
        if request.first_start.is_none() && request.deadline < Step::MAX {
            self.deadlines.remove(&deadline_of(request));
        }
    }
}

fn deadline_of(request: &Request) -> Deadline {
    (request.deadline, request.key(), request.class)
}

fn find(queue: &VecDeque<Request>, key: Key) -> Result<usize, usize> {
    queue.binary_search_by(|request| request.key().cmp(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(id: u64, class: u32, arrival: Step, deadline: Step) -> Request {
        Request {
            id,
            class,
            arrival,
            deadline,
            service: 1,
            remaining: 1,
            first_start: None,
            attempts: 0,
            listed: false,
            served_by: None,
        }
    }

    #[test]
    fn priority_goes_before_arrival_and_arrival_before_id() {
        let mut waiting = Waiting::new(ranking([0, 7].into_iter()));
        for (id, class, arrival) in [(3, 0, 2), (1, 0, 1), (2, 0, 1), (9, 1, 6), (8, 1, 5)] {
            waiting.insert(request(id, class, arrival, Step::MAX));
        }
        let mut order = Vec::new();
        while let Some(class) = waiting.first(&[false, false]) {
            order.push(waiting.take_first(class).unwrap().id);
        }
        assert_eq!(order, [8, 9, 1, 2, 3]);
        assert_eq!(waiting.first(&[false, false]), None);
    }

    #[test]
    fn those_who_gave_up_or_left_have_no_deadline_any_more() {
        let mut waiting = Waiting::new(ranking([0].into_iter()));
        for (id, deadline) in [(1, 9), (2, 4), (3, 4), (4, Step::MAX)] {
            waiting.insert(request(id, 0, 1, deadline));
        }
        assert_eq!(waiting.take(0, 2).unwrap().id, 2);
        assert!(waiting.take_fed_up(3).is_none());
        assert_eq!(waiting.take_fed_up(4).unwrap().id, 3);
        assert_eq!((waiting.next_deadline(), waiting.length()), (9, 2));
        assert_eq!(waiting.take_first(0).unwrap().id, 1);
        assert_eq!(waiting.next_deadline(), Step::MAX);
    }
}
