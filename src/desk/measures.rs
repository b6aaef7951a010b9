//! The counts and tallies of requests that the supervisor keeps; in steps whole numbers, so exact.

use super::audit::Books;
use super::clock::Clock;
use super::intervals::{Arrived, OnClock};
use super::message::Work;
use crate::scenario::Desk;
use crate::station::requests::Request;
use crate::stats::{BatchMeans, Statistics, Tally, WholeTally};
use crate::time::Time;

/// Durations of requests: exact in steps.
#[derive(Clone, Debug)]
pub(super) enum Durations {
    Whole(WholeTally),
    Real(Box<Tally>),
}

impl Durations {
    pub(super) fn new(stepped: bool) -> Durations {
        match stepped {
            true => Durations::Whole(WholeTally::default()),
            false => Durations::Real(Box::default()),
        }
    }

    pub(super) fn add(&mut self, duration: f64) {
        match self {
            Durations::Whole(tally) => tally.add(duration as u64),
            Durations::Real(tally) => tally.add(duration),
        }
    }

    pub(super) fn statistics(&self) -> Statistics {
        match self {
            Durations::Whole(tally) => tally.statistics(),
            Durations::Real(tally) => tally.statistics(),
        }
    }

    /// The number of durations.
    pub(super) fn count(&self) -> u64 {
        match self {
            Durations::Whole(tally) => tally.n(),
            Durations::Real(tally) => tally.n(),
        }
    }
}

/// The outcomes of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) completed: u64,
    pub(super) rejected: u64,
    pub(super) abandoned: u64,
    pub(super) failed: u64,
    pub(super) timed_out: u64,
    /// The number of completed requests whose clients had left.
    pub(super) late: u64,
}

/// Counts and tallies of all requests, or of those of a class.
#[derive(Clone, Debug)]
pub(super) struct RequestTally {
    /// Outcomes over the whole run.
    pub(super) all: Ends,
    /// Outcomes of requests that arrived at or after the end of the warm-up, as do all that follow.
    pub(super) measured: Ends,
    /// The number of these that arrived.
    pub(super) arrived: u64,
    /// Clients whose first try is measured, and all their tries.
    pub(super) clients: u64,
    pub(super) tries: u64,
    /// The number that had to wait longer than zero, with any outcome.
    pub(super) waited: u64,
    /// Requests whose client had left before an answer, some of which were served all the same.
    pub(super) unanswered: u64,
    /// Attendants' time in service that was wasted.
    pub(super) wasted: f64,
    /// First start minus arrival, over requests whose service began.
    pub(super) waiting: Durations,
    /// From arrival to the end of service, over completed requests.
    pub(super) sojourn: Durations,
    /// The time in service that counted, over completed requests.
    pub(super) service: Durations,
    /// End minus arrival, over requests that gave up.
    pub(super) time_to_abandon: Durations,
    /// Counts for the service level, of requests of classes that have one.
    pub(super) level: LevelCounts,
}

/// The counts from which a service level is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LevelCounts {
    pub(super) in_time: u64,
    pub(super) answered: u64,
    pub(super) rejected: u64,
    /// Requests that gave up within the time limit for an answer, and after it.
    pub(super) quick: u64,
    pub(super) late: u64,
    /// Requests whose client had left without an answer when the time limit was over.
    pub(super) timed_out: u64,
}

impl RequestTally {
    fn new(stepped: bool) -> RequestTally {
        let durations = || Durations::new(stepped);
        RequestTally {
            all: Ends::default(),
            measured: Ends::default(),
            arrived: 0,
            clients: 0,
            tries: 0,
            waited: 0,
            unanswered: 0,
            wasted: 0.0,
            waiting: durations(),
            sojourn: durations(),
            service: durations(),
            time_to_abandon: durations(),
            level: LevelCounts::default(),
        }
    }

    /// The measured requests, except those still waiting whose service has not begun.
    pub(super) fn offered(&self) -> u64 {
        let gone = self.measured.rejected + self.measured.abandoned + self.unanswered;
        self.waiting.count() + gone
    }
}

/// The tallies of all requests, and class by class.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    clock: Clock,
    /// Per class the longest wait of an answer in time.
    within: Vec<Option<f64>>,
    books: Books,
    on_clock: Option<OnClock>,
    /// By interval, if the desk reports intervals.
    pub(super) intervals: Vec<Arrived>,
    pub(super) total: RequestTally,
    pub(super) classes: Vec<RequestTally>,
    /// The waits of measured requests in batches, in the order in which services begin.
    pub(super) waiting_batches: BatchMeans,
}

impl Measures {
    pub(super) fn new(desk: &Desk) -> Measures {
        let clock = Clock::of(desk);
        let within = desk.classes.iter();
        Measures {
            clock,
            within: within
                .map(|class| Some(class.service_level?.within))
                .collect(),
            books: Books::default(),
            on_clock: OnClock::of(desk),
            intervals: Arrived::all(OnClock::of(desk), clock.stepped()),
            total: RequestTally::new(clock.stepped()),
            classes: vec![RequestTally::new(clock.stepped()); desk.classes.len()],
            waiting_batches: BatchMeans::default(),
        }
    }

    pub(super) fn arrived(&mut self, request: &Request) {
        let (arrival, client) = (request.arrival, request.client);
        let first = self.clock.measures(client.first);
        if self.clock.measures(arrival) {
            self.both(request.class, |tally| {
                tally.arrived += 1;
                tally.tries += u64::from(first);
                tally.clients += u64::from(first && client.attempt == 1);
            });
        }
    }

    /// Records the first start of a service; it is not an answer if the client has left.
    pub(super) fn began(&mut self, class: u32, arrival: Time, now: Time, for_nobody: bool) {
        let within = self.within[class as usize];
        let waited = now.since(arrival);
        if let Some(interval) = self.interval(arrival) {
            interval.waiting.add(waited);
            interval.answered += u64::from(!for_nobody);
            interval.judged += u64::from(within.is_some());
            let in_time = within.is_some_and(|within| waited <= within);
            interval.in_time += u64::from(in_time && !for_nobody);
        }
        if !self.clock.measures(arrival) {
            return;
        }
        self.waiting_batches.add_all(&[waited]);
        self.both(class, |tally| {
            tally.waiting.add(waited);
            tally.waited += u64::from(waited > 0.0);
            match within {
                Some(_) if for_nobody => tally.level.timed_out += 1,
                Some(within) => {
                    tally.level.answered += 1;
                    tally.level.in_time += u64::from(waited <= within);
                }
                None => {}
            }
        });
    }

    /// Records a service that ended at `end`, after this work.
    pub(super) fn completed(&mut self, class: u32, arrival: Time, (end, work): (Time, Work)) {
        let measured = self.clock.measures(arrival);
        let late = u64::from(work.for_nobody);
        self.books.completed(work);
        self.both(class, |tally| {
            tally.all.completed += 1;
            tally.all.late += late;
            if measured {
                tally.measured.completed += 1;
                tally.measured.late += late;
                tally.sojourn.add(end.since(arrival));
                tally.service.add(work.served);
                tally.wasted += wasted(work);
            }
        });
    }

    /// Records a request that was withdrawn.
    pub(super) fn timed_out(&mut self, request: &Request, now: Time) {
        let (class, measured) = (request.class, self.clock.measures(request.arrival));
        let unanswered = u64::from(request.first_start.is_none());
        let waited = u64::from(unanswered > 0 && now > request.arrival);
        let level = u64::from(self.within[class as usize].is_some()) * unanswered;
        if let Some(interval) = self.interval(request.arrival) {
            interval.unanswered += unanswered;
            interval.judged += level;
        }
        let work = Work::on(request);
        self.books.completed(work);
        self.both(class, |tally| {
            tally.all.timed_out += 1;
            if measured {
                tally.measured.timed_out += 1;
                tally.unanswered += unanswered;
                tally.waited += waited;
                tally.level.timed_out += level;
                tally.wasted += wasted(work);
            }
        });
    }

    pub(super) fn rejected(&mut self, class: u32, arrival: Time) {
        let measured = self.clock.measures(arrival);
        let level = self.within[class as usize].is_some();
        if let Some(interval) = self.interval(arrival) {
            interval.rejected += 1;
            interval.judged += u64::from(level);
        }
        self.both(class, |tally| {
            tally.all.rejected += 1;
            tally.measured.rejected += u64::from(measured);
            tally.level.rejected += u64::from(measured && level);
        });
    }

    pub(super) fn abandoned(&mut self, class: u32, arrival: Time, now: Time) {
        let measured = self.clock.measures(arrival);
        let within = self.within[class as usize];
        let waited = now.since(arrival);
        if let Some(interval) = self.interval(arrival) {
            interval.abandoned += 1;
            interval.judged += u64::from(within.is_some());
        }
        self.both(class, |tally| {
            tally.all.abandoned += 1;
            if measured {
                tally.measured.abandoned += 1;
                tally.time_to_abandon.add(waited);
                tally.waited += u64::from(waited > 0.0);
                if let Some(within) = within {
                    tally.level.quick += u64::from(waited <= within);
                    tally.level.late += u64::from(waited > within);
                }
            }
        });
    }

    pub(super) fn failed(&mut self, request: &Request) {
        let measured = self.clock.measures(request.arrival);
        let work = Work {
            for_nobody: true,
            ..Work::on(request)
        };
        self.books.completed(work);
        self.both(request.class, |tally| {
            tally.all.failed += 1;
            if measured {
                tally.measured.failed += 1;
                tally.wasted += wasted(work);
            }
        });
    }

    /// The use of the attendants' time in service, on requests that have ended.
    pub(super) fn books(&self) -> Books {
        self.books
    }

    /// The interval of an arrival, if the desk reports intervals.
    fn interval(&mut self, arrival: Time) -> Option<&mut Arrived> {
        let index = self.on_clock?.index(arrival);
        self.intervals.get_mut(index)
    }

    /// Changes the tally of the class and the total.
    fn both(&mut self, class: u32, change: impl Fn(&mut RequestTally)) {
        change(&mut self.total);
        change(&mut self.classes[class as usize]);
    }
}

/// The time in service that was wasted on a request that has ended or was left at the end of the run.
pub(super) fn wasted(work: Work) -> f64 {
    match work.for_nobody {
        true => work.worked,
        false => work.worked - work.served,
    }
}
