//! The desk in NeXosim: one model that decides, and one model per attendant that works.

use crate::desk::{ATTENDANTS, Counts, Desk};
use nexosim::Message;
use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use nexosim::simulation::{EventKey, Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const STEP: Duration = Duration::from_secs(1);

/// A message to an attendant.
#[derive(Clone, Message, Serialize, Deserialize)]
enum Duty {
    /// Serve for this many steps.
    Serve(u64),
    /// Stop serving.
    LeaveOff,
}

/// A message that an attendant is done.
#[derive(Clone, Message, Serialize, Deserialize)]
struct Done(usize);

#[derive(Serialize, Deserialize)]
struct Supervisor {
    desk: Desk,
    steps: u64,
    interrupted: Vec<usize>,
    started: Vec<usize>,
    attendants: Vec<Output<Duty>>,
    #[serde(skip)]
    counts: Arc<Mutex<Counts>>,
}

#[Model]
impl Supervisor {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        cx.schedule_event(STEP, schedulable!(Self::step), ())
            .expect("the first step lies ahead");
    }

    #[nexosim(schedulable)]
    async fn step(&mut self, _: (), cx: &Context<Self>) {
        self.desk.step(&mut self.interrupted, &mut self.started);
        for attendant in self.interrupted.drain(..) {
            self.attendants[attendant].send(Duty::LeaveOff).await;
        }
        for attendant in self.started.drain(..) {
            let service = self.desk.busy[attendant].map_or(1, |request| request.service);
            self.attendants[attendant].send(Duty::Serve(service)).await;
        }
        self.steps -= 1;
        if self.steps > 0 {
            cx.schedule_event(STEP, schedulable!(Self::step), ())
                .expect("the next step lies ahead");
        }
        *self.counts.lock().expect("nobody else holds it") = self.desk.counts;
    }

    async fn done(&mut self, done: Done) {
        self.desk.complete(done.0);
    }
}

#[derive(Serialize, Deserialize)]
struct Attendant {
    number: usize,
    done: Output<Done>,
    service: Option<EventKey>,
}

#[Model]
impl Attendant {
    async fn act(&mut self, duty: Duty, cx: &Context<Self>) {
        match duty {
            Duty::Serve(steps) => {
                let until = Duration::from_millis(1000 * steps - 500);
                let finish = schedulable!(Self::finish);
                let key = cx.schedule_keyed_event(until, finish, ());
                self.service = Some(key.expect("the end of a service lies ahead"));
            }
            Duty::LeaveOff => {
                if let Some(key) = self.service.take() {
                    key.cancel();
                }
            }
        }
    }

    #[nexosim(schedulable)]
    async fn finish(&mut self) {
        self.service = None;
        self.done.send(Done(self.number)).await;
    }
}

pub(crate) fn run(steps: u64) -> Counts {
    let counts = Arc::new(Mutex::new(Counts::default()));
    let mut supervisor = Supervisor {
        desk: Desk::new(1),
        steps,
        interrupted: Vec::new(),
        started: Vec::new(),
        attendants: Vec::new(),
        counts: Arc::clone(&counts),
    };
    let mailbox = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    for number in 0..ATTENDANTS {
        let mut attendant = Attendant {
            number,
            done: Output::default(),
            service: None,
        };
        attendant.done.connect(Supervisor::done, &mailbox);
        let own = Mailbox::new();
        let mut duty = Output::default();
        duty.connect(Attendant::act, &own);
        supervisor.attendants.push(duty);
        bench = bench.add_model(attendant, own, "attendant");
    }
    let bench = bench.add_model(supervisor, mailbox, "supervisor");
    let mut simulation = bench
        .init(MonotonicTime::EPOCH)
        .expect("the models fit together");
    simulation.run().expect("the run comes to its end");
    let counts = *counts.lock().expect("the run is over");
    counts
}
