//! The life of a customer of a line. The run is made twice: once to find the times at which the customer waited, and
//! once to record the other customers at each stage meanwhile.

use super::{Chapter, Reason, listed, marked, people};
use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::digest::Digest;
use crate::number::of_them;
use crate::scenario::{Blocking, Tandem};
use crate::station::{Happening, Passage, Visit};
use crate::tandem::{self, CHUNK};
use parking_lot::Mutex;
use serde::Serialize;

/// The life of one customer, as `filas explain` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CustomerLife {
    /// Its number.
    pub customer: u64,
    /// `departed` or `lost`; with people and machines, the outcome in the table of customers.
    pub outcome: &'static str,
    /// Time of arrival at the line.
    pub arrival: f64,
    /// Time of departure from the line, if it left.
    pub departure: Option<f64>,
    /// Total waiting time.
    pub waiting: f64,
    /// Total service time.
    pub service: f64,
    /// Total time blocked.
    pub blocked: f64,
    /// Its events and waits, in order.
    pub chapters: Vec<Chapter<f64>>,
}

/// Repeats a run and follows one customer. Returns the run's digest, the number of customers that arrived, and the life
/// of the customer if it exists.
///
/// # Errors
/// See [`RunError`].
pub fn explain_customer(
    scenario: &Tandem,
    customer: u64,
) -> Result<(Digest, u64, Option<CustomerLife>), RunError> {
    if !scenario.is_plain() {
        return people::explain(scenario, customer);
    }
    let finder = Finder {
        customer,
        found: Mutex::new(None),
    };
    let outcome = run(scenario, &finder)?;
    let arrived = outcome.summary.customers.arrived;
    let Some(passage) = finder.found.into_inner() else {
        return Ok((outcome.digest, arrived, None));
    };
    let meanwhile = Meanwhile {
        passage: &passage,
        others: Mutex::new(Vec::new()),
    };
    let again = run(scenario, &meanwhile)?;
    assert_eq!(
        again.digest, outcome.digest,
        "one scenario gave two results"
    );
    let mut others = meanwhile.others.into_inner();
    others.sort_by(|one, other| {
        let order = one.service_start.total_cmp(&other.service_start);
        order.then(one.customer.cmp(&other.customer))
    });
    let teller = Teller {
        line: scenario,
        others,
    };
    Ok((outcome.digest, arrived, Some(teller.life(&passage))))
}

fn run(
    scenario: &Tandem,
    recorder: &dyn Recorder<Happening>,
) -> Result<tandem::LineOutcome, RunError> {
    let around = Surroundings {
        conductor: &(),
        recorder,
    };
    tandem::run(
        scenario,
        0,
        Runtime::Inline,
        CHUNK,
        Recording::Tables,
        around,
    )
}

/// Looks for one customer.
struct Finder {
    customer: u64,
    found: Mutex<Option<Passage>>,
}

impl Recorder<Happening> for Finder {
    fn record(&self, records: &mut Vec<Happening>) {
        for record in records.drain(..) {
            if let Happening::Passage(passage) = record
                && passage.customer.customer == self.customer
            {
                *self.found.lock() = Some(passage);
            }
        }
    }
}

/// Keeps the visits of other customers that overlap the customer's own visit to the same stage or the one before.
struct Meanwhile<'a> {
    passage: &'a Passage,
    others: Mutex<Vec<Visit>>,
}

impl Meanwhile<'_> {
    fn concerns(&self, visit: &Visit) -> bool {
        let customer = &self.passage.customer;
        if customer.lost {
            let there = visit.arrival <= customer.arrival && visit.departure >= customer.arrival;
            return visit.stage == 0 && there;
        }
        self.passage.visits.iter().any(|own| {
            let here = visit.stage == own.stage || visit.stage == own.stage + 1;
            here && visit.customer != customer.customer
                && visit.arrival <= own.departure
                && visit.departure >= own.arrival
        })
    }
}

impl Recorder<Happening> for Meanwhile<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut others = self.others.lock();
        for record in records.drain(..) {
            if let Happening::Passage(passage) = record {
                let visits = passage.visits.into_iter();
                others.extend(visits.filter(|visit| self.concerns(visit)));
            }
        }
    }
}

struct Teller<'a> {
    line: &'a Tandem,
    /// In the order in which their services began.
    others: Vec<Visit>,
}

impl Teller<'_> {
    fn life(&self, passage: &Passage) -> CustomerLife {
        let customer = &passage.customer;
        let mut chapters = Vec::new();
        if customer.lost {
            chapters.push(self.loss(customer.customer, customer.arrival));
        }
        for visit in &passage.visits {
            self.visit(visit, &mut chapters);
        }
        if !customer.lost {
            let text = format!(
                "It leaves the line: {} waited, {} in service, {} blocked.",
                self.long(customer.waiting),
                self.long(customer.service),
                self.long(customer.blocked)
            );
            chapters.push(at(customer.departure, "leaves", text));
        }
        CustomerLife {
            customer: customer.customer,
            outcome: if customer.lost { "lost" } else { "departed" },
            arrival: customer.arrival,
            departure: Some(customer.departure),
            waiting: customer.waiting,
            service: customer.service,
            blocked: customer.blocked,
            chapters: chapters
                .into_iter()
                .map(|chapter| chapter.by(self.line.start, |time| time))
                .collect(),
        }
    }

    fn long(&self, duration: f64) -> String {
        long(self.line, duration)
    }

    fn instant(&self, time: f64) -> String {
        instant(self.line, time)
    }

    fn name(&self, stage: u32) -> &str {
        &self.line.stages[stage as usize].name
    }

    fn loss(&self, number: u64, time: f64) -> Chapter<f64> {
        let there = self.at_stage(0).filter(|visit| visit.departure > time);
        let (waiting, served): (Vec<&Visit>, Vec<&Visit>) =
            there.partition(|visit| visit.service_start > time);
        let text = format!(
            "#{number} arrives and finds no place at {}: {} taken and {} waiting. It is lost.",
            self.name(0),
            of_them(served.len() as u64, "server"),
            of_them(waiting.len() as u64, "customer"),
        );
        Chapter {
            ahead: waiting.iter().map(|visit| visit.customer).collect(),
            reasons: self.servers(0, time, time),
            ..at(time, "lost", text)
        }
    }

    fn visit(&self, visit: &Visit, chapters: &mut Vec<Chapter<f64>>) {
        let name = self.name(visit.stage);
        let text = match visit.stage {
            0 => format!("#{} reaches the line, at stage {name}.", visit.customer),
            _ => format!("It reaches stage {name}."),
        };
        chapters.push(at(visit.arrival, "reaches", text));
        if visit.service_start > visit.arrival {
            chapters.push(self.wait(visit));
        }
        let text = format!(
            "Server {} of {name} begins to serve it, for {}.",
            visit.server,
            self.long(visit.service_end - visit.service_start)
        );
        chapters.push(at(visit.service_start, "starts", text));
        if visit.departure > visit.service_end {
            chapters.push(self.blocked(visit));
        }
    }

    fn at_stage(&self, stage: u32) -> impl Iterator<Item = &Visit> {
        self.others.iter().filter(move |visit| visit.stage == stage)
    }

    /// A wait for service: the customers ahead, and the activity of the servers.
    fn wait(&self, own: &Visit) -> Chapter<f64> {
        let ahead = self.at_stage(own.stage).filter(|visit| {
            let earlier = (visit.service_start, visit.customer) < (own.service_start, own.customer);
            visit.service_start > own.arrival && visit.arrival <= own.arrival && earlier
        });
        let ahead: Vec<u64> = ahead.map(|visit| visit.customer).collect();
        let waits = format!(
            "It waits {} at {}",
            self.long(own.service_start - own.arrival),
            self.name(own.stage)
        );
        let text = match ahead.as_slice() {
            [] => format!("{waits}, nobody ahead of it."),
            some => format!("{waits}, behind {}.", marked(some)),
        };
        Chapter {
            from: own.arrival,
            until: own.service_start,
            clock: None,
            event: "waits",
            text,
            ahead,
            reasons: self.servers(own.stage, own.arrival, own.service_start),
        }
    }

    /// The activity of each server of a stage between two times.
    fn servers(&self, stage: u32, from: f64, until: f64) -> Vec<Reason> {
        const SHOWN: usize = 3;
        let servers = &self.line.stages[stage as usize].servers;
        let count = servers.most().unwrap_or(0);
        let tell = |server: u32| {
            let meanwhile = self.at_stage(stage).filter(|visit| {
                visit.server == server && visit.service_start <= until && visit.departure > from
                    || visit.server == server
                        && visit.service_start <= from
                        && visit.departure >= until
            });
            let served: Vec<&Visit> = meanwhile
                .filter(|visit| visit.service_start < until || from == until)
                .collect();
            let mut parts: Vec<String> = served
                .iter()
                .take(SHOWN)
                .map(|visit| {
                    let end = self.instant(visit.service_end);
                    let who = format!("#{} until {end}", visit.customer);
                    if visit.departure > visit.service_end {
                        format!(
                            "{who}, then held by it until {}",
                            self.instant(visit.departure)
                        )
                    } else {
                        who
                    }
                })
                .collect();
            if served.len() > SHOWN {
                parts.push(of_them((served.len() - SHOWN) as u64, "more customer"));
            }
            let free = served
                .iter()
                .map(|visit| visit.departure)
                .fold(from, f64::max);
            let mut text = match parts.as_slice() {
                [] => String::new(),
                some => format!("serves {}", listed(some)),
            };
            if free < until {
                // The server stood idle because the next stage had no place.
                let idle = idle_for_a_place(self.line, stage, free);
                let joined = if text.is_empty() { "" } else { "; " };
                text = format!("{text}{joined}{idle}");
            }
            Reason {
                server: format!("{} {server}", self.name(stage)),
                text,
            }
        };
        (1..=count).map(tell).collect()
    }

    /// A spell of blocking after service.
    fn blocked(&self, own: &Visit) -> Chapter<f64> {
        let next = own.stage + 1;
        let makes_way = self
            .at_stage(next)
            .find(|visit| visit.departure == own.departure);
        let places = self
            .line
            .stages
            .get(next as usize)
            .and_then(crate::scenario::Stage::places);
        let places = places.map_or(String::new(), |places| of_them(places, "place"));
        let way = match makes_way {
            Some(visit) => format!(" until #{} leaves there", visit.customer),
            None => String::new(),
        };
        let text = format!(
            "It is served, and holds the server for {} more: none of the {places} of {} is free{way}.",
            self.long(own.departure - own.service_end),
            self.name(next)
        );
        let there = self
            .at_stage(next)
            .filter(|visit| visit.arrival <= own.service_end && visit.departure > own.service_end);
        Chapter {
            from: own.service_end,
            until: own.departure,
            clock: None,
            event: "blocked",
            text,
            ahead: there.map(|visit| visit.customer).collect(),
            reasons: self.servers(next, own.service_end, own.departure),
        }
    }
}

/// A duration with its unit.
pub(super) fn long(line: &Tandem, duration: f64) -> String {
    match &line.time_unit {
        Some(unit) => format!("{} {unit}", short(duration)),
        None => short(duration),
    }
}

/// A time of the run, as a time of day if the scenario gives its start.
pub(super) fn instant(line: &Tandem, time: f64) -> String {
    match line.start {
        Some(start) => start.at(time),
        None => short(time),
    }
}

/// The reason why a server is idle while a customer waits.
pub(super) fn idle_for_a_place(line: &Tandem, stage: u32, since: f64) -> String {
    let next = line.stages.get(stage as usize + 1);
    let next = next.filter(|next| next.buffer.is_some());
    let since = instant(line, since);
    match next.filter(|_| line.blocking == Blocking::BeforeService) {
        Some(next) => format!(
            "idle from {since}, for a service begins only when {} has a place",
            next.name
        ),
        None => format!("free at {since}"),
    }
}

/// A chapter of no duration.
pub(super) fn at(time: f64, event: &'static str, text: String) -> Chapter<f64> {
    Chapter {
        from: time,
        until: time,
        clock: None,
        event,
        text,
        ahead: Vec::new(),
        reasons: Vec::new(),
    }
}

/// A number with at most three decimals, or in scientific notation if it is smaller.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" && value != 0.0 {
        format!("{value:.2e}")
    } else {
        text.to_owned()
    }
}
