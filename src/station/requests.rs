//! Requests, and the waiting ones in the order in which they are served: priority, then arrival, then id.
//!
//! There is one queue per class, in order of arrival. To find the next request, the heads of the waiting classes
//! with the highest priority are compared. So a class that cannot be served is passed over as a whole, and a
//! waiting request costs nothing.

use super::{RequestOutcome, RequestRecord};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// A request on its way through a desk. It is moved, never copied: from the generator to the buffer, to a server,
/// to an attendant and back, so that exactly one actor holds it at any time and nothing is allocated for it. (It
/// can be cloned for the snapshot of an actor that may be killed; no model does so.)
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Its number, from 1, in the order generated, rejected ones included.
    pub(crate) id: u64,
    /// The step or the instant in which it was generated.
    pub(crate) arrival: Time,
    /// The time at which it gives up if its service has not begun; may be never.
    pub(crate) deadline: Time,
    /// Its total work, in time at speed 1.
    pub(crate) service: f64,
    /// Its remaining work.
    pub(crate) remaining: f64,
    /// Time in service so far: the part that counts, and all of it.
    pub(crate) served: f64,
    pub(crate) worked: f64,
    /// The number of times its service began.
    pub(crate) attempts: u64,
    /// The time at which its service first began.
    pub(crate) first_start: Option<Time>,
    /// Index into the scenario's classes.
    pub(crate) class: u32,
    /// Whether it was reported as waiting at a server, so that another may take it over.
    pub(crate) listed: bool,
    /// The server and the attendant that served it last, or serve it now.
    pub(crate) served_by: Option<(u32, u32)>,
    /// The wrap-up after it is completed, in time at speed 1.
    pub(crate) wrap_up: f64,
    /// The time at which its client stops waiting for the answer; may be never.
    pub(crate) timeout: Time,
    /// The time at which its client left, if it has: the work goes on without it.
    pub(crate) gone: Option<Time>,
    /// Its client.
    pub(crate) client: Client,
}

/// The client that sent a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Client {
    /// Its number, from 1, in the order of first tries.
    pub(crate) number: u64,
    /// The same among clients of its class.
    pub(crate) of_class: u64,
    /// Which of its client's tries the request is, from 1.
    pub(crate) attempt: u64,
    /// The arrival of its first try.
    pub(crate) first: Time,
    /// The time from a loss to its next try, if it would retry.
    pub(crate) delay: Option<f64>,
}

/// The key by which the requests of one class are ordered and found: arrival, then id. Since ids rise with the
/// arrivals, this is the id alone.
pub(crate) type Key = u64;

impl Request {
    /// Its place in the order of its class.
    pub(crate) fn key(&self) -> Key {
        self.id
    }

    /// The time since it arrived.
    pub(crate) fn waited(&self, now: Time) -> f64 {
        now.since(self.arrival)
    }

    /// Whether it may give up.
    fn may_give_up(&self) -> bool {
        self.first_start.is_none() && self.gone.is_none() && !self.deadline.is_never()
    }

    /// Its row in the `requests` table: it ended at `end`, or with the run.
    pub(crate) fn record(&self, outcome: RequestOutcome, end: Option<Time>) -> RequestRecord {
        RequestRecord {
            id: self.id,
            class: self.class,
            arrival: self.arrival,
            first_start: self.first_start,
            end,
            outcome,
            attempts: self.attempts,
            server: self.served_by.map(|(server, _)| server),
            attendant: self.served_by.map(|(_, attendant)| attendant),
            client: self.client.number,
            attempt: self.client.attempt,
            gone: self.gone,
        }
    }
}

/// The time at which a request gives up, its key, and its class.
type Deadline = (Time, Key, u32);

/// A key after that of every request.
const NOBODY: Key = Key::MAX;

/// The classes with their priorities, the highest first.
pub(crate) type Ranking = [(usize, i64)];

/// The ranking of classes with these priorities.
pub(crate) fn ranking(priorities: impl Iterator<Item = i64>) -> Arc<Ranking> {
    let mut ranking: Vec<(usize, i64)> = priorities.enumerate().collect();
    ranking.sort_by_key(|&(_, priority)| Reverse(priority));
    ranking.into()
}

/// Requests waiting in one place: in the buffer, handed over, or at a server.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    ranking: Arc<Ranking>,
    queues: Vec<VecDeque<Request>>,
    /// The key of the first request of each queue; [`NOBODY`] if it is empty.
    heads: Vec<Key>,
    /// The deadlines of requests that may give up.
    deadlines: BTreeSet<Deadline>,
    /// The deadlines of newcomers: most leave within the step, before a deadline is needed.
    newcomers: Vec<Deadline>,
    length: u64,
}

impl Waiting {
    /// An empty queue for the classes of this ranking.
    pub(crate) fn new(ranking: Arc<Ranking>) -> Waiting {
        Waiting {
            queues: ranking.iter().map(|_| VecDeque::new()).collect(),
            heads: vec![NOBODY; ranking.len()],
            ranking,
            deadlines: BTreeSet::new(),
            newcomers: Vec::new(),
            length: 0,
        }
    }

    /// The number of waiting requests.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.queues.len()
    }

    /// The number of waiting requests of a class.
    pub(crate) fn of_class(&self, class: usize) -> usize {
        self.queues[class].len()
    }

    /// Inserts a request at its place in the order.
    pub(crate) fn insert(&mut self, request: Request) {
        if request.may_give_up() {
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

    /// The class of the first request in order, except for classes passed over.
    #[inline]
    pub(crate) fn first(&self, passed_over: &[bool]) -> Option<usize> {
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

    /// Removes and returns the first request of a class.
    pub(crate) fn take_first(&mut self, class: usize) -> Option<Request> {
        let request = self.queues[class].pop_front()?;
        self.left(class, &request);
        Some(request)
    }

    /// Removes and returns the request with this key.
    pub(crate) fn take(&mut self, class: usize, key: Key) -> Option<Request> {
        let queue = &mut self.queues[class];
        let place = find(queue, key).ok()?;
        let request = queue.remove(place)?;
        self.left(class, &request);
        Some(request)
    }

    /// Notes that the client of this request has left: it waits on, without patience. Returns whether it waits
    /// here.
    pub(crate) fn lose_client(&mut self, class: usize, key: Key, now: Time) -> bool {
        self.settle_newcomers();
        let Ok(place) = find(&self.queues[class], key) else {
            return false;
        };
        let request = &mut self.queues[class][place];
        if request.may_give_up() {
            self.deadlines.remove(&deadline_of(request));
        }
        request.gone = Some(now);
        true
    }

    /// Removes and returns the request that arrived last.
    pub(crate) fn take_last(&mut self) -> Option<Request> {
        let last = |class: &usize| self.queues[*class].back().map(Request::key);
        let class = (0..self.queues.len()).max_by_key(last)?;
        let request = self.queues[class].pop_back()?;
        self.left(class, &request);
        Some(request)
    }

    /// The time at which the next request gives up.
    pub(crate) fn next_deadline(&mut self) -> Time {
        self.settle_newcomers();
        self.deadlines.first().map_or(Time::NEVER, |entry| entry.0)
    }

    /// Removes and returns one request that gives up at `now` or earlier.
    pub(crate) fn take_fed_up(&mut self, now: Time) -> Option<Request> {
        self.settle_newcomers();
        let &(deadline, key, class) = self.deadlines.first()?;
        if deadline > now {
            return None;
        }
        self.take(class as usize, key)
    }

    /// Removes and returns any request, at the end of the run.
    pub(crate) fn take_any(&mut self) -> Option<Request> {
        let class = self.queues.iter().position(|queue| !queue.is_empty())?;
        self.take_first(class)
    }

    /// Marks the request with this key as reported. Returns whether it waits here.
    pub(crate) fn list(&mut self, class: u32, key: Key) -> bool {
        let queue = &mut self.queues[class as usize];
        let found = find(queue, key);
        found.is_ok_and(|place| {
            queue[place].listed = true;
            true
        })
    }

    /// Enters the deadlines of newcomers that are still here.
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

    /// Updates the length, the head and the deadlines after a request has left its queue.
    #[inline]
    fn left(&mut self, class: usize, request: &Request) {
        self.length -= 1;
        self.heads[class] = self.queues[class].front().map_or(NOBODY, Request::key);
        if request.may_give_up() {
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

    fn request(id: u64, class: u32, arrival: u64, deadline: Time) -> Request {
        Request {
            id,
            class,
            arrival: Time::of(arrival),
            deadline,
            service: 1.0,
            remaining: 1.0,
            served: 0.0,
            worked: 0.0,
            first_start: None,
            attempts: 0,
            listed: false,
            served_by: None,
            wrap_up: 0.0,
            timeout: Time::NEVER,
            gone: None,
            client: Client {
                number: id,
                of_class: id,
                attempt: 1,
                first: Time::of(arrival),
                delay: None,
            },
        }
    }

    #[test]
    fn priority_goes_before_arrival_and_arrival_before_id() {
        let mut waiting = Waiting::new(ranking([0, 7].into_iter()));
        for (id, class, arrival) in [(3, 0, 2), (1, 0, 1), (2, 0, 1), (9, 1, 6), (8, 1, 5)] {
            waiting.insert(request(id, class, arrival, Time::NEVER));
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
        for (id, deadline) in [(1, 9), (2, 4), (3, 4)] {
            waiting.insert(request(id, 0, 1, Time::of(deadline)));
        }
        waiting.insert(request(4, 0, 1, Time::NEVER));
        assert_eq!(waiting.take(0, 2).unwrap().id, 2);
        assert!(waiting.take_fed_up(Time::of(3)).is_none());
        assert_eq!(waiting.take_fed_up(Time::of(4)).unwrap().id, 3);
        assert_eq!(
            (waiting.next_deadline(), waiting.length()),
            (Time::of(9), 2)
        );
        assert_eq!(waiting.take_first(0).unwrap().id, 1);
        assert!(waiting.next_deadline().is_never());
    }

    #[test]
    fn the_last_to_come_is_the_one_of_the_highest_number() {
        let mut waiting = Waiting::new(ranking([0, 7].into_iter()));
        for (id, class) in [(1, 0), (2, 1), (3, 0)] {
            waiting.insert(request(id, class, 1, Time::NEVER));
        }
        let order = std::iter::from_fn(|| waiting.take_last()).map(|request| request.id);
        assert_eq!(order.collect::<Vec<_>>(), [3, 2, 1]);
    }
}
