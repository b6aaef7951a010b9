//! Customers who reach the system from outside: their times of arrival, batch sizes and classes.

use super::recordings::{Recording, Shortage, recordings};
use super::system::{Class, System};
use crate::random::laws::{Gamma, Uniform};
use crate::random::{ChangingRate, Draws, Law, Purpose, Sampler, Stream};
use crate::scenario::{Horizon, LineArrivals, WarmUp};
use crate::station::Person;
use std::collections::VecDeque;
use std::sync::Arc;

/// The name of the random streams of arrivals.
const NAME: &str = "arrivals";

/// Generates customers, in the order of time and, at one instant, of classes.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    flows: Vec<Flow>,
    /// The next instant at which customers arrive.
    next: Option<f64>,
    shares: Option<Shares>,
    horizon: Horizon,
    warm_up: WarmUp,
    made: u64,
    made_of: Vec<u64>,
    /// Whether no more customers are generated, whatever the horizon.
    closed: bool,
    /// Whether a customer arrives whenever a service can begin.
    saturated: bool,
    /// The recordings at stations, which have a value for each customer, and the first that was too short.
    recordings: Vec<Recording>,
    short: Option<Recording>,
}

/// The limit of counting customers beyond a recording's end, so that counting is quick.
const COUNTED: u64 = 100_000_000;

/// The arrivals of one class, or of all classes together.
#[derive(Clone, Debug)]
struct Flow {
    /// The class, if it is not drawn.
    class: Option<u32>,
    class_name: Option<String>,
    instants: Instants,
    /// The next arrival; none if there is none.
    next: Option<f64>,
    arrivals: u64,
    batch: Option<Draws>,
}

#[derive(Clone, Debug)]
enum Instants {
    Renewal {
        gaps: Sampler,
        clock: f64,
        stretch: f64,
    },
    Times {
        times: Arc<Vec<f64>>,
        classes: Option<Arc<Vec<usize>>>,
        taken: usize,
    },
    Rates(ChangingRate),
    /// `count` customers at time 0.
    Beginning {
        count: u64,
        given: bool,
    },
}

/// Classes drawn for each customer.
#[derive(Clone, Debug)]
struct Shares {
    /// The sums of the shares up to each class.
    sums: Vec<f64>,
    draws: Draws,
}

impl Arrivals {
    pub(super) fn new(system: &System, replication: u64) -> Arrivals {
        let seed = system.seed;
        let factor = system.busy_day.map_or(1.0, |cv| {
            let gamma = Law::Gamma(Gamma { mean: 1.0, cv });
            Draws::new(&gamma, seed, replication, NAME, Purpose::BusyDay).of(1)
        });
        let flow =
            |class: Option<u32>, arrivals: &LineArrivals, batch: &Option<Law>, name: &str| {
                let instants = Instants::new(arrivals, factor, (seed, replication), name)?;
                let batch = batch.as_ref();
                let mut flow = Flow {
                    class,
                    class_name: class.map(|class| system.classes[class as usize].name.clone()),
                    instants,
                    next: None,
                    arrivals: 0,
                    batch: batch
                        .map(|law| Draws::new(law, seed, replication, name, Purpose::Batch)),
                };
                flow.next = flow.instants.next();
                Some(flow)
            };
        let flows = match &system.arrivals {
            LineArrivals::PerClass(flows) => (0..)
                .zip(flows)
                .filter_map(|(class, one)| {
                    // A single class has the same stream as customers without classes.
                    let name = match flows.len() {
                        1 => NAME.to_owned(),
                        _ => format!("{NAME}/{}", class + 1),
                    };
                    flow(Some(class), &one.arrivals, &one.batch, &name)
                })
                .collect(),
            one => flow(None, one, &system.batch, NAME).into_iter().collect(),
        };
        let mut arrivals = Arrivals {
            flows,
            next: None,
            shares: Shares::new(&system.classes, seed, replication),
            horizon: system.horizon,
            warm_up: system.warm_up,
            made: 0,
            made_of: vec![0; system.classes.len()],
            closed: false,
            saturated: system.arrivals == LineArrivals::Saturated,
            recordings: recordings(system),
            short: None,
        };
        arrivals.look_ahead();
        arrivals
    }

    /// The recording that is too short for the customers generated so far, or for the next arrival.
    #[inline]
    pub(super) fn shortage(&self) -> Option<Shortage> {
        let may_be = self.short.is_some() || self.flows.iter().any(|flow| flow.next.is_none());
        may_be.then(|| self.found_short()).flatten()
    }

    #[cold]
    fn found_short(&self) -> Option<Shortage> {
        match &self.short {
            Some(recording) => Some(recording.short_of(self.needed(recording))),
            None => self.shortage_of_instants(),
        }
    }

    /// The number of values that a recording should have had, as far as that can be counted quickly.
    fn needed(&self, recording: &Recording) -> u64 {
        let mut rest = self.clone();
        rest.recordings.clear();
        let mut people = VecDeque::new();
        while let Some(time) = rest.next()
            && rest.made < self.made.saturating_add(COUNTED)
        {
            rest.take(time, &mut people);
            people.clear();
        }
        recording.needed(rest.made, &rest.made_of)
    }

    /// The flow whose recording has ended before the horizon.
    fn shortage_of_instants(&self) -> Option<Shortage> {
        let ended = self.flows.iter().filter(|flow| flow.next.is_none());
        let rest = self.flows.iter().any(|flow| flow.next.is_some());
        let wanted = |flow: &&Flow| match (&flow.instants, self.horizon) {
            (Instants::Rates(_) | Instants::Beginning { .. }, _) => false,
            // Other flows may still supply customers; a horizon in customers needs at least one that does.
            (_, Horizon::Customers(_)) => !rest && !self.is_over(0.0),
            (Instants::Renewal { clock, .. }, Horizon::Until(_)) => !self.is_over(*clock),
            (Instants::Times { .. }, Horizon::Until(_)) => false,
        };
        let flow = { ended }.find(wanted)?;
        let what = match flow.instants {
            Instants::Renewal { .. } => "the times between arrivals",
            _ => "the times of arrivals",
        };
        Some(Shortage {
            what: match &flow.class_name {
                Some(class) => format!("{what} of class {class}"),
                None => what.to_owned(),
            },
            had: flow.arrivals,
            needed: flow.arrivals + 1,
        })
    }

    /// Number of customers generated.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// Number of customers generated, by class.
    pub(super) fn made_of(&self) -> &[u64] {
        &self.made_of
    }

    /// Ends the generation of customers.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.next = None;
    }

    fn is_over(&self, time: f64) -> bool {
        self.closed
            || match self.horizon {
                Horizon::Customers(most) => self.made >= most,
                Horizon::Until(until) => time > until,
            }
    }

    /// The next instant at which customers arrive.
    #[inline]
    pub(super) fn next(&self) -> Option<f64> {
        self.next
    }

    fn look_ahead(&mut self) {
        let times = self.flows.iter().filter_map(|flow| flow.next);
        let next = times.reduce(f64::min);
        self.next = next.filter(|&next| !self.is_over(next));
    }

    /// Adds the customers who arrive at this instant to `into`.
    pub(super) fn take(&mut self, now: f64, into: &mut VecDeque<Box<Person>>) {
        for flow in 0..self.flows.len() {
            while self.flows[flow].next == Some(now) && !self.is_over(now) {
                let one = &mut self.flows[flow];
                one.arrivals += 1;
                let recorded = one.instants.class();
                let class = one.class.or(recorded);
                let count = match &mut one.batch {
                    Some(batch) => batch.of(one.arrivals) as u64,
                    None => one.instants.together().unwrap_or(1),
                };
                one.next = one.instants.next();
                for _ in 0..count {
                    if self.is_over(now) {
                        break;
                    }
                    into.push_back(self.make(now, class));
                }
            }
        }
        self.look_ahead();
    }

    /// Whether a saturated system has another customer.
    pub(super) fn can_supply(&self, now: f64) -> bool {
        self.saturated && !self.is_over(now)
    }

    /// The next customer of a saturated line, whose service can begin now; none after the horizon.
    pub(super) fn supply(&mut self, now: f64) -> Option<Box<Person>> {
        self.can_supply(now).then(|| self.make(now, None))
    }

    fn make(&mut self, now: f64, class: Option<u32>) -> Box<Person> {
        self.made += 1;
        let number = self.made;
        let class = match (&mut self.shares, class) {
            (_, Some(class)) => class,
            (Some(shares), None) => shares.class_of(number),
            (None, None) => 0,
        };
        let of_class = &mut self.made_of[class as usize];
        *of_class += 1;
        let of_class = *of_class;
        if self.short.is_none() {
            let mut recordings = self.recordings.iter();
            let short = recordings.find(|one| one.ends_before(number, &self.made_of));
            self.short = short.cloned();
        }
        Box::new(Person {
            number,
            class,
            came_as: class,
            of_class,
            entered: now,
            measured: match self.warm_up {
                WarmUp::Customers(count) => number > count,
                WarmUp::Time(time) => now >= time,
            },
            visit: 1,
            visits: Vec::new(),
            stop: 0,
            waiting: 0.0,
            service: 0.0,
            blocked: 0.0,
            queues_joined: 0,
            cycle_since: None,
        })
    }
}

impl Shares {
    fn new(classes: &[Class], seed: u64, replication: u64) -> Option<Shares> {
        if classes.len() < 2 {
            return None;
        }
        let mut sum = 0.0;
        let sums = classes.iter().map(|class| {
            sum += class.share;
            sum
        });
        let unit = Law::Uniform(Uniform {
            low: 0.0,
            high: 1.0,
        });
        Some(Shares {
            sums: sums.collect(),
            draws: Draws::new(&unit, seed, replication, NAME, Purpose::Class),
        })
    }

    fn class_of(&mut self, number: u64) -> u32 {
        let drawn = self.draws.of(number);
        let class = self.sums.partition_point(|&sum| sum <= drawn);
        // The sum of all shares may be a little less than 1.
        let last = self.sums.iter().rposition(|_| true).unwrap_or(0);
        class.min(last) as u32
    }
}

impl Instants {
    /// The instants of these arrivals; none if the first station generates its own customers.
    fn new(
        arrivals: &LineArrivals,
        factor: f64,
        (seed, replication): (u64, u64),
        name: &str,
    ) -> Option<Instants> {
        let stream = Stream::new(seed, replication, name, Purpose::Arrivals);
        Some(match arrivals {
            LineArrivals::Renewal(law) => Instants::Renewal {
                gaps: Sampler::new(law, stream),
                clock: 0.0,
                stretch: factor,
            },
            LineArrivals::Times(times) => Instants::Times {
                times: Arc::clone(times),
                classes: None,
                taken: 0,
            },
            LineArrivals::Recorded { times, classes } => Instants::Times {
                times: Arc::clone(times),
                classes: Some(Arc::clone(classes)),
                taken: 0,
            },
            LineArrivals::Rates(pieces) => {
                let pieces = pieces
                    .iter()
                    .map(|piece| (piece.until, piece.rate * factor));
                Instants::Rates(ChangingRate::new(pieces.collect(), stream))
            }
            LineArrivals::Population(count) => Instants::Beginning {
                count: *count,
                given: *count == 0,
            },
            LineArrivals::Saturated | LineArrivals::PerClass(_) => return None,
        })
    }

    fn next(&mut self) -> Option<f64> {
        match self {
            Instants::Renewal {
                gaps,
                clock,
                stretch,
            } => {
                let gap = gaps.draw()?;
                *clock += if *stretch == 1.0 { gap } else { gap / *stretch };
                Some(*clock)
            }
            Instants::Times { times, taken, .. } => {
                let time = times.get(*taken).copied();
                *taken += 1;
                time
            }
            Instants::Rates(rate) => Some(rate.instant()),
            Instants::Beginning { given, .. } => (!std::mem::replace(given, true)).then_some(0.0),
        }
    }

    /// The number of customers at each arrival, if it is known.
    fn together(&self) -> Option<u64> {
        match self {
            Instants::Beginning { count, .. } => Some(*count),
            _ => None,
        }
    }

    /// The recorded class of the last arrival returned.
    fn class(&self) -> Option<u32> {
        match self {
            Instants::Times {
                classes: Some(classes),
                taken,
                ..
            } => Some(classes[*taken - 1] as u32),
            _ => None,
        }
    }
}
