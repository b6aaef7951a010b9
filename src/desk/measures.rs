//! What the supervisor counts and tallies of requests: in steps whole numbers, so exact.

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

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        match self {
            Durations::Whole(tally) => tally.n(),
            Durations::Real(tally) => tally.n(),
        }
    }
}

/// What became of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) completed: u64,
    pub(super) rejected: u64,
    pub(super) abandoned: u64,
    pub(super) failed: u64,
    pub(super) timed_out: u64,
    /// Of those completed, after their clients had gone.
    pub(super) late: u64,
}

/// Counts and tallies of some requests: all of them, or those of a class.
#[derive(Clone, Debug)]
pub(super) struct RequestTally {
    /// Of the whole run.
    pub(super) all: Ends,
    /// Of those that arrived from the end of the warm-up on, as is everything that follows.
    pub(super) measured: Ends,
    /// How many of these arrived.
    pub(super) arrived: u64,
    /// Clients whose first try is measured, and all their tries.
    pub(super) clients: u64,
    pub(super) tries: u64,
    /// How many had to wait longer than zero, whatever came of it.
    pub(super) waited: u64,
    /// Those whose client had gone before an answer, of which some were served all the same.
    pub(super) unanswered: u64,
    /// Attendants' time in service that was wasted.
    pub(super) wasted: f64,
    /// First start minus arrival, over those whose service began.
    pub(super) waiting: Durations,
    /// From arrival to the end of service, over those completed.
    pub(super) sojourn: Durations,
    /// The time in service that counted, over those completed.
    pub(super) service: Durations,
    /// End minus arrival, over those who gave up.
    pub(super) time_to_abandon: Durations,
    /// Of those of a class with a service level: answered in time; answered, offered, abandoned no later.
    pub(super) level: LevelCounts,
}

/// What a service level is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LevelCounts {
    pub(super) in_time: u64,
    pub(super) answered: u64,
    pub(super) rejected: u64,
    /// Gave up within the time in which an answer would have been in time, and after it.
    pub(super) quick: u64,
    pub(super) late: u64,
    /// Had gone without an answer when their time for it was over.
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

    /// Those measured less those who still wait and whose service has not begun.
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
    /// By interval, where the desk reports any.
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

    /// A service began for the first time; if for a client who has gone, that is no answer.
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

    /// A service ended at `end`, after this work.
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

    /// A request was withdrawn.
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

    /// What attendants' time in service went into, on requests that are over.
    pub(super) fn books(&self) -> Books {
        self.books
    }

    /// The interval of an arrival, where the desk reports any.
    fn interval(&mut self, arrival: Time) -> Option<&mut Arrived> {
        let index = self.on_clock?.index(arrival);
        self.intervals.get_mut(index)
    }

    /// The tally of the class and the total.
    fn both(&mut self, class: u32, change: impl Fn(&mut RequestTally)) {
        change(&mut self.total);
        change(&mut self.classes[class as usize]);
    }
}

/// The time in service that was wasted on a request that is over or left at the end of the run.
pub(super) fn wasted(work: Work) -> f64 {
    match work.for_nobody {
        true => work.worked,
        false => work.worked - work.served,
    }
}
