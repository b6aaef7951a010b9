//! The end of customers: their outcomes, the totals of those served, and the records of visits in the order in
//! which they ended.

use super::intervals::ByInterval;
use super::places::LastVisit;
use super::system::System;
use crate::actor::Recording;
use crate::digest::RecordDigest;
use crate::station::{CustomerEnd, Happening, Person, StationEvent, StationVisit, VisitOutcome};
use crate::stats::{BatchMeans, Tally};
use crate::time::Moment;

/// Collects customers who leave the system, with any outcome.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    recording: Recording,
    /// Whether customers of each class stay for ever, and the time from which they are measured.
    stays: Vec<bool>,
    measured_from: f64,
    /// Customers who have a place somewhere.
    inside: u64,
    /// All customers, and by class if there are several.
    pub(super) all: Outcomes,
    classes: Vec<Outcomes>,
    /// Times from leaving the entry to leaving it again, by class.
    pub(super) cycles: Vec<Tally>,
    /// Departures from their entry in measured time of customers who stay for ever, by class.
    entry_left: Vec<u64>,
    pub(super) waiting_batches: BatchMeans,
    pub(super) queues_joined: u64,
    pub(super) queues_joined_max: u32,
    /// The time at which the first measured customer who had a place reached the system.
    pub(super) first_measured: Option<f64>,
    /// The last departure of a customer who had a place.
    pub(super) clock: f64,
    pub(super) digest: RecordDigest,
    /// Measures by intervals, if they are reported.
    pub(super) by_interval: Option<ByInterval>,
    /// The visits and customers that ended at this instant.
    visits: Vec<(Moment, StationVisit)>,
    customers: Vec<(Moment, CustomerEnd)>,
    records: Vec<Happening>,
}

/// The outcomes of some customers. Counts are of the whole run, tallies of measured customers who were served.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcomes {
    pub(super) served: u64,
    pub(super) lost: u64,
    pub(super) balked: u64,
    pub(super) abandoned: u64,
    pub(super) scrapped: u64,
    pub(super) failed: u64,
    pub(super) unfinished: u64,
    /// Measured customers who had a place.
    pub(super) measured: u64,
    /// Measured customers who were served.
    pub(super) measured_served: u64,
    /// Customers who came after the warm-up and were not served to the end, except those still present.
    pub(super) later_unserved: u64,
    pub(super) waiting: Tally,
    pub(super) service: Tally,
    pub(super) blocked: Tally,
    pub(super) sojourn: Tally,
}

impl Outcomes {
    fn end(&mut self, person: &Person, outcome: VisitOutcome, now: f64) {
        let count = match outcome {
            VisitOutcome::Served => &mut self.served,
            VisitOutcome::Lost => &mut self.lost,
            VisitOutcome::Balked => &mut self.balked,
            VisitOutcome::Abandoned => &mut self.abandoned,
            VisitOutcome::Scrapped => &mut self.scrapped,
            VisitOutcome::Failed => &mut self.failed,
            VisitOutcome::Unfinished => &mut self.unfinished,
            VisitOutcome::Next => unreachable!("the customer goes on"),
        };
        *count += 1;
        let is_over = !matches!(outcome, VisitOutcome::Served | VisitOutcome::Unfinished);
        self.later_unserved += u64::from(is_over && person.measured);
        if outcome == VisitOutcome::Served && person.measured {
            self.measured_served += 1;
            self.waiting.add(person.waiting);
            self.service.add(person.service);
            self.blocked.add(person.blocked);
            self.sojourn.add(now - person.entered);
        }
    }
}

impl Sink {
    pub(super) fn new(system: &System, recording: Recording) -> Sink {
        let classes = system.classes.len();
        Sink {
            recording,
            stays: system.classes.iter().map(|class| class.stays).collect(),
            measured_from: system.measured_from(),
            inside: 0,
            all: Outcomes::default(),
            classes: match classes {
                1 => Vec::new(),
                _ => vec![Outcomes::default(); classes],
            },
            cycles: vec![Tally::default(); classes],
            entry_left: vec![0; classes],
            waiting_batches: BatchMeans::default(),
            queues_joined: 0,
            queues_joined_max: 0,
            first_measured: None,
            clock: 0.0,
            digest: RecordDigest::default(),
            by_interval: system.intervals.map(ByInterval::new),
            visits: Vec::new(),
            customers: Vec::new(),
            records: Vec::new(),
        }
    }

    /// The customers of each class.
    pub(super) fn by_class(&self) -> &[Outcomes] {
        match self.classes.as_slice() {
            [] => std::slice::from_ref(&self.all),
            classes => classes,
        }
    }

    /// Number of customers who have a place somewhere.
    pub(super) fn inside(&self) -> u64 {
        self.inside
    }

    /// Counts a customer from outside who takes a place.
    pub(super) fn entered(&mut self) {
        self.inside += 1;
    }

    /// Records a customer who finds no place at this station; `last` is its last visit, if it had one.
    pub(super) fn lost(
        &mut self,
        person: &Person,
        last: Option<LastVisit>,
        station: u32,
        now: Moment,
    ) {
        if let Some(LastVisit(place)) = last {
            self.inside -= 1;
            self.visits[place].1.outcome = VisitOutcome::Lost;
            self.clock = now.time;
            self.measure(person);
        }
        self.end(person, VisitOutcome::Lost, (station, last.is_some()), now);
    }

    /// Records a customer who balks at this station; `last` is its last visit, if it had one.
    pub(super) fn balked(
        &mut self,
        person: &Person,
        last: Option<LastVisit>,
        station: u32,
        now: Moment,
    ) {
        self.inside -= 1;
        if let Some(LastVisit(place)) = last {
            self.visits[place].1.outcome = VisitOutcome::Balked;
            self.clock = now.time;
            self.measure(person);
        }
        self.end(person, VisitOutcome::Balked, (station, last.is_some()), now);
    }

    /// Records that a customer of this class, who stays for ever, leaves its entry; the last time was `since`.
    pub(super) fn left_entry(&mut self, class: u32, since: Option<f64>, now: f64) {
        if now >= self.measured_from {
            self.entry_left[class as usize] += 1;
        }
        if let Some(since) = since.filter(|&since| since >= self.measured_from) {
            self.cycles[class as usize].add(now - since);
        }
    }

    /// Departures from their entry of customers of a class that stays for ever, per unit of measured time up to
    /// `end`.
    pub(super) fn cycle_rate(&self, class: usize, end: f64) -> Option<f64> {
        let span = end - self.measured_from;
        (span > 0.0).then(|| self.entry_left[class] as f64 / span)
    }

    /// Whether every change of state is recorded.
    #[inline]
    pub(super) fn wants_events(&self) -> bool {
        self.recording == Recording::Everything
    }

    /// Records changes of state, if they are wanted.
    pub(super) fn happened(&mut self, events: impl IntoIterator<Item = StationEvent>) {
        if self.wants_events() {
            let events = events.into_iter();
            self.records.extend(events.map(Happening::Station));
        }
    }

    /// Records a visit that ended at `left`. The index returned is valid until the end of the instant.
    pub(super) fn visited(&mut self, visit: StationVisit, left: Moment) -> LastVisit {
        self.visits.push((left, visit));
        LastVisit(self.visits.len() - 1)
    }

    /// Records a customer who leaves the system at the end of a visit.
    pub(super) fn ended(&mut self, person: &Person, visit: StationVisit, now: Moment) {
        self.inside -= 1;
        self.clock = now.time;
        self.visited(visit, now);
        self.measure(person);
        if visit.outcome == VisitOutcome::Served && person.measured {
            self.waiting_batches.add_all(&[person.waiting]);
            self.queues_joined += u64::from(person.queues_joined);
            self.queues_joined_max = self.queues_joined_max.max(person.queues_joined);
        }
        self.end(person, visit.outcome, (visit.stage, true), now);
    }

    /// Records a customer who is in the system when the run ends.
    pub(super) fn unfinished(&mut self, person: &Person, visit: StationVisit, now: Moment) {
        self.inside -= 1;
        self.visited(visit, Moment::NEVER);
        self.measure(person);
        self.end(person, VisitOutcome::Unfinished, (visit.stage, true), now);
    }

    /// Adds a customer who had a place to the measures.
    fn measure(&mut self, person: &Person) {
        let stays = self.stays[person.came_as as usize];
        let from = match stays {
            true => person.entered.max(self.measured_from),
            false => person.entered,
        };
        if person.measured || stays {
            self.all.measured += 1;
            if let Some(class) = self.classes.get_mut(person.came_as as usize) {
                class.measured += 1;
            }
            let first = self.first_measured.get_or_insert(from);
            *first = first.min(from);
        }
    }

    /// Records the end of a customer at `station`; `joined` says whether it ever joined one.
    fn end(
        &mut self,
        person: &Person,
        outcome: VisitOutcome,
        (station, joined): (u32, bool),
        now: Moment,
    ) {
        self.all.end(person, outcome, now.time);
        if let Some(by_interval) = &mut self.by_interval {
            by_interval.end(person, outcome);
        }
        if let Some(class) = self.classes.get_mut(person.came_as as usize) {
            class.end(person, outcome, now.time);
        }
        if self.recording >= Recording::Tables {
            let end = CustomerEnd {
                customer: person.number,
                class: person.came_as,
                arrival: person.entered,
                departure: (outcome != VisitOutcome::Unfinished).then_some(now.time),
                waiting: person.waiting,
                service: person.service,
                blocked: person.blocked,
                queues_joined: person.queues_joined,
                outcome,
                joined,
                stage: Some(station),
            };
            self.customers.push((now, end));
        }
    }

    /// Ends an instant after all its rounds: records everything that ended in it, in order.
    pub(super) fn end_instant(&mut self) {
        if self.visits.len() > 1 {
            // Unfinished visits come last, by customer.
            self.visits.sort_by_key(|&(now, visit)| {
                let stage = (now != Moment::NEVER).then_some(visit.stage);
                (now, stage, visit.customer)
            });
        }
        for &(_, visit) in &self.visits {
            let bits = |time: Option<f64>| time.map_or(u64::MAX, f64::to_bits);
            let server = u64::from(visit.server.unwrap_or(0));
            let place = u64::from(visit.stage) << 56 | server << 40;
            self.digest.fold([
                visit.customer ^ place,
                bits(visit.service_start),
                bits(visit.service_end),
                bits(visit.departure) ^ visit.outcome as u64,
            ]);
        }
        if self.recording >= Recording::Tables {
            self.customers
                .sort_by_key(|&(now, end)| (now, end.customer));
            let visits = self
                .visits
                .drain(..)
                .map(|(_, visit)| Happening::Visited(visit));
            self.records.extend(visits);
            let customers = self
                .customers
                .drain(..)
                .map(|(_, end)| Happening::Finished(end));
            self.records.extend(customers);
        }
        self.visits.clear();
        self.customers.clear();
    }

    /// The records since the last call.
    pub(super) fn records(&mut self) -> &mut Vec<Happening> {
        &mut self.records
    }
}
