//! A line in NeXosim: a source, a model per stage, a sink, joined by ports.

use crate::line::{Customer, Line, Station, Tally, exponential};
use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn now(time: MonotonicTime) -> f64 {
    time.duration_since(MonotonicTime::EPOCH).as_secs_f64()
}

/// A span of time that is not zero, as an event must lie ahead.
fn span(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds).max(Duration::from_nanos(1))
}

#[derive(Serialize, Deserialize)]
struct Source {
    out: Output<Customer>,
    rng: Xoshiro256PlusPlus,
    to_come: u64,
    rate: f64,
}

#[Model]
impl Source {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.next(cx);
    }

    fn next(&mut self, cx: &Context<Self>) {
        let until = span(exponential(&mut self.rng) / self.rate);
        cx.schedule_event(until, schedulable!(Self::arrive), ())
            .expect("an arrival lies ahead");
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), cx: &Context<Self>) {
        self.to_come -= 1;
        if self.to_come > 0 {
            self.next(cx);
        }
        self.out.send(Customer::new(now(cx.time()))).await;
    }
}

#[derive(Serialize, Deserialize)]
struct Stage {
    out: Output<Customer>,
    rng: Xoshiro256PlusPlus,
    station: Station,
}

#[Model]
impl Stage {
    async fn join(&mut self, customer: Customer, cx: &Context<Self>) {
        if let Some(customer) = self.station.arrive(customer, now(cx.time())) {
            self.start(customer, cx);
        }
    }

    fn start(&mut self, customer: Customer, cx: &Context<Self>) {
        let service = span(exponential(&mut self.rng));
        cx.schedule_event(service, schedulable!(Self::finish), customer)
            .expect("the end of a service lies ahead");
    }

    #[nexosim(schedulable)]
    async fn finish(&mut self, customer: Customer, cx: &Context<Self>) {
        if let Some(next) = self.station.leave(now(cx.time())) {
            self.start(next, cx);
        }
        self.out.send(customer).await;
    }
}

#[derive(Serialize, Deserialize)]
struct Sink {
    #[serde(skip)]
    tally: Arc<Mutex<Tally>>,
}

#[Model]
impl Sink {
    async fn take(&mut self, customer: Customer, cx: &Context<Self>) {
        let mut tally = self.tally.lock().expect("nobody else holds it");
        tally.add(&customer, now(cx.time()));
    }
}

pub(crate) fn run(line: &Line, seed: u64) -> Tally {
    let tally = Arc::new(Mutex::new(Tally::default()));
    let rng = |which: usize| Xoshiro256PlusPlus::seed_from_u64(seed * 100 + which as u64);
    let sink = Sink {
        tally: Arc::clone(&tally),
    };
    let sink_mailbox = Mailbox::new();
    let mut source = Source {
        out: Output::default(),
        rng: rng(0),
        to_come: line.customers,
        rate: line.rate,
    };
    let mut stages: Vec<(Stage, Mailbox<Stage>)> = (0..line.stages)
        .map(|stage| {
            let station = Station::new(line.servers);
            let out = Output::default();
            (
                Stage {
                    out,
                    rng: rng(stage + 1),
                    station,
                },
                Mailbox::new(),
            )
        })
        .collect();
    source.out.connect(Stage::join, &stages[0].1);
    for stage in 0..line.stages {
        let (these, rest) = stages.split_at_mut(stage + 1);
        let out = &mut these[stage].0.out;
        match rest.first() {
            Some((_, next)) => out.connect(Stage::join, next),
            None => out.connect(Sink::take, &sink_mailbox),
        };
    }
    let mut bench = SimInit::with_num_threads(1)
        .add_model(source, Mailbox::new(), "source")
        .add_model(sink, sink_mailbox, "sink");
    for (stage, mailbox) in stages {
        bench = bench.add_model(stage, mailbox, "stage");
    }
    let mut simulation = bench
        .init(MonotonicTime::EPOCH)
        .expect("the models fit together");
    simulation.run().expect("the run comes to its end");
    let tally = *tally.lock().expect("the run is over");
    tally
}
