//! The draws of the reference simulator, from the streams of the desk itself, in the way `desk/generator.rs`,
//! `desk/faults/` and `desk/supervisor/dispatch.rs` document; and the arrivals of a desk in continuous time.

use crate::desk_clock_reference::{Arrival, Chance, Values};
use filas::random::laws::{Gamma, Uniform};
use filas::random::{Draws as Numbered, Law, Purpose, Rounding, Sampler, Stream};
use filas::scenario::{Arrivals, Class, Desk, DeskArrivals};

/// All draws of a run.
pub(crate) struct Draws {
    stepped: bool,
    classes: Vec<OfClass>,
    dispatch: Stream,
    speed: Rounding,
    wrap_up: Rounding,
    staff: Vec<OfAttendant>,
}

/// The draws of a class: service, patience, wrap-up, time-out, delay, each with what makes it whole, and of the
/// chance to come again.
struct OfClass {
    values: [Option<(Numbered, Rounding)>; 5],
    again: Option<(f64, Numbered)>,
}

struct OfAttendant {
    probability: f64,
    faults: Stream,
    /// In steps, how many questions are still answered with no, or none are answered with yes.
    stands: Option<f64>,
    every: Option<Sampler>,
    repair: Option<Sampler>,
    rounding: Rounding,
    repairs: u64,
}

impl Draws {
    pub(crate) fn of(desk: &Desk, replication: u64) -> Draws {
        let mut staff = Vec::new();
        for server in &desk.servers {
            for number in 1..=server.attendants.len() {
                let name = format!("{}-{number}", server.name);
                staff.push(OfAttendant::new(desk, replication, &name));
            }
        }
        let rounding = |name| Rounding::new(desk.seed, replication, name);
        Draws {
            stepped: desk.steps().is_some(),
            classes: desk
                .classes
                .iter()
                .map(|class| OfClass::new(class, desk.seed, replication))
                .collect(),
            dispatch: Stream::new(desk.seed, replication, "supervisor", Purpose::Dispatch),
            speed: rounding("speed"),
            wrap_up: rounding("wrap-up"),
            staff,
        }
    }
}

impl OfClass {
    fn new(class: &Class, seed: u64, replication: u64) -> OfClass {
        let of = |law: Option<&Law>, purpose, what| {
            let name = format!("{} {what}", class.name);
            let rounding = Rounding::new(seed, replication, &name);
            let numbered = Numbered::new(law?, seed, replication, &class.name, purpose);
            Some((numbered, rounding))
        };
        let timeout = class.timeout.as_ref().map(|timeout| &timeout.after);
        let retry = class.retry.as_ref();
        let unit = Law::Uniform(Uniform {
            low: 0.0,
            high: 1.0,
        });
        OfClass {
            values: [
                of(Some(&class.service), Purpose::Service, "service"),
                of(class.patience.as_ref(), Purpose::Patience, "patience"),
                of(class.wrap_up.as_ref(), Purpose::WrapUp, "wrap-up"),
                of(timeout, Purpose::Timeout, "timeout"),
                of(retry.map(|retry| &retry.delay), Purpose::Delay, "delay"),
            ],
            again: retry.map(|retry| {
                let purpose = Purpose::Retry;
                let chance = Numbered::new(&unit, seed, replication, &class.name, purpose);
                (retry.probability, chance)
            }),
        }
    }
}

impl OfAttendant {
    fn new(desk: &Desk, replication: u64, name: &str) -> OfAttendant {
        let stream = |purpose| Stream::new(desk.seed, replication, name, purpose);
        let sampler = |law: &Option<Law>, purpose| {
            let law = law.as_ref()?;
            Some(Sampler::new(law, stream(purpose)))
        };
        let faults = &desk.faults;
        let mut one = OfAttendant {
            probability: faults.probability,
            faults: stream(Purpose::Faults),
            stands: None,
            every: sampler(&faults.every, Purpose::Faults),
            repair: sampler(&faults.repair, Purpose::Repair),
            rounding: Rounding::new(desk.seed, replication, &format!("{name} repair")),
            repairs: 0,
        };
        one.stand();
        one
    }

    /// Draws how many questions are answered with no before the next yes.
    fn stand(&mut self) {
        self.stands = match self.probability {
            0.0 => None,
            1.0 => Some(0.0),
            p => Some((libm::log1p(-self.faults.unit()) / libm::log1p(-p)).floor()),
        };
    }
}

impl Chance for Draws {
    fn values(&mut self, arrival: &Arrival, of_class: u64, attempt: u64) -> Values {
        let stepped = self.stepped;
        let OfClass { values, again } = &mut self.classes[arrival.class];
        let recorded = [arrival.service, arrival.patience, None, None, None];
        let name = (of_class, attempt - 1);
        let mut drawn = [None; 5];
        for (at, (values, recorded)) in values.iter_mut().zip(recorded).enumerate() {
            let Some((numbered, rounding)) = values else {
                // A recorded patience needs no law, but is made whole all the same.
                drawn[at] = recorded;
                continue;
            };
            let value = numbered.at_visit(of_class, attempt as u32);
            let value = recorded.unwrap_or(value);
            drawn[at] = Some(match (stepped, at) {
                (false, _) => value,
                (true, 2) => rounding.from_zero(value, name),
                (true, _) => rounding.nth(value, name),
            });
        }
        let comes = again.as_mut().is_some_and(|(probability, chance)| {
            *probability == 1.0 || chance.at_visit(of_class, attempt as u32) < *probability
        });
        Values {
            service: drawn[0].unwrap(),
            patience: drawn[1],
            wrap_up: drawn[2].unwrap_or(0.0),
            timeout: drawn[3],
            delay: drawn[4].filter(|_| comes),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.dispatch.below(bound as u64) as usize
    }

    fn whole(&mut self, value: f64, request: usize, attempts: u64) -> f64 {
        self.speed.nth(value, (request as u64, attempts))
    }

    fn whole_wrap_up(&mut self, value: f64, request: usize, attempts: u64) -> f64 {
        self.wrap_up.from_zero(value, (request as u64, attempts))
    }

    fn fails(&mut self, who: usize) -> bool {
        let one = &mut self.staff[who];
        match one.stands {
            None => false,
            Some(0.0) => {
                one.stand();
                true
            }
            Some(left) => {
                one.stands = Some(left - 1.0);
                false
            }
        }
    }

    fn every(&mut self, who: usize) -> f64 {
        self.staff[who].every.as_mut().unwrap().draw().unwrap()
    }

    fn repair(&mut self, who: usize) -> f64 {
        let stepped = self.stepped;
        let one = &mut self.staff[who];
        let value = one.repair.as_mut().unwrap().draw().unwrap();
        one.repairs += 1;
        match stepped {
            true => one.rounding.nth(value, (one.repairs, 0)),
            false => value,
        }
    }
}

/// The clients of a desk in the order in which they enter, on its clock.
pub(crate) fn arrivals(desk: &Desk, replication: u64) -> Vec<Arrival> {
    let new = |(time, class)| Arrival {
        time,
        class,
        service: None,
        patience: None,
    };
    match &desk.arrivals {
        DeskArrivals::Recorded(requests) => requests
            .iter()
            .map(|one| Arrival {
                time: desk.on_clock(one.arrival).get(),
                class: one.class,
                service: one.service,
                patience: one.patience,
            })
            .collect(),
        DeskArrivals::Shared(flow) => {
            let batch = desk.batch.as_ref();
            let times = instants(desk, replication, "generator", (flow, batch));
            let mut stream = Stream::new(desk.seed, replication, "generator", Purpose::Class);
            let class = |_: f64| {
                let u = stream.unit();
                let mut sum = 0.0;
                let found = desk.classes.iter().position(|class| {
                    sum += class.share;
                    u < sum
                });
                found.unwrap_or(desk.classes.len() - 1)
            };
            let classes: Vec<usize> = times.iter().copied().map(class).collect();
            times.into_iter().zip(classes).map(new).collect()
        }
        DeskArrivals::PerClass => {
            let mut all = Vec::new();
            for (number, class) in desk.classes.iter().enumerate() {
                let flow = (class.arrivals.as_ref().unwrap(), class.batch.as_ref());
                let times = instants(desk, replication, &class.name, flow);
                // By turns: the first of each class at an instant, then the second of each.
                let turn = |at: usize| times[..at].iter().filter(|&&t| t == times[at]).count();
                all.extend((0..times.len()).map(|at| (times[at], turn(at), number)));
            }
            all.sort_by(|one, other| {
                let turns = (one.1, one.2).cmp(&(other.1, other.2));
                one.0.total_cmp(&other.0).then(turns)
            });
            let all = all.into_iter().map(|(time, _, class)| (time, class));
            all.map(new).collect()
        }
    }
}

/// When the requests of a flow arrive, as often as there are requests, up to the horizon.
fn instants(
    desk: &Desk,
    replication: u64,
    name: &str,
    (flow, batch): (&Arrivals, Option<&Law>),
) -> Vec<f64> {
    let seed = desk.seed;
    let factor = desk.busy_day.map_or(1.0, |cv| {
        let law = Law::Gamma(Gamma { mean: 1.0, cv });
        Numbered::new(&law, seed, replication, "generator", Purpose::BusyDay).of(1)
    });
    let times = match flow {
        Arrivals::Times(times) => times.to_vec(),
        Arrivals::Renewal(law) => {
            let stream = Stream::new(seed, replication, name, Purpose::Arrivals);
            let mut gaps = Sampler::new(law, stream);
            let mut times = vec![gaps.draw().unwrap() / factor];
            while *times.last().unwrap() <= desk.span() {
                times.push(times.last().unwrap() + gaps.draw().unwrap() / factor);
            }
            times
        }
        _ => unreachable!("these desks have no other arrivals"),
    };
    let within = times.into_iter().filter(|&time| time <= desk.span());
    let many = |(k, time): (usize, f64)| {
        let many = batch.map_or(1.0, |law| {
            Numbered::new(law, seed, replication, name, Purpose::Batch).of(k as u64 + 1)
        });
        std::iter::repeat_n(time, many as usize)
    };
    within.enumerate().flat_map(many).collect()
}
