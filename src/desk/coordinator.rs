//! The coordinator: advances logical time to the next step or instant, asks the actors with something to do in it,
//! writes its row and keeps the books. It ends the run after the last step or, in continuous time, when all
//! requests have left; after an overflow that stops it; or on command. Pace, live control and the wish to stop
//! reach the model here, at the beginning of a turn.
//!
//! In continuous time an instant may have several turns: an event that becomes due at it after its first turn, such
//! as the end of a service of length zero, is handled in the next. Its row is written when time advances.

use super::audit::Audit;
use super::clock::Clock;
use super::faults::wants_notes;
use super::history::History;
use super::level::Level;
use super::message::{Again, Arrivals, Calamity, Message, Occasion, Pause, StepReport};
use super::record::Register;
use super::supervisor::may_come_at_once;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::planted::{self, Fault};
use crate::scenario::{Desk, DeskHorizon, Overflow};
use crate::station::{Happening, StepRecord};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const GENERATOR: Port = Port(0);
const FAULTS: Port = Port(1);
const SUPERVISOR: Port = Port(2);

/// The reason that a form is present: its child has it only while it is asked.
const AT_HAND: &str = "a form is at hand unless its child has it";

/// A run that is not done after this many times the time of its last arrival is ended.
const DRAIN_MOST: f64 = 10.0;

type Out = Outbox<Message, Happening>;

/// The reason why a run in continuous time ended with requests in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// No remaining request can be served or give up any more.
    NobodyServes,
    /// Ten times the time of the last arrival had passed.
    TooLong,
}

/// Advances time.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    register: Register,
    clock: Clock,
    horizon: DeskHorizon,
    overflow: Overflow,
    /// The time of the current turn, or of the last one.
    now: Time,
    phase: Phase,
    /// The next times of the generator and the fault injector, and that at which the next attendant comes up.
    next_arrival: Time,
    next_change: Time,
    next_up: Time,
    /// Whether the fault injector was asked in this turn.
    struck: bool,
    /// The forms that go to the children and come back; none while they are there. The interventions for the next
    /// turn are on the fault injector's form.
    arrivals: Option<Box<Arrivals>>,
    calamity: Option<Box<Calamity>>,
    occasion: Option<Box<Occasion>>,
    /// Clients who will retry, the soonest first.
    returning: BinaryHeap<Reverse<Again>>,
    /// Whether the supervisor pauses before phase 3, for clients who retry at once.
    pauses: bool,
    /// Whether the fault injector is told which attendants serve; and, in this turn, whether services end before it
    /// is asked.
    notes: bool,
    ends_first: bool,
    generated: u64,
    /// The supervisor's last report; its levels hold until the next.
    report: StepReport,
    /// The row of this instant, until time advances.
    row: Option<StepRecord>,
    audit: Audit,
    history: History,
    buffer: BufferLevel,
    /// The end of the run.
    end: Time,
    /// The time at which the last request that had a place left.
    last_left: Time,
    interrupted: bool,
    unfinished: Option<Unfinished>,
}

/// The answer that the coordinator waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Between,
    Arrivals,
    Changes,
    Work,
    /// The requests of clients who retry, while the supervisor pauses.
    Again,
    /// The changes of attendants, while the supervisor pauses.
    Struck,
    /// The fault injector's receipt of the notes on which attendants serve, after everything else.
    Heard,
    Closed,
}

/// The number in the buffer at the ends of the turns.
#[derive(Clone, Copy, Debug)]
pub(super) struct BufferLevel {
    pub(super) level: Level,
    /// At the end of the window, or of a run that ended before.
    pub(super) last: u64,
    /// Steps in which a request found it full.
    pub(super) overflowing: u64,
}

impl Coordinator {
    pub(super) fn new(
        scenario: &Desk,
        (next_arrival, next_change, next_up): (Time, Time, Time),
        (on_duty, attendants_up): (u64, u64),
        recording: Recording,
    ) -> Coordinator {
        let clock = Clock::of(scenario);
        Coordinator {
            register: Register::new(recording),
            clock,
            horizon: scenario.horizon,
            overflow: scenario.overflow,
            now: Time::ZERO,
            phase: Phase::Between,
            next_arrival,
            next_change,
            next_up,
            struck: false,
            arrivals: Some(Box::default()),
            calamity: Some(Box::default()),
            occasion: Some(Box::default()),
            returning: BinaryHeap::new(),
            pauses: may_come_at_once(scenario),
            notes: wants_notes(scenario),
            ends_first: false,
            generated: 0,
            report: StepReport {
                attendants_up,
                on_duty,
                next: Time::NEVER,
                ..StepReport::default()
            },
            row: (!clock.stepped()).then(|| StepRecord {
                attendants_up,
                on_duty,
                ..StepRecord::default()
            }),
            audit: Audit::default(),
            history: History::new(clock),
            buffer: BufferLevel {
                level: Level::new(clock),
                last: 0,
                overflowing: 0,
            },
            end: Time::ZERO,
            last_left: Time::ZERO,
            interrupted: false,
            unfinished: None,
        }
    }

    pub(super) fn register(&self) -> &Register {
        &self.register
    }

    /// The end of the run: that of the last step, or the last instant.
    pub(super) fn end(&self) -> Time {
        self.end
    }

    /// The time at which the last request that had a place left; or the end of a run that was to end with the last
    /// arrival or was wound up.
    pub(super) fn last_left(&self) -> Time {
        match self.horizon {
            _ if self.interrupted || self.stops_at() == Some(self.end) => self.end,
            _ => self.last_left,
        }
    }

    /// Whether the run was wound up before its end.
    pub(super) fn interrupted(&self) -> bool {
        self.interrupted
    }

    /// The reason why it ended while requests were in the system, if that was not intended.
    pub(super) fn unfinished(&self) -> Option<Unfinished> {
        self.unfinished
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
            Phase::Between => Wants::Turn(self.turn().0.get()),
            Phase::Arrivals | Phase::Again => Wants::Message(GENERATOR),
            Phase::Changes | Phase::Struck | Phase::Heard => Wants::Message(FAULTS),
            Phase::Work => Wants::Message(SUPERVISOR),
            Phase::Closed => Wants::Nothing,
        }
    }

    pub(super) fn handle(&mut self, input: Input<Message>, out: &mut Out) {
        match input {
            Input::Turn => match self.turn() {
                (now, true) => self.begin(now, out),
                (end, false) => self.close(end, out),
            },
            Input::Intervention(intervention) => {
                let calamity = self.calamity.as_mut().expect(AT_HAND);
                calamity.interventions.push(intervention);
            }
            Input::Stop => {
                self.interrupted = self.turn().1;
                let end = self.last_turn();
                self.close(end, out);
            }
            Input::Message(Message::Generated(mut arrivals)) => {
                self.next_arrival = arrivals.next;
                self.generated += arrivals.requests.len() as u64;
                if self.phase == Phase::Again {
                    let occasion = self.occasion.as_mut().expect(AT_HAND);
                    occasion.arrivals.append(&mut arrivals.requests);
                    self.arrivals = Some(arrivals);
                    return self.go_on(out);
                }
                // The supervisor has emptied the list; it is filled again.
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
                self.next_up = calamity.next_up;
                let occasion = self.occasion.as_mut().expect(AT_HAND);
                std::mem::swap(&mut occasion.changes, &mut calamity.changes);
                self.calamity = Some(calamity);
                match self.phase {
                    Phase::Struck => self.go_on(out),
                    Phase::Heard => self.end_turn(out),
                    _ => self.after_changes(out),
                }
            }
            Input::Message(Message::Done(mut occasion)) => {
                let pause = occasion.report.pause;
                // After the last arrival there are no further arrivals, and no retries.
                let again = occasion.again.drain(..);
                let again = again.filter(|one| self.clock.admits(one.due));
                self.returning.extend(again.map(Reverse));
                let calamity = self.calamity.as_mut().expect(AT_HAND);
                calamity.notes.append(&mut occasion.notes);
                if pause == Pause::Over {
                    self.report = occasion.report;
                }
                self.occasion = Some(occasion);
                match pause {
                    Pause::Ended => self.ask_what_befalls(out),
                    Pause::BeforeArrivals => self.ask_for_those_who_come_again(out),
                    Pause::Over => self.tell_who_serves(out),
                }
            }
            other => unreachable!("no message for the coordinator: {other:?}"),
        }
    }

    /// The end of the turns so far.
    fn last_turn(&self) -> Time {
        match self.clock.stepped() {
            true => self.now.after(1.0),
            false => self.now,
        }
    }

    /// The time at which a run in continuous time ends even with requests in the system, if it is set.
    fn stops_at(&self) -> Option<Time> {
        match self.horizon {
            DeskHorizon::Until { end, .. } => end.map(Time::at),
            DeskHorizon::Steps(_) => None,
        }
    }

    /// The time of the next turn and true, or the time of the end of the run and false.
    fn turn(&self) -> (Time, bool) {
        let DeskHorizon::Until { until, .. } = self.horizon else {
            let next = self.now.after(1.0);
            return (next, next < self.clock.until());
        };
        let until = Time::at(until);
        let next = self
            .next_arrival()
            .min(self.next_change)
            .min(self.report.next);
        // An instant that has begun is finished, whatever is left.
        if next <= until || next == self.now {
            return (next, true);
        }
        let most = Time::at(DRAIN_MOST * until.get());
        let stops = self.stops_at().filter(|&end| next > end);
        if stops.is_some() || self.audit.in_system() == 0 || self.hopeless() || next > most {
            // Interventions before the end are still carried out.
            let wanted = self.calamity.as_ref().map(|form| &form.interventions);
            let end = stops.unwrap_or(until).max(self.now);
            return (end, wanted.is_some_and(|wanted| !wanted.is_empty()));
        }
        (next, true)
    }

    /// The time at which the next requests arrive, first tries or retries.
    fn next_arrival(&self) -> Time {
        let again = self.returning.peek().map(|Reverse(one)| one.due);
        again.map_or(self.next_arrival, |due| due.min(self.next_arrival))
    }

    /// Whether no remaining request can be served or give up any more.
    fn hopeless(&self) -> bool {
        self.report.next.is_never() && (self.next_up.is_never() || !self.report.hope)
    }

    fn begin(&mut self, now: Time, out: &mut Out) {
        if now > self.now {
            self.file_row(out);
        }
        self.now = now;
        // Other clients who retry at once are known only when the supervisor pauses.
        let arrivals = match self.pauses {
            true => self.next_arrival <= now,
            false => self.next_arrival() <= now,
        };
        self.ends_first = self.notes && self.report.next <= now;
        self.struck = !self.ends_first && self.something_befalls();
        // Both are asked before either answer is awaited.
        if arrivals {
            let mut arrivals = self.arrivals.take().expect(AT_HAND);
            arrivals.now = now;
            if !self.pauses {
                take_due(&mut self.returning, now, &mut arrivals.again);
            }
            out.send(GENERATOR, Message::Generate(arrivals));
        }
        if self.struck {
            self.strike(false, out);
        }
        self.phase = Phase::Changes;
        match (arrivals, self.struck) {
            (true, _) => self.phase = Phase::Arrivals,
            (false, true) => {}
            (false, false) => self.after_changes(out),
        }
    }

    /// Whether the fault injector has anything to do now.
    fn something_befalls(&self) -> bool {
        let interventions = &self.calamity.as_ref().expect(AT_HAND).interventions;
        self.next_change <= self.now || !interventions.is_empty()
    }

    /// While the supervisor pauses, tells the fault injector which services ended, and asks it for changes of
    /// attendants.
    fn ask_what_befalls(&mut self, out: &mut Out) {
        let heard = !self.calamity.as_ref().expect(AT_HAND).notes.is_empty();
        if !heard && !self.something_befalls() {
            return self.go_on(out);
        }
        self.phase = Phase::Struck;
        self.strike(false, out);
    }

    /// After everything else, tells the fault injector which attendants serve, and asks when it next has something
    /// to do.
    fn tell_who_serves(&mut self, out: &mut Out) {
        if self.calamity.as_ref().expect(AT_HAND).notes.is_empty() {
            return self.end_turn(out);
        }
        self.phase = Phase::Heard;
        self.strike(true, out);
    }

    fn strike(&mut self, listen: bool, out: &mut Out) {
        let mut calamity = self.calamity.take().expect(AT_HAND);
        calamity.now = self.now;
        calamity.listen = listen;
        out.send(FAULTS, Message::Strike(calamity));
    }

    /// Asks for the requests of clients who retry now, if there are any.
    fn ask_for_those_who_come_again(&mut self, out: &mut Out) {
        let mut arrivals = self.arrivals.take().expect(AT_HAND);
        arrivals.now = self.now;
        take_due(&mut self.returning, self.now, &mut arrivals.again);
        if arrivals.again.is_empty() {
            self.arrivals = Some(arrivals);
            self.go_on(out);
        } else {
            self.phase = Phase::Again;
            out.send(GENERATOR, Message::Generate(arrivals));
        }
    }

    /// Lets the supervisor continue from its pause.
    fn go_on(&mut self, out: &mut Out) {
        self.phase = Phase::Work;
        let occasion = self.occasion.take().expect(AT_HAND);
        out.send(SUPERVISOR, Message::Begin(occasion));
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
        let again = self.returning.peek();
        let again = again.is_some_and(|Reverse(one)| one.due <= self.now);
        if nothing && !again && self.report.next > self.now {
            // No actor has anything to do: only time passes.
            self.report = StepReport {
                buffer: self.report.buffer,
                handed_over: self.report.handed_over,
                waiting_at_servers: self.report.waiting_at_servers,
                in_service: self.report.in_service,
                attendants_up: self.report.attendants_up,
                on_duty: self.report.on_duty,
                hope: self.report.hope,
                next: self.report.next,
                ..StepReport::default()
            };
            self.end_turn(out);
            return;
        }
        occasion.now = self.now;
        occasion.ends_first = self.ends_first;
        self.phase = Phase::Work;
        let occasion = self.occasion.take().expect(AT_HAND);
        out.send(SUPERVISOR, Message::Begin(occasion));
    }

    /// Phase 7: writes the row, checks the books, and ends the run after the last turn.
    fn end_turn(&mut self, out: &mut Out) {
        let report = &self.report;
        let stepped = self.clock.stepped();
        let completed = if stepped { report.completed } else { 0 };
        let row = StepRecord {
            time: self.now,
            generated: std::mem::take(&mut self.generated),
            rejected: report.rejected,
            dispatched: report.dispatched,
            reallocated: report.reallocated,
            interrupted: report.interrupted,
            completed: report.completed,
            abandoned: report.abandoned,
            failed: report.failed,
            timed_out: report.timed_out,
            buffer: report.buffer,
            handed_over: report.handed_over,
            waiting_at_servers: report.waiting_at_servers,
            in_service: report.in_service + completed,
            attendants_up: report.attendants_up,
            on_duty: report.on_duty,
        };
        self.audit.check(&row, stepped);
        if row.completed + row.abandoned + row.failed + row.timed_out > 0 {
            self.last_left = self.now;
        }
        self.buffer.overflowing += u64::from(report.overflowed);
        let stopped = self.overflow == Overflow::Stop && report.overflowed;
        match &mut self.row {
            Some(all) if all.time == self.now => all.join(&row),
            _ => self.row = Some(row),
        }
        self.phase = Phase::Between;
        if stepped {
            self.file_row(out);
        }
        let last = stepped && self.last_turn() == self.clock.until();
        // An overflow ends a run after everything due at the instant is done.
        if stopped {
            self.stop();
        }
        if last || (stepped && stopped) {
            let end = self.last_turn();
            self.close(end, out);
        }
    }

    /// Ends the run at this instant: from now on only events due at it are handled.
    fn stop(&mut self) {
        if let DeskHorizon::Until { until, end } = &mut self.horizon {
            *until = self.now.get();
            *end = Some(*until);
        }
    }

    /// Records the row of the last turn, now that it is over.
    fn file_row(&mut self, out: &mut Out) {
        let Some(row) = self.row.take() else {
            return;
        };
        self.history.add(&row, self.clock);
        self.buffer.level.set(row.time, row.buffer, row.buffer);
        if row.time <= self.clock.until() {
            self.buffer.last = row.buffer;
        }
        self.register.step(row, out);
    }

    fn close(&mut self, end: Time, out: &mut Out) {
        self.file_row(out);
        let draining = match self.horizon {
            DeskHorizon::Steps(_) => false,
            DeskHorizon::Until { .. } => self.stops_at() != Some(end),
        };
        if draining && !self.interrupted && self.audit.in_system() > 0 {
            self.unfinished = Some(match self.hopeless() {
                true => Unfinished::NobodyServes,
                false => Unfinished::TooLong,
            });
        }
        self.history.close(end, self.clock);
        self.end = end;
        for child in [GENERATOR, FAULTS, SUPERVISOR] {
            out.send(child, Message::Close(end));
        }
        self.phase = Phase::Closed;
    }
}

/// Moves the clients who retry by `now` to `into`, ordered by the numbers of their last tries.
fn take_due(returning: &mut BinaryHeap<Reverse<Again>>, now: Time, into: &mut Vec<Again>) {
    while let Some(&Reverse(one)) = returning.peek()
        && one.due <= now
    {
        into.push(one);
        returning.pop();
    }
}
