//! The measures of a stage during a run, and its summary at the end.
//!
//! A stage's window opens when the first measured customer to reach it arrives there; without warm-up at 0, or at
//! the first arrival at the line if arrivals are absolute times. It closes at the line's last departure. Per-visit
//! measures (waiting, service) cover the measured customers; measures of time (queue length, busy, idle, blocked)
//! cover the window, clipped.

use super::summary::{QueueLengthSummary, StageSummary};
use crate::digest::{Digest, RecordDigest};
use crate::lanes::{Least, widest};
use crate::stats::{LaneSum, QueueLength, Tally};
use std::collections::VecDeque;

/// Measures of one stage.
#[derive(Clone, Debug)]
pub(super) struct StageMeasures {
    warm_up: u64,
    waiting: Tally,
    service: Tally,
    queue: QueueLength,
    shares: Shares,
    arrivals: u64,
    departures: u64,
    digest: RecordDigest,
}

/// The starts of the services of some customers, a column each; in the order of arrivals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun<'a> {
    pub(super) numbers: &'a [u64],
    pub(super) arrivals: &'a [f64],
    pub(super) starts: &'a [f64],
    pub(super) waits: &'a [f64],
    pub(super) services: &'a [f64],
}

/// The visits of some customers who left, a column each; in the order of leaving.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left<'a> {
    /// Customers and their servers, by [`visitor`].
    pub(super) visits: &'a [u64],
    /// The time since which the server had been idle.
    pub(super) idle_from: &'a [f64],
    pub(super) starts: &'a [f64],
    pub(super) ends: &'a [f64],
    pub(super) departures: &'a [f64],
}

/// The bits of a visit below those of its server.
const SERVER: u32 = 40;

/// A customer at a server, in the form in which the digest takes it.
pub(super) fn visitor(customer: u64, server: u32) -> u64 {
    customer ^ (u64::from(server) << SERVER)
}

/// The server of a visit.
fn server(visit: u64) -> u32 {
    (visit >> SERVER) as u32
}

/// The time of one server from the end of one service to the end of the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spell {
    /// Idle from here to `start`.
    pub(super) idle_from: f64,
    /// Busy from here to `end`.
    pub(super) start: f64,
    /// Blocked from here to `departure`.
    pub(super) end: f64,
    pub(super) departure: f64,
}

impl StageMeasures {
    /// Measures of customers after the warm-up; without one the window opens at `opening`. `instant` says whether
    /// services may take no time.
    pub(super) fn new(warm_up: u64, opening: f64, instant: bool) -> StageMeasures {
        let mut measures = StageMeasures {
            warm_up,
            waiting: Tally::default(),
            service: Tally::default(),
            queue: QueueLength::default(),
            shares: Shares {
                since: instant.then(Vec::new),
                ..Shares::default()
            },
            arrivals: 0,
            departures: 0,
            digest: RecordDigest::default(),
        };
        if warm_up == 0 {
            measures.queue.open(opening);
            measures.shares.open(opening);
        }
        measures
    }

    /// Records the start of a service; to be called in the order of arrivals at the stage.
    #[inline]
    pub(super) fn start(&mut self, customer: u64, arrival: f64, start: f64, service: f64) {
        self.arrivals += 1;
        let measured = customer > self.warm_up;
        if self.shares.opened.is_none() {
            if measured {
                self.queue.open(arrival);
                self.shares.open(arrival);
            } else {
                self.shares.forget_before(arrival);
            }
        }
        self.queue.add(arrival, start);
        if measured {
            self.waiting.add(start - arrival);
            self.service.add(service);
        }
    }

    /// Whether the window is open. Until it is, starts and departures must be recorded in the order in which they
    /// happen.
    pub(super) fn is_open(&self) -> bool {
        self.shares.opened.is_some()
    }

    /// Records the starts of some services while the window is open; the result is the same as one by one, to the
    /// last bit.
    pub(super) fn begin_all(&mut self, begun: Begun<'_>) {
        if self.warm_up == 0 || begun.numbers.iter().all(|&number| number > self.warm_up) {
            self.arrivals += begun.numbers.len() as u64;
            self.queue.add_all(begun.arrivals, begun.starts);
            self.waiting.add_all(begun.waits);
            self.service.add_all(begun.services);
        } else {
            for (index, &number) in begun.numbers.iter().enumerate() {
                let (arrival, start) = (begun.arrivals[index], begun.starts[index]);
                self.start(number, arrival, start, begun.services[index]);
            }
        }
    }

    /// Records the departures of some customers while the window is open; the result is the same as one by one, to
    /// the last bit.
    pub(super) fn leave_all(&mut self, left: Left<'_>) {
        self.departures += left.visits.len() as u64;
        let opened = self.shares.opened.expect("the window is open");
        // No server is idle since before time 0.
        let whole = opened == 0.0 || widest(Least(left.idle_from)) >= opened;
        if whole && self.shares.since.is_none() {
            self.shares.busy.add_spans(left.starts, left.ends);
            let longest = self.shares.idle.add_spans(left.idle_from, left.starts);
            self.shares.idle_longest = self.shares.idle_longest.max(longest);
            // If no customer can be blocked, both are one column.
            if !std::ptr::eq(left.ends, left.departures) {
                self.shares.blocked.add_spans(left.ends, left.departures);
            }
        } else {
            for (index, &end) in left.ends.iter().enumerate() {
                let spell = Spell {
                    idle_from: left.idle_from[index],
                    start: left.starts[index],
                    end,
                    departure: left.departures[index],
                };
                self.shares.add(server(left.visits[index]), spell);
            }
        }
        self.digest
            .fold_columns(left.visits, [left.starts, left.ends, left.departures]);
    }

    /// Records that a customer leaves the stage; to be called in the order of leaving.
    #[inline]
    pub(super) fn leave(&mut self, customer: u64, server: u32, spell: Spell) {
        self.departures += 1;
        self.shares.add(server, spell);
        self.digest.fold([
            visitor(customer, server),
            spell.start.to_bits(),
            spell.end.to_bits(),
            spell.departure.to_bits(),
        ]);
    }

    pub(super) fn digest(&self) -> Digest {
        self.digest.digest()
    }

    /// The waits of measured customers.
    pub(super) fn waiting(&self) -> &Tally {
        &self.waiting
    }

    pub(super) fn departures(&self) -> u64 {
        self.departures
    }

    /// Closes the window at `clock` and returns the measures. `free_since` has for each server the time since which
    /// it is idle.
    ///
    /// # Panics
    /// If the measures contradict each other: if busy, idle and blocked time do not add up to the window, or the
    /// area under the queue is not the sum of the waits.
    pub(super) fn summary(&self, name: &str, clock: f64, free_since: &[f64]) -> StageSummary {
        let servers = free_since.len() as f64;
        let window = self.shares.opened.map(|opened| clock - opened);
        let shares = self.closed(name, clock, free_since);
        let per_window = |total: f64| match window {
            Some(window) if window > 0.0 => Some(total / window),
            _ => None,
        };
        let (queue_max, queue_max_at) = self.queue.max();
        let lasting = window.is_some_and(|window| window > 0.0);
        StageSummary {
            name: name.to_owned(),
            servers: Some(free_since.len() as u32),
            arrivals: self.arrivals,
            departures: self.departures,
            waiting: self.waiting.statistics(),
            waited_fraction: (self.waiting.n() > 0)
                .then(|| self.waiting.positive() as f64 / self.waiting.n() as f64),
            service: self.service.statistics(),
            utilisation: per_window(shares.busy.total() / servers),
            // All servers are up and on duty all the time.
            occupancy: per_window(shares.busy.total() / servers),
            idle_time: window.map(|_| shares.idle.total() / servers),
            idle_longest: window.map(|_| shares.idle_longest),
            blocked_time: window.map(|_| shares.blocked.total() / servers),
            queue_length: QueueLengthSummary {
                mean: per_window(self.queue.area()),
                max: lasting.then_some(queue_max),
                max_at: queue_max_at.filter(|_| lasting),
            },
            lost: None,
            balked: None,
            abandoned: None,
            scrapped: None,
            failed: None,
            unfinished: None,
            time_to_abandon: None,
            setup_time: None,
            down_time: None,
            off_time: None,
            in_service: None,
        }
    }

    /// The idle time of [`StageMeasures::summary`] only.
    pub(super) fn idle_time(&self, name: &str, clock: f64, free_since: &[f64]) -> Option<f64> {
        let shares = self.closed(name, clock, free_since);
        let opened = self.shares.opened;
        opened.map(|_| shares.idle.total() / free_since.len() as f64)
    }

    /// The use of the servers' time in the window that closes at `clock`.
    fn closed(&self, name: &str, clock: f64, free_since: &[f64]) -> Shares {
        let mut shares = self.shares.clone();
        if shares.opened.is_some() {
            for (server, &free) in (0..).zip(free_since) {
                shares.idle_until(server, free, clock);
            }
        }
        self.audit(name, clock, free_since.len() as f64, &shares);
        shares
    }

    fn audit(&self, name: &str, clock: f64, servers: f64, shares: &Shares) {
        assert_eq!(
            self.arrivals, self.departures,
            "stage {name}: who came has not left"
        );
        if let Some(opened) = shares.opened {
            let whole = (clock - opened) * servers;
            let parts = shares.busy.total() + shares.idle.total() + shares.blocked.total();
            assert!(
                (parts - whole).abs() <= 1e-9 * servers * clock,
                "stage {name}: busy, idle and blocked time add up to {parts}, the windows to {whole}"
            );
        }
        if self.warm_up == 0 {
            let (area, waits) = (self.queue.area(), self.waiting.total());
            assert!(
                (area - waits).abs() <= 1e-9 * area.max(waits),
                "stage {name}: the area under the queue is {area}, the waits add up to {waits}"
            );
        }
    }
}

/// The use of the time of the servers of a stage in the window.
#[derive(Clone, Debug, Default)]
struct Shares {
    opened: Option<f64>,
    busy: LaneSum,
    idle: LaneSum,
    blocked: LaneSum,
    idle_longest: f64,
    /// Before the window opens: spells that may extend into it, with the beginning of the time without work.
    recent: VecDeque<(Spell, f64)>,
    /// By server, the time since which it had no work except services of length zero, which do not split an idle
    /// period; none if there are no such services.
    since: Option<Vec<f64>>,
}

impl Shares {
    fn open(&mut self, time: f64) {
        self.opened = Some(time);
        for (spell, since) in std::mem::take(&mut self.recent) {
            self.count(spell, since);
        }
    }

    /// Discards spells before `time`; no window opens before it.
    fn forget_before(&mut self, time: f64) {
        while self
            .recent
            .front()
            .is_some_and(|(s, _)| s.departure <= time)
        {
            self.recent.pop_front();
        }
    }

    #[inline]
    fn add(&mut self, server: u32, spell: Spell) {
        let since = match &mut self.since {
            Some(since) => {
                let since = entry(since, server);
                let before = *since;
                if spell.departure > spell.start {
                    *since = spell.departure;
                }
                before
            }
            None => spell.idle_from,
        };
        match self.opened {
            Some(_) => self.count(spell, since),
            None => self.recent.push_back((spell, since)),
        }
    }

    #[inline]
    fn count(&mut self, spell: Spell, since: f64) {
        let opened = self.opened.expect("the window is open");
        if since >= opened {
            self.idle.add(spell.start - spell.idle_from);
            self.longest(spell.start - since);
            self.busy.add(spell.end - spell.start);
            self.blocked.add(spell.departure - spell.end);
        } else {
            let clip = |time: f64| time.max(opened);
            self.idle.add(clip(spell.start) - clip(spell.idle_from));
            self.longest(clip(spell.start) - clip(since));
            self.busy.add(clip(spell.end) - clip(spell.start));
            self.blocked.add(clip(spell.departure) - clip(spell.end));
        }
    }

    #[inline]
    fn longest(&mut self, idle: f64) {
        if idle > self.idle_longest {
            self.idle_longest = idle;
        }
    }

    fn idle_until(&mut self, server: u32, free: f64, clock: f64) {
        let opened = self.opened.unwrap_or(0.0);
        let until = |since: f64| (clock - since.max(opened)).max(0.0);
        self.idle.add(until(free));
        let since = match &mut self.since {
            Some(since) => *entry(since, server),
            None => free,
        };
        self.longest(until(since));
    }
}

/// The time of a server, initially 0.
fn entry(times: &mut Vec<f64>, server: u32) -> &mut f64 {
    let index = server as usize;
    if times.len() <= index {
        times.resize(index + 1, 0.0);
    }
    &mut times[index]
}
