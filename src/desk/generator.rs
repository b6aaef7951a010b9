//! The generator: phase 3 up to the entrance to the buffer. All random values of a request are drawn here when it
//! is generated, each from a stream of its own: arrivals from (generator, arrivals), or per class from (class,
//! arrivals); the class from (generator, class), one uniform number against the running sum of the shares; service,
//! patience, wrap-up, time-out, and whether and when it retries from (class, service) and so on. The k-th value of
//! such a stream belongs to the k-th client of the class, and each further try of that client has a value of its
//! own. Piece i of a table of rates in steps, from 0, draws from the actor `NAME#i`; a rate of zero draws nothing.
//! In steps, durations are rounded by the draws of (`CLASS service`, rounding) and so on with the same number.
//!
//! It looks ahead to the next arrivals, so that it is not woken before them.

use super::audit::Ledger;
use super::clock::Clock;
use super::message::{self, Arrivals, Message};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::random::laws::{Gamma, Poisson, Uniform};
use crate::random::{Draws, Law, Purpose, Rounding, Sampler, Stream};
use crate::scenario::{self, Class, Desk, DeskArrivals, RatePiece, RecordedRequest, Retry};
use crate::station::Happening;
use crate::station::instants::Instants;
use crate::station::requests::{Client, Request};
use crate::time::{Step, Time};
use std::sync::Arc;

/// Generates requests.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    clock: Clock,
    source: Source,
    classes: Vec<Kind>,
    /// The time of the arrivals that were counted ahead.
    ahead: Time,
    counts: Counts,
    /// The classes drawn for a turn; kept to reuse the allocation.
    drawn: Vec<usize>,
    generated: u64,
    /// The numbers of requests by class, and of clients.
    by_class: Vec<u64>,
    clients: u64,
    clients_of: Vec<u64>,
    ledger: Ledger,
    done: bool,
}

/// The source of requests.
#[derive(Clone, Debug)]
enum Source {
    /// All arrivals together, split by shares.
    Shared {
        total: Flow,
        class: Box<Stream>,
        sums: Vec<f64>,
    },
    /// A flow for each class.
    PerClass(Vec<Flow>),
    /// A recorded day, and the number of its requests read so far.
    Recorded(Arc<Vec<RecordedRequest>>, usize),
}

/// The arrivals drawn for a turn before its requests are generated.
#[derive(Clone, Debug, Default)]
struct Counts {
    total: u64,
    by_class: Vec<u64>,
}

/// The arrivals of requests.
#[derive(Clone, Debug)]
enum Flow {
    /// A number in each step.
    PerStep(Box<Sampler>),
    Table(Vec<(RatePiece, Sampler)>),
    /// In continuous time, each bringing one request or a batch.
    Instants(Box<Instants>, Option<Batches>),
    Nobody,
}

/// The number of requests at each arrival, and the number of arrivals so far.
#[derive(Clone, Debug)]
struct Batches {
    draws: Draws,
    arrivals: u64,
}

impl Batches {
    fn next(&mut self) -> u64 {
        self.arrivals += 1;
        self.draws.of(self.arrivals) as u64
    }
}

/// The values of a law by number, and the shortage of a trace.
#[derive(Clone, Debug)]
struct Values {
    draws: Draws,
    /// The length of the trace, if it is one that ends.
    length: Option<u64>,
    /// The largest number asked for.
    asked: u64,
}

/// The laws of the requests of a class.
#[derive(Clone, Debug)]
struct Kind {
    name: String,
    service: Values,
    patience: Option<Values>,
    wrap_up: Option<Values>,
    timeout: Option<Values>,
    retry: Option<Coming>,
    /// The roundings of services, patience, wrap-ups, time-outs and delays.
    rounding: [Rounding; 5],
}

/// Whether and when clients retry.
#[derive(Clone, Debug)]
struct Coming {
    probability: f64,
    most: Option<u64>,
    chance: Draws,
    delay: Values,
}

impl Values {
    fn new(law: &Law, (seed, replication): (u64, u64), owner: &str, purpose: Purpose) -> Values {
        Values {
            draws: Draws::new(law, seed, replication, owner, purpose),
            length: law.length(),
            asked: 0,
        }
    }

    /// The value of the client with this number in its class, from 1, at this try. If a trace has run out, the run
    /// goes on, to find out how many values are needed. A trace gives the same value at each try.
    fn of(&mut self, number: u64, attempt: u64) -> f64 {
        self.asked = self.asked.max(number);
        match self.length {
            Some(length) if number > length => 1.0,
            _ => {
                let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
                self.draws.at_visit(number, attempt)
            }
        }
    }

    fn shortage(&self) -> Option<(usize, u64)> {
        let length = self.length.filter(|&length| self.asked > length)?;
        Some((length as usize, self.asked))
    }
}

impl Flow {
    /// The flow of these arrivals at `factor` times their rate, whose streams are named `name`.
    fn new(
        arrivals: &scenario::Arrivals,
        (factor, batches): (f64, Option<Batches>),
        stream: impl Fn(&str) -> Stream,
        name: &str,
        clock: Clock,
    ) -> Flow {
        match arrivals {
            scenario::Arrivals::PerStep(law) => {
                Flow::PerStep(Box::new(Sampler::new(law, stream(name))))
            }
            scenario::Arrivals::Rates(pieces) if clock.stepped() => {
                let piece = |(index, piece): (usize, &RatePiece)| {
                    let law = Law::Poisson(Poisson {
                        mean: piece.rate * factor,
                    });
                    let stream = stream(&format!("{name}#{index}"));
                    (*piece, Sampler::new(&law, stream))
                };
                Flow::Table(pieces.iter().enumerate().map(piece).collect())
            }
            _ => {
                let instants = Instants::new(arrivals, factor, stream(name), clock.until());
                Flow::Instants(Box::new(instants), batches)
            }
        }
    }

    /// The number of requests in a step.
    fn in_step(&mut self, step: Step) -> u64 {
        match self {
            Flow::PerStep(counts) => counts.whole().expect("a law of counts has no end"),
            Flow::Table(pieces) => {
                let period = pieces.last().map_or(1.0, |(piece, _)| piece.until);
                let begin = (step - 1) as f64 % period;
                let piece = pieces.iter_mut().find(|(piece, _)| begin < piece.until);
                let (piece, sampler) = piece.expect("a step begins within the period");
                if piece.rate > 0.0 {
                    sampler.whole().expect("a Poisson law has no end")
                } else {
                    0
                }
            }
            Flow::Instants(..) | Flow::Nobody => 0,
        }
    }

    /// The next instant with an arrival.
    fn next(&self) -> Time {
        match self {
            Flow::Instants(instants, _) => instants.next(),
            _ => Time::NEVER,
        }
    }

    /// The number of requests at this instant.
    fn at_instant(&mut self, now: Time) -> u64 {
        let mut count = 0;
        if let Flow::Instants(instants, batches) = self {
            // There are no arrivals after the last one.
            while instants.next() == now && !now.is_never() {
                instants.advance();
                count += batches.as_mut().map_or(1, Batches::next);
            }
        }
        count
    }

    fn shortage(&self) -> Option<(usize, u64)> {
        match self {
            Flow::Instants(instants, _) => instants.short().map(|had| (had, had as u64 + 1)),
            Flow::PerStep(_) | Flow::Table(_) | Flow::Nobody => None,
        }
    }
}

impl Kind {
    fn new(class: &Class, seed: u64, replication: u64) -> Kind {
        let name = class.name.as_str();
        let values = |law: &Law, purpose| Values::new(law, (seed, replication), name, purpose);
        let patience = class.patience.as_ref();
        let rounding = ["service", "patience", "wrap-up", "timeout", "delay"]
            .map(|what| Rounding::new(seed, replication, &format!("{name} {what}")));
        let unit = Law::Uniform(Uniform {
            low: 0.0,
            high: 1.0,
        });
        let again = |retry: &Retry| Coming {
            probability: retry.probability,
            most: retry.most,
            chance: Draws::new(&unit, seed, replication, name, Purpose::Retry),
            delay: values(&retry.delay, Purpose::Delay),
        };
        Kind {
            name: name.to_owned(),
            service: values(&class.service, Purpose::Service),
            patience: patience.map(|law| values(law, Purpose::Patience)),
            wrap_up: class
                .wrap_up
                .as_ref()
                .map(|law| values(law, Purpose::WrapUp)),
            timeout: class
                .timeout
                .as_ref()
                .map(|timeout| values(&timeout.after, Purpose::Timeout)),
            retry: class.retry.as_ref().map(again),
            rounding,
        }
    }
}

impl Generator {
    pub(super) fn new(scenario: &Desk, replication: u64) -> Generator {
        let clock = Clock::of(scenario);
        let stream = |actor: &str, purpose| Stream::new(scenario.seed, replication, actor, purpose);
        let arrivals = |actor: &str| stream(actor, Purpose::Arrivals);
        let factor = scenario.busy_day.map_or(1.0, |cv| {
            let law = Law::Gamma(Gamma { mean: 1.0, cv });
            let (seed, purpose) = (scenario.seed, Purpose::BusyDay);
            Draws::new(&law, seed, replication, "generator", purpose).of(1)
        });
        let batches = |law: &Option<Law>, name: &str| {
            let draws = Draws::new(
                law.as_ref()?,
                scenario.seed,
                replication,
                name,
                Purpose::Batch,
            );
            Some(Batches { draws, arrivals: 0 })
        };
        let own = |class: &Class| match &class.arrivals {
            Some(its) => {
                let batches = batches(&class.batch, &class.name);
                Flow::new(its, (factor, batches), arrivals, &class.name, clock)
            }
            None => Flow::Nobody,
        };
        let sum = |sum: &mut f64, class: &Class| {
            *sum += class.share;
            Some(*sum)
        };
        let source = match &scenario.arrivals {
            DeskArrivals::Shared(all) => Source::Shared {
                total: Flow::new(
                    all,
                    (factor, batches(&scenario.batch, "generator")),
                    arrivals,
                    "generator",
                    clock,
                ),
                class: Box::new(stream("generator", Purpose::Class)),
                sums: scenario.classes.iter().scan(0.0, sum).collect(),
            },
            DeskArrivals::PerClass => Source::PerClass(scenario.classes.iter().map(own).collect()),
            DeskArrivals::Recorded(requests) => Source::Recorded(Arc::clone(requests), 0),
        };
        let classes = scenario.classes.iter();
        let mut generator = Generator {
            clock,
            source,
            classes: classes
                .map(|class| Kind::new(class, scenario.seed, replication))
                .collect(),
            ahead: Time::ZERO,
            counts: Counts {
                total: 0,
                by_class: vec![0; scenario.classes.len()],
            },
            drawn: Vec::new(),
            generated: 0,
            by_class: vec![0; scenario.classes.len()],
            clients: 0,
            clients_of: vec![0; scenario.classes.len()],
            ledger: Ledger::default(),
            done: false,
        };
        generator.look_ahead();
        generator
    }

    /// The time of the first requests.
    pub(super) fn next(&self) -> Time {
        self.ahead
    }

    /// The ids generated.
    pub(super) fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// The number of requests of each class.
    pub(super) fn by_class(&self) -> &[u64] {
        &self.by_class
    }

    /// The first trace that ran out: its purpose, the number of its values, and the number needed.
    pub(super) fn shortage(&self) -> Option<(String, (usize, u64))> {
        let totals = match &self.source {
            Source::Shared { total, .. } => std::slice::from_ref(total),
            Source::PerClass(rates) => rates,
            Source::Recorded(..) => &[],
        };
        let arrivals = totals.iter().zip(&self.classes).map(|(rate, class)| {
            let what = match self.source {
                Source::PerClass(_) => format!("the arrivals of {}", class.name),
                _ => "the arrivals".to_owned(),
            };
            (what, rate.shortage())
        });
        let kinds = self.classes.iter().flat_map(|kind| {
            let name = &kind.name;
            let retry = kind.retry.as_ref();
            [
                ("service", Some(&kind.service)),
                ("patience", kind.patience.as_ref()),
                ("wrap-up", kind.wrap_up.as_ref()),
                ("time-out", kind.timeout.as_ref()),
                ("delay", retry.map(|retry| &retry.delay)),
            ]
            .map(|(what, values)| {
                let what = format!("the {what} of {name}");
                (what, values.and_then(Values::shortage))
            })
        });
        arrivals
            .chain(kinds)
            .find_map(|(what, short)| Some((what, short?)))
    }

    pub(super) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Message(Port(0))
        }
    }

    pub(super) fn handle(
        &mut self,
        input: Input<Message>,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        match input {
            Input::Message(Message::Generate(mut arrivals)) => {
                let now = arrivals.now;
                assert!(now <= self.ahead, "arrivals were left out");
                if now == self.ahead {
                    self.make(now, &mut arrivals.requests);
                    self.look_ahead();
                }
                let Arrivals {
                    again, requests, ..
                } = &mut *arrivals;
                requests.extend(again.drain(..).map(|one| self.make_again(now, one)));
                arrivals.next = self.ahead;
                outbox.send(Port(0), Message::Generated(arrivals));
            }
            Input::Message(Message::Close(_)) => self.done = true,
            other => unreachable!("no message for the generator: {other:?}"),
        }
    }

    /// Finds the time of the next requests, and their number.
    fn look_ahead(&mut self) {
        let clock = self.clock;
        self.ahead = match &mut self.source {
            Source::Recorded(requests, read) => {
                let next = requests.get(*read).map(|request| clock.at(request.arrival));
                next.filter(|&next| clock.admits(next))
                    .unwrap_or(Time::NEVER)
            }
            _ if clock.stepped() => self.look_ahead_in_steps(),
            // An instant whose batches are all empty is passed over.
            Source::Shared { total, .. } => loop {
                let next = total.next();
                self.counts.total = total.at_instant(next);
                if next.is_never() || self.counts.total > 0 {
                    break next;
                }
            },
            Source::PerClass(flows) => loop {
                let next = flows.iter().map(Flow::next).min().unwrap_or(Time::NEVER);
                let mut any = false;
                for (count, flow) in self.counts.by_class.iter_mut().zip(flows.iter_mut()) {
                    *count = flow.at_instant(next);
                    any |= *count > 0;
                }
                if next.is_never() || any {
                    break next;
                }
            },
        };
    }

    /// Draws counts until a step has any arrivals.
    fn look_ahead_in_steps(&mut self) -> Time {
        let mut steps = self.ahead.get() as Step + 1..self.clock.until().get() as Step;
        let found = match &mut self.source {
            Source::Shared { total, .. } => steps.find(|&step| {
                self.counts.total = total.in_step(step);
                self.counts.total > 0
            }),
            Source::PerClass(flows) => steps.find(|&step| {
                let drawn = self.counts.by_class.iter_mut().zip(flows.iter_mut());
                drawn.fold(false, |any, (count, flow)| {
                    *count = flow.in_step(step);
                    any | (*count > 0)
                })
            }),
            Source::Recorded(..) => None,
        };
        found.map_or(Time::NEVER, Time::of)
    }

    /// Generates the requests of a turn, in the order in which they enter.
    fn make(&mut self, now: Time, requests: &mut Vec<Request>) {
        match &mut self.source {
            Source::Shared { class, sums, .. } => {
                let last = sums.len() - 1;
                let mut drawn = std::mem::take(&mut self.drawn);
                drawn.clear();
                drawn.extend((0..self.counts.total).map(|_| {
                    let u = class.unit();
                    // The sums may end slightly below one.
                    sums.iter().position(|&sum| u < sum).unwrap_or(last)
                }));
                requests.extend(drawn.iter().map(|&class| self.draw(now, class, None)));
                self.drawn = drawn;
            }
            Source::PerClass(_) => {
                // In turn: the first of each class, then the second of each.
                let counts = std::mem::take(&mut self.counts.by_class);
                for turn in 0..counts.iter().copied().max().unwrap_or(0) {
                    for class in (0..counts.len()).filter(|&class| counts[class] > turn) {
                        requests.push(self.draw(now, class, None));
                    }
                }
                self.counts.by_class = counts;
            }
            Source::Recorded(day, read) => {
                let day = Arc::clone(day);
                let from = *read;
                let clock = self.clock;
                let many = day[from..].iter();
                *read += many.take_while(|one| clock.at(one.arrival) == now).count();
                for one in &day[from..*read] {
                    requests.push(self.draw(now, one.class, Some(one)));
                }
            }
        }
    }

    /// Generates the first try of a new client.
    fn draw(&mut self, now: Time, class: usize, recorded: Option<&RecordedRequest>) -> Request {
        self.clients += 1;
        self.clients_of[class] += 1;
        let client = Client {
            number: self.clients,
            of_class: self.clients_of[class],
            attempt: 1,
            first: now,
            delay: None,
        };
        self.request(now, class, client, recorded)
    }

    /// Generates a further try of a client.
    fn make_again(&mut self, now: Time, again: message::Again) -> Request {
        let client = Client {
            attempt: again.client.attempt + 1,
            ..again.client
        };
        let recorded = match &self.source {
            // Clients of a recording are its rows, in order.
            Source::Recorded(day, _) => Some(day[client.number as usize - 1]),
            _ => None,
        };
        self.request(now, again.class as usize, client, recorded.as_ref())
    }

    /// Generates one request; unless recorded, its values are those of its client's number in its class and of the
    /// try.
    fn request(
        &mut self,
        now: Time,
        class: usize,
        client: Client,
        recorded: Option<&RecordedRequest>,
    ) -> Request {
        self.generated += 1;
        self.by_class[class] += 1;
        self.ledger.enter(self.generated);
        let stepped = self.clock.stepped();
        let kind = &mut self.classes[class];
        let (number, attempt) = (client.of_class, client.attempt);
        let name = (number, attempt - 1);
        let whole = |rounding: &Rounding, value: f64| match stepped {
            true => rounding.nth(value, name),
            false => value,
        };
        let [serving, waiting, wrapping, timing, delaying] = &kind.rounding;
        let service = match recorded.and_then(|one| one.service) {
            Some(service) => service,
            None => kind.service.of(number, attempt),
        };
        let service = whole(serving, service);
        let patience = match recorded.and_then(|one| one.patience) {
            Some(patience) => Some(patience),
            None => drawn(&mut kind.patience, number, attempt),
        };
        let patience = patience.map(|value| whole(waiting, value));
        let deadline = patience.map_or(Time::NEVER, |patience| now.after(patience));
        let wrap_up = drawn(&mut kind.wrap_up, number, attempt).unwrap_or(0.0);
        let wrap_up = match stepped {
            true => wrapping.from_zero(wrap_up, name),
            false => wrap_up,
        };
        let timeout = drawn(&mut kind.timeout, number, attempt);
        let timeout = timeout.map(|value| now.after(whole(timing, value)));
        let delay = kind.retry.as_mut();
        let delay = delay.and_then(|retry| retry.delay(number, attempt));
        Request {
            id: self.generated,
            class: class as u32,
            arrival: now,
            deadline,
            service,
            remaining: service,
            served: 0.0,
            worked: 0.0,
            first_start: None,
            attempts: 0,
            listed: false,
            served_by: None,
            wrap_up,
            timeout: timeout.unwrap_or(Time::NEVER),
            gone: None,
            client: Client {
                delay: delay.map(|value| whole(delaying, value)),
                ..client
            },
        }
    }
}

/// A value of the law, if there is one.
fn drawn(values: &mut Option<Values>, number: u64, attempt: u64) -> Option<f64> {
    values.as_mut().map(|values| values.of(number, attempt))
}

impl Coming {
    /// The time until the next try, if there would be one after this.
    fn delay(&mut self, number: u64, attempt: u64) -> Option<f64> {
        if self.most.is_some_and(|most| attempt > most) {
            return None;
        }
        let visit = u32::try_from(attempt).unwrap_or(u32::MAX);
        if self.probability < 1.0 && self.chance.at_visit(number, visit) >= self.probability {
            return None;
        }
        Some(self.delay.of(number, attempt))
    }
}
