//! The coordinator: begins each step, asks those who have something to do in it, writes its row, keeps
//! the books, and ends the run: after the last step, after an overflow that stops it, or when it is told.
//! Pace, live control and the wish to stop reach the model here, at the beginning of a step.

use super::audit::Audit;
use super::history::History;
use super::message::{Arrivals, Calamity, Message, Occasion, StepReport};
use super::record::Register;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::planted::{self, Fault};
use crate::scenario::{Desk, Overflow};
use crate::station::{Happening, StepRecord};
use crate::time::Step;

const GENERATOR: Port = Port(0);
const FAULTS: Port = Port(1);
const SUPERVISOR: Port = Port(2);

/// Between two steps, and until a child is asked, its form is here.
const AT_HAND: &str = "a form is at hand unless its child has it";

type Out = Outbox<Message, Happening>;

/// Counts the steps.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    register: Register,
    steps: Step,
    overflow: Overflow,
    /// The step underway, or the last one done.
    step: Step,
    phase: Phase,
    /// When generator and fault injector next have anything.
    next_arrival: Step,
    next_change: Step,
    /// Whether the fault injector was asked in this step.
    struck: bool,
    /// The forms that go to the children and come back; none while they are there. What a person does
    /// in the next step stands on the fault injector's.
    arrivals: Option<Box<Arrivals>>,
    calamity: Option<Box<Calamity>>,
    occasion: Option<Box<Occasion>>,
    generated: u64,
    /// The supervisor's last report; its levels hold until the next.
    report: StepReport,
    audit: Audit,
    history: History,
    buffer: BufferLevel,
    interrupted: bool,
}

/// What the coordinator waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Between,
    Arrivals,
    Changes,
    Work,
    Closed,
}

/// The buffer at the ends of the steps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BufferLevel {
    pub(super) sum: u128,
    pub(super) max: u64,
    pub(super) last: u64,
    /// Steps in which somebody found it full.
    pub(super) overflowing: u64,
}

impl Coordinator {
    pub(super) fn new(
        scenario: &Desk,
        (next_arrival, next_change): (Step, Step),
        attendants: u64,
        recording: Recording,
    ) -> Coordinator {
        Coordinator {
            register: Register::new(recording),
            steps: scenario.steps,
            overflow: scenario.overflow,
            step: 0,
            phase: Phase::Between,
            next_arrival,
            next_change,
            struck: false,
            arrivals: Some(Box::default()),
            calamity: Some(Box::default()),
            occasion: Some(Box::default()),
            generated: 0,
            report: StepReport {
                attendants_up: attendants,
                next: Step::MAX,
                ..StepReport::default()
            },
            audit: Audit::default(),
            history: History::default(),
            buffer: BufferLevel::default(),
            interrupted: false,
        }
    }

    pub(super) fn register(&self) -> &Register {
        &self.register
    }

    /// The steps done.
    pub(super) fn steps_done(&self) -> Step {
        self.step
    }

    /// Whether the run was wound up before its end.
    pub(super) fn interrupted(&self) -> bool {
        self.interrupted
    }

    /// The sums of all rows.
    pub(super) fn totals(&self) -> &StepRecord {
        self.audit.totals()
    }

    pub(super) fn buffer(&self) -> &BufferLevel {
        &self.buffer
    }

    pub(super) fn into_history(self) -> History {
        self.history
    }

    pub(super) fn wants(&self) -> Wants {
        match self.phase {
            Phase::Between => Wants::Turn((self.step + 1) as f64),
            Phase::Arrivals => Wants::Message(GENERATOR),
            Phase::Changes => Wants::Message(FAULTS),
            Phase::Work => Wants::Message(SUPERVISOR),
            Phase::Closed => Wants::Nothing,
        }
    }

    pub(super) fn handle(&mut self, input: Input<Message>, out: &mut Out) {
        match input {
            Input::Turn if self.step < self.steps => self.begin(out),
            Input::Turn => self.close(out),
            Input::Intervention(intervention) => {
                let calamity = self.calamity.as_mut().expect(AT_HAND);
                calamity.interventions.push(intervention);
            }
            Input::Stop => {
                self.interrupted = self.step < self.steps;
                self.close(out);
            }
            Input::Message(Message::Generated(mut arrivals)) => {
                self.next_arrival = arrivals.next;
                self.generated = arrivals.requests.len() as u64;
                // What the supervisor emptied is filled again.
                let occasion = self.occasion.as_mut().expect(AT_HAND);
                std::mem::swap(&mut occasion.arrivals, &mut arrivals.requests);
                if planted::is(Fault::HashOrder) {
                    planted::by_hash(&mut occasion.arrivals, |request| request.id);
                }
                self.arrivals = Some(arrivals);
                self.after_arrivals(out);
            }
            Input::Message(Message::Struck(mut calamity)) => {
                self.next_change = calamity.next;
                let occasion = self.occasion.as_mut().expect(AT_HAND);
                std::mem::swap(&mut occasion.changes, &mut calamity.changes);
                self.calamity = Some(calamity);
                self.after_changes(out);
            }
            Input::Message(Message::Done(occasion)) => {
                self.report = occasion.report;
                self.occasion = Some(occasion);
                self.end_step(out);
            }
            other => unreachable!("no message for the coordinator: {other:?}"),
        }
    }

    fn begin(&mut self, out: &mut Out) {
        self.step += 1;
        let arrivals = self.next_arrival <= self.step;
        let interventions = &self.calamity.as_ref().expect(AT_HAND).interventions;
        self.struck = self.next_change <= self.step || !interventions.is_empty();
        // Both are asked before either is awaited.
        if arrivals {
            let mut arrivals = self.arrivals.take().expect(AT_HAND);
            arrivals.step = self.step;
            out.send(GENERATOR, Message::Generate(arrivals));
        }
        if self.struck {
            let mut calamity = self.calamity.take().expect(AT_HAND);
            calamity.step = self.step;
            out.send(FAULTS, Message::Strike(calamity));
        }
        self.phase = Phase::Changes;
        match (arrivals, self.struck) {
            (true, _) => self.phase = Phase::Arrivals,
            (false, true) => {}
            (false, false) => self.after_changes(out),
        }
    }

    fn after_arrivals(&mut self, out: &mut Out) {
        // The injector's answer has not come yet.
        if self.struck {
            self.phase = Phase::Changes;
        } else {
            self.after_changes(out);
        }
    }

    fn after_changes(&mut self, out: &mut Out) {
        let occasion = self.occasion.as_mut().expect(AT_HAND);
        let nothing = occasion.arrivals.is_empty() && occasion.changes.is_empty();
        if nothing && self.report.next > self.step {
            // Nobody has anything to do: only time passes.
            self.report = StepReport {
                buffer: self.report.buffer,
                handed_over: self.report.handed_over,
                waiting_at_servers: self.report.waiting_at_servers,
                in_service: self.report.in_service,
                attendants_up: self.report.attendants_up,
                next: self.report.next,
                ..StepReport::default()
            };
            self.end_step(out);
            return;
        }
        occasion.step = self.step;
        self.phase = Phase::Work;
        let occasion = self.occasion.take().expect(AT_HAND);
        out.send(SUPERVISOR, Message::Begin(occasion));
    }

    /// Phase 7: the row, the books, and whether this was the last step.
    fn end_step(&mut self, out: &mut Out) {
        let report = &self.report;
        let row = StepRecord {
            step: self.step,
            generated: std::mem::take(&mut self.generated),
            rejected: report.rejected,
            dispatched: report.dispatched,
            reallocated: report.reallocated,
            interrupted: report.interrupted,
            completed: report.completed,
            abandoned: report.abandoned,
            failed: report.failed,
            buffer: report.buffer,
            handed_over: report.handed_over,
            waiting_at_servers: report.waiting_at_servers,
            in_service: report.in_service + report.completed,
            attendants_up: report.attendants_up,
        };
        self.audit.check(&row);
        self.history.add(&row);
        self.buffer.sum += u128::from(row.buffer);
        self.buffer.max = self.buffer.max.max(row.buffer);
        self.buffer.last = row.buffer;
        self.buffer.overflowing += u64::from(row.rejected > 0);
        self.register.step(row, out);
        self.phase = Phase::Between;
        let stopped = self.overflow == Overflow::Stop && row.rejected > 0;
        if stopped || self.step == self.steps {
            self.close(out);
        }
    }

    fn close(&mut self, out: &mut Out) {
        for child in [GENERATOR, FAULTS, SUPERVISOR] {
            out.send(child, Message::Close(self.step));
        }
        self.phase = Phase::Closed;
    }
}
