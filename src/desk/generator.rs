//! The generator: phase 3 up to the buffer's door. Everything about a request that is drawn is drawn
//! here, when it is generated, each from a stream of its own: totals from (generator, arrivals), or per
//! class from (class, arrivals); the class from (generator, class), one uniform against the running sum
//! of the shares; service and patience from (class, service) and (class, patience), so that the k-th
//! value belongs to the k-th request of the class. Piece i of a table of rates, from 0, draws from the
//! actor `NAME#i`, a rate of zero not at all.
//!
//! It looks ahead to the next step in which anything arrives, so that nobody wakes it before.

use super::audit::Ledger;
use super::message::Message;
use super::request::Request;
use crate::actor::{Input, Outbox, Port, Wants};
use crate::random::laws::Poisson;
use crate::random::{Law, Purpose, Sampler, Stream};
use crate::scenario::{ClassArrivals, Desk, DeskArrivals, RatePiece, RecordedRequest};
use crate::station::Happening;
use crate::time::Step;
use std::sync::Arc;

/// Makes requests.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    steps: Step,
    source: Source,
    classes: Vec<Kind>,
    /// The step the counts drawn ahead are for.
    ahead: Step,
    counts: Counts,
    /// The classes drawn for a step, kept for its room.
    drawn: Vec<usize>,
    generated: u64,
    by_class: Vec<u64>,
    ledger: Ledger,
    done: bool,
}

/// Where requests come from.
#[derive(Clone, Debug)]
enum Source {
    /// A total, split by shares.
    Shared {
        total: Rate,
        class: Box<Stream>,
        sums: Vec<f64>,
    },
    /// Each class has its own.
    PerClass(Vec<Rate>),
    /// A recorded day, and how far it has been read.
    Recorded(Arc<[RecordedRequest]>, usize),
}

/// What was drawn for a step before its requests are made.
#[derive(Clone, Debug, Default)]
struct Counts {
    total: u64,
    by_class: Vec<u64>,
}

/// How many come in a step.
#[derive(Clone, Debug)]
enum Rate {
    Law(Box<Values>),
    Table(Vec<(RatePiece, Sampler)>),
}

/// The values of a law, and what a trace lacked.
#[derive(Clone, Debug)]
struct Values {
    sampler: Sampler,
    /// The length of the trace, if it is one.
    length: Option<usize>,
    missing: u64,
}

/// What is drawn for a request of a class.
#[derive(Clone, Debug)]
struct Kind {
    name: String,
    service: Values,
    patience: Option<Values>,
}

impl Values {
    fn new(law: &Law, stream: Stream) -> Values {
        Values {
            sampler: Sampler::new(law, stream),
            length: law.length().map(|length| length as usize),
            missing: 0,
        }
    }

    /// A value where a trace has none any more: the run goes on, to learn how many are needed.
    fn stand_in(&mut self, value: Option<u64>) -> u64 {
        self.missing += u64::from(value.is_none());
        value.unwrap_or(1)
    }

    fn whole(&mut self) -> u64 {
        let value = self.sampler.whole();
        self.stand_in(value)
    }

    fn steps(&mut self) -> u64 {
        let value = self.sampler.steps();
        self.stand_in(value)
    }

    fn shortage(&self) -> Option<(usize, u64)> {
        let length = self.length.filter(|_| self.missing > 0)?;
        Some((length, length as u64 + self.missing))
    }
}

impl Rate {
    fn of_table(pieces: &[RatePiece], stream: impl Fn(&str) -> Stream, name: &str) -> Rate {
        let piece = |(index, piece): (usize, &RatePiece)| {
            let law = Law::Poisson(Poisson { mean: piece.rate });
            let stream = stream(&format!("{name}#{index}"));
            (*piece, Sampler::new(&law, stream))
        };
        Rate::Table(pieces.iter().enumerate().map(piece).collect())
    }

    fn draw(&mut self, step: Step) -> u64 {
        match self {
            Rate::Law(values) => values.whole(),
            Rate::Table(pieces) => {
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
        }
    }

    fn shortage(&self) -> Option<(usize, u64)> {
        match self {
            Rate::Law(values) => values.shortage(),
            Rate::Table(_) => None,
        }
    }
}

impl Generator {
    pub(super) fn new(scenario: &Desk, replication: u64) -> Generator {
        let stream = |actor: &str, purpose| Stream::new(scenario.seed, replication, actor, purpose);
        let arrivals = |actor: &str| stream(actor, Purpose::Arrivals);
        let shared = |total| Source::Shared {
            total,
            class: Box::new(stream("generator", Purpose::Class)),
            sums: scenario
                .classes
                .iter()
                .scan(0.0, |sum, class| {
                    *sum += class.share;
                    Some(*sum)
                })
                .collect(),
        };
        let own = |class: &crate::scenario::Class| match &class.arrivals {
            Some(ClassArrivals::Law(law)) => {
                Rate::Law(Box::new(Values::new(law, arrivals(&class.name))))
            }
            Some(ClassArrivals::Rates(pieces)) => Rate::of_table(pieces, arrivals, &class.name),
            None => Rate::Table(Vec::new()),
        };
        let source = match &scenario.arrivals {
            DeskArrivals::Shared(law) => {
                shared(Rate::Law(Box::new(Values::new(law, arrivals("generator")))))
            }
            DeskArrivals::SharedRates(pieces) => {
                shared(Rate::of_table(pieces, arrivals, "generator"))
            }
            DeskArrivals::PerClass => Source::PerClass(scenario.classes.iter().map(own).collect()),
            DeskArrivals::Recorded(requests) => Source::Recorded(Arc::clone(requests), 0),
        };
        let kind = |class: &crate::scenario::Class| {
            let name = class.name.as_str();
            let patience = class.patience.as_ref();
            Kind {
                name: name.to_owned(),
                service: Values::new(&class.service, stream(name, Purpose::Service)),
                patience: patience.map(|law| Values::new(law, stream(name, Purpose::Patience))),
            }
        };
        let mut generator = Generator {
            steps: scenario.steps,
            source,
            classes: scenario.classes.iter().map(kind).collect(),
            ahead: 0,
            counts: Counts {
                total: 0,
                by_class: vec![0; scenario.classes.len()],
            },
            drawn: Vec::new(),
            generated: 0,
            by_class: vec![0; scenario.classes.len()],
            ledger: Ledger::default(),
            done: false,
        };
        generator.look_ahead();
        generator
    }

    /// The first step in which anything arrives.
    pub(super) fn next_step(&self) -> Step {
        self.ahead
    }

    /// Which requests there are.
    pub(super) fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// How many there are of each class.
    pub(super) fn by_class(&self) -> &[u64] {
        &self.by_class
    }

    /// The first trace that ran out: what for, how many values there were, how many were needed.
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
            let patience = kind.patience.as_ref();
            [
                (format!("the service of {name}"), kind.service.shortage()),
                (
                    format!("the patience of {name}"),
                    patience.and_then(Values::shortage),
                ),
            ]
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
                assert!(arrivals.step == self.ahead, "arrivals were left out");
                self.make(arrivals.step, &mut arrivals.requests);
                self.look_ahead();
                arrivals.next = self.ahead;
                outbox.send(Port(0), Message::Generated(arrivals));
            }
            Input::Message(Message::Close(_)) => self.done = true,
            other => unreachable!("no message for the generator: {other:?}"),
        }
    }

    /// Draws counts until some step has any.
    fn look_ahead(&mut self) {
        let from = self.ahead + 1;
        self.ahead = match &mut self.source {
            Source::Recorded(requests, read) => requests.get(*read).map(|request| request.step),
            Source::Shared { total, .. } => (from..=self.steps).find(|&step| {
                self.counts.total = total.draw(step);
                self.counts.total > 0
            }),
            Source::PerClass(rates) => (from..=self.steps).find(|&step| {
                let drawn = self.counts.by_class.iter_mut().zip(rates.iter_mut());
                drawn.fold(false, |any, (count, rate)| {
                    *count = rate.draw(step);
                    any | (*count > 0)
                })
            }),
        }
        .unwrap_or(Step::MAX);
    }

    /// The requests of a step, in the order in which they enter.
    fn make(&mut self, step: Step, requests: &mut Vec<Request>) {
        match &mut self.source {
            Source::Shared { class, sums, .. } => {
                let last = sums.len() - 1;
                let mut drawn = std::mem::take(&mut self.drawn);
                drawn.clear();
                drawn.extend((0..self.counts.total).map(|_| {
                    let u = class.unit();
                    // The sums may end a hair below one.
                    sums.iter().position(|&sum| u < sum).unwrap_or(last)
                }));
                requests.extend(drawn.iter().map(|&class| self.draw(step, class, None)));
                self.drawn = drawn;
            }
            Source::PerClass(_) => {
                // By turns: the first of each class, then the second of each.
                let counts = std::mem::take(&mut self.counts.by_class);
                for turn in 0..counts.iter().copied().max().unwrap_or(0) {
                    for class in (0..counts.len()).filter(|&class| counts[class] > turn) {
                        requests.push(self.draw(step, class, None));
                    }
                }
                self.counts.by_class = counts;
            }
            Source::Recorded(day, read) => {
                let day = Arc::clone(day);
                let from = *read;
                let many = day[from..].iter().take_while(|one| one.step == step);
                *read += many.count();
                for one in &day[from..*read] {
                    requests.push(self.draw(step, one.class, Some(one)));
                }
            }
        }
    }

    /// One request: every value of its class is used up, also where a recorded one takes its place.
    fn draw(&mut self, step: Step, class: usize, recorded: Option<&RecordedRequest>) -> Request {
        let kind = &mut self.classes[class];
        let service = match recorded.and_then(|one| one.service) {
            Some(service) => {
                kind.service.sampler.steps();
                service.max(1)
            }
            None => kind.service.steps(),
        };
        let drawn = match (recorded.and_then(|one| one.patience), &mut kind.patience) {
            (Some(patience), own) => {
                own.as_mut().and_then(|values| values.sampler.steps());
                Some(patience)
            }
            (None, own) => own.as_mut().map(Values::steps),
        };
        let deadline = drawn.map_or(Step::MAX, |patience| step.saturating_add(patience));
        self.generated += 1;
        self.by_class[class] += 1;
        self.ledger.enter(self.generated);
        Request {
            id: self.generated,
            class: class as u32,
            arrival: step,
            deadline,
            service,
            remaining: service,
            first_start: None,
            attempts: 0,
            listed: false,
            served_by: None,
        }
    }
}
