//! The fault injector: the state of attendants (up, slowed, on duty), and its duration. It covers phases 1 and 2 of
//! a turn as far as attendants are concerned; the effect of an interruption on requests is decided elsewhere.
//!
//! Faults by chance are drawn by `hazard`; the repair time from (attendant, repair) at each of them, and in steps
//! rounded by the draws of (`ATTENDANT repair`, rounding), the k-th by the k-th; a `crew` does them in turn.
//!
//! The script is followed in file order at the beginning of phase 2. Its repairs bring up attendants that are down
//! or slowed then, for any reason; on others they have no effect. Its faults also take down attendants off duty,
//! which is not counted. Interventions in a live run are treated as if they stood at the end of the script.
//!
//! Attendants come on duty at the end of phase 1 and go off at the end of phase 2. One that finishes its current
//! work goes off when that is done: so the injector is told which attendants serve, if that matters.

mod crew;
mod hazard;

use super::clock::Clock;
use super::message::{Calamity, Change, ChangeKind, Message, Note, NoteKind};
use crate::actor::{self, Input, Intervention, Outbox, Port, Wants};
use crate::random::laws::Trace;
use crate::random::{Law, Purpose, Rounding, Sampler, Stream};
use crate::scenario::{Desk, FaultClock, Faults, ScriptEntry, ScriptEvent, ShiftLeaving, Spells};
use crate::station::Happening;
use crate::time::Time;
use crew::Crew;
use hazard::{Hazard, drawn};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::ops::Range;

/// Takes attendants down and brings them up, puts them on duty and takes them off.
#[derive(Clone, Debug)]
pub(super) struct FaultInjector {
    clock: Clock,
    people: Vec<Person>,
    /// The index of each server's first attendant; one more at the end.
    begins: Vec<usize>,
    /// Sorted by time, in file order at equal times.
    script: Vec<ScriptEntry>,
    scripted: usize,
    /// Times at which attendants come up; an entry is void if the attendant comes up before.
    repairs: BinaryHeap<Reverse<(Time, usize)>>,
    /// Times of faults by chance; an entry is void if something else takes the attendant down before.
    strikes: BinaryHeap<Reverse<(Time, usize)>>,
    /// Times at which attendants come on duty and at which shifts end, and the attendants who have finished after
    /// their end.
    ons: BTreeSet<(Time, usize)>,
    offs: BTreeSet<(Time, usize)>,
    finished: BTreeMap<usize, Time>,
    crew: Crew,
    /// The factor of an attendant's speed after a fault by chance, if faults slow it instead of taking it down.
    slow: Option<f64>,
    /// The number of repair times asked for after the end of a trace.
    missing: u64,
    repair_law: Option<Law>,
    done: bool,
}

/// An attendant as chance, the script and its shift affect it.
#[derive(Clone, Debug)]
struct Person {
    server: u32,
    attendant: u32,
    hazard: Hazard,
    repair: Option<Sampler>,
    rounding: Rounding,
    /// The number of repair times drawn for it.
    drawn: u64,
    state: State,
    /// The time at which it last went down or was slowed, and whether that was counted.
    since: Time,
    counted: bool,
    /// The time at which it comes up by itself, if it is down or slowed and not permanently so.
    due: Option<Time>,
    shift: Option<(Spells, ShiftLeaving)>,
    /// The period on duty it is in, or the next one.
    spell: Option<[f64; 2]>,
    on_duty: bool,
    /// Whether its period on duty has ended while it still finishes its current work.
    leaving: bool,
    /// Whether it serves, and whether it serves or is in wrap-up, if that matters.
    serves: bool,
    busy: bool,
}

/// Whether an attendant can work, and at what speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Up,
    Slowed,
    Down,
}

impl Person {
    fn new(
        scenario: &Desk,
        replication: u64,
        (server, attendant): (u32, u32),
        clock: Clock,
    ) -> Person {
        let (group, faults) = (&scenario.servers[server as usize], &scenario.faults);
        let name = group.attendant(attendant);
        let stream = |purpose| Stream::new(scenario.seed, replication, &name, purpose);
        let shift = group.shift(attendant as usize);
        let shift = shift.map(|shift| &scenario.shifts[shift]);
        let mut shift = shift.map(|shift| (shift.joined(), shift.leaving));
        let spell = shift.as_mut().and_then(|(spells, _)| spells.next());
        let on_duty = scenario.begins_on_duty(server as usize, attendant as usize);
        let origin = clock.at(0.0);
        Person {
            server,
            attendant,
            hazard: hazard_of(faults, stream(Purpose::Faults), origin, on_duty),
            repair: faults
                .repair
                .as_ref()
                .map(|law| Sampler::new(law, stream(Purpose::Repair))),
            rounding: Rounding::new(scenario.seed, replication, &format!("{name} repair")),
            drawn: 0,
            state: State::Up,
            since: Time::ZERO,
            counted: false,
            due: None,
            shift,
            spell,
            on_duty,
            leaving: false,
            serves: false,
            busy: false,
        }
    }

    /// The time of its next fault by chance, if nothing else comes before.
    fn strike(&self) -> Option<Time> {
        self.hazard.due().filter(|_| self.state == State::Up)
    }

    fn change(&self, kind: ChangeKind) -> Change {
        Change {
            server: self.server,
            attendant: self.attendant,
            kind,
        }
    }
}

fn hazard_of(faults: &Faults, stream: Stream, origin: Time, on_duty: bool) -> Hazard {
    let Some(law) = &faults.every else {
        return match faults.probability > 0.0 {
            true => Hazard::steps(faults.probability, stream, on_duty.then_some(origin)),
            false => Hazard::Never,
        };
    };
    let mut every = Box::new(Sampler::new(law, stream));
    let first = drawn(&mut every);
    match faults.clock {
        FaultClock::Calendar => Hazard::Calendar {
            every,
            due: origin.after(first),
        },
        FaultClock::Busy => Hazard::Busy {
            every,
            left: first,
            serving: None,
        },
    }
}

/// Whether the injector must be told which attendants serve.
pub(super) fn wants_notes(scenario: &Desk) -> bool {
    let finishes = scenario.servers.iter().flat_map(|group| &group.shifts);
    let mut finishes = finishes.flatten();
    let finish = |&shift: &usize| scenario.shifts[shift].leaving == ShiftLeaving::Finish;
    let busy = scenario.faults.every.is_some() && scenario.faults.clock == FaultClock::Busy;
    busy || finishes.any(finish)
}

impl FaultInjector {
    pub(super) fn new(scenario: &Desk, replication: u64) -> FaultInjector {
        let (faults, clock) = (&scenario.faults, Clock::of(scenario));
        let mut people = Vec::new();
        let mut begins = vec![0];
        for (server, group) in (0..).zip(&scenario.servers) {
            for attendant in 0..group.attendants.len() as u32 {
                let place = (server, attendant);
                people.push(Person::new(scenario, replication, place, clock));
            }
            begins.push(people.len());
        }
        let mut script = faults.script.clone();
        script.sort_by_key(|entry| entry.at);
        let strikes = people.iter().enumerate();
        let mut injector = FaultInjector {
            clock,
            strikes: strikes
                .filter_map(|(index, person)| Some(Reverse((person.strike()?, index))))
                .collect(),
            crew: Crew::new(faults.crew, people.len()),
            people,
            begins,
            script,
            scripted: 0,
            repairs: BinaryHeap::new(),
            ons: BTreeSet::new(),
            offs: BTreeSet::new(),
            finished: BTreeMap::new(),
            slow: faults.slow,
            missing: 0,
            repair_law: faults.repair.clone(),
            done: false,
        };
        for index in 0..injector.people.len() {
            injector.await_duty(index);
        }
        injector
    }

    /// If the repair times were a trace that ran out: the number of values in it, and the number needed.
    pub(super) fn shortage(&self) -> Option<(usize, u64)> {
        match &self.repair_law {
            Some(Law::Trace(Trace { values, .. })) if self.missing > 0 => {
                Some((values.len(), values.len() as u64 + self.missing))
            }
            _ => None,
        }
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
            Input::Message(Message::Strike(mut calamity)) => {
                self.read(&calamity.notes);
                calamity.notes.clear();
                if !calamity.listen {
                    self.act(&mut calamity);
                }
                calamity.next = self.next();
                calamity.next_up = self.next_up();
                outbox.send(Port(0), Message::Struck(calamity));
            }
            Input::Message(Message::Close(_)) => self.done = true,
            other => unreachable!("no message for the fault injector: {other:?}"),
        }
    }

    /// Carries out phases 1 and 2.
    fn act(&mut self, calamity: &mut Calamity) {
        let now = calamity.now;
        let mut entries = self.entries(now);
        let interventions = calamity.interventions.drain(..);
        entries.extend(interventions.map(|one| written(one, now)));
        let changes = &mut calamity.changes;
        self.repair(now, changes);
        self.come_on_duty(now, changes);
        self.follow(&entries, changes);
        self.strike(now, changes);
        self.go_off_duty(now, changes);
    }

    /// Reads which attendants began or ended a service or became free since the last time.
    fn read(&mut self, notes: &[Note]) {
        for note in notes {
            let index = self.begins[note.server as usize] + note.attendant as usize;
            let person = &mut self.people[index];
            match note.kind {
                NoteKind::Began => {
                    (person.serves, person.busy) = (true, true);
                    if person.state == State::Up {
                        person.hazard.began(note.at);
                    }
                }
                NoteKind::Ended => {
                    person.serves = false;
                    person.hazard.ended(note.at);
                }
                NoteKind::Free => {
                    person.busy = false;
                    if person.leaving {
                        self.finished.insert(index, note.at);
                    }
                }
            }
            self.await_strike(index);
        }
    }

    fn await_strike(&mut self, index: usize) {
        if let Some(strike) = self.people[index].strike() {
            self.strikes.push(Reverse((strike, index)));
        }
    }

    /// Enters the time at which an attendant next comes on duty or goes off.
    fn await_duty(&mut self, index: usize) {
        let person = &self.people[index];
        if let Some([begin, end]) = person.spell {
            let on_duty = person.on_duty && !person.leaving;
            match (on_duty, end.is_finite()) {
                (false, _) => self.ons.insert((self.clock.at(begin), index)),
                (true, true) => self.offs.insert((self.clock.at(end), index)),
                (true, false) => false,
            };
        }
    }

    fn repair(&mut self, now: Time, changes: &mut Vec<Change>) {
        let mut due = Vec::new();
        while let Some(&Reverse((time, index))) = self.repairs.peek() {
            if time > now {
                break;
            }
            self.repairs.pop();
            if self.people[index].due == Some(time) && !due.contains(&index) {
                assert!(time == now, "a repair was left out");
                due.push(index);
            }
        }
        for index in due {
            self.come_up(index, now, changes);
        }
    }

    fn come_up(&mut self, index: usize, now: Time, changes: &mut Vec<Change>) {
        let person = &mut self.people[index];
        let slowed = person.state == State::Slowed;
        person.state = State::Up;
        person.due = None;
        person
            .hazard
            .renew(now, person.on_duty, person.serves && slowed);
        changes.push(person.change(ChangeKind::Repair {
            after: now.since(person.since),
            counted: person.counted,
            told: person.counted || person.on_duty,
            slowed,
        }));
        self.await_strike(index);
        self.leave_crew(index, now);
    }

    /// Lets the crew continue with the next attendant.
    fn leave_crew(&mut self, index: usize, now: Time) {
        if let Some((next, lasts)) = self.crew.leave(index) {
            self.await_repair(next, now.after(lasts));
        }
    }

    fn await_repair(&mut self, index: usize, due: Time) {
        self.people[index].due = Some(due);
        self.repairs.push(Reverse((due, index)));
    }

    /// The script's entries for this time, in file order.
    fn entries(&mut self, now: Time) -> Vec<ScriptEntry> {
        let from = self.scripted;
        let due = self.script[from..].iter();
        self.scripted += due.take_while(|entry| entry.at <= now).count();
        self.script[from..self.scripted].to_vec()
    }

    /// The attendants an entry applies to.
    fn concerned(&self, entry: &ScriptEntry) -> Range<usize> {
        let begin = self.begins[entry.server];
        match entry.attendant {
            Some(attendant) => begin + attendant..begin + attendant + 1,
            None => begin..self.begins[entry.server + 1],
        }
    }

    fn follow(&mut self, entries: &[ScriptEntry], changes: &mut Vec<Change>) {
        for entry in entries {
            for index in self.concerned(entry) {
                let state = self.people[index].state;
                let (down_for, slow) = match entry.event {
                    ScriptEvent::Repair if state == State::Up => continue,
                    ScriptEvent::Repair => {
                        self.come_up(index, entry.at, changes);
                        continue;
                    }
                    ScriptEvent::Fault { down_for } => (down_for, None),
                    ScriptEvent::Slow { down_for, factor } => (down_for, Some(factor)),
                };
                // A stop overrides a slow-down; a slow-down has no effect on attendants that are down or slowed.
                if state == State::Up || (state == State::Slowed && slow.is_none()) {
                    self.people[index].hazard.stop(entry.at);
                    self.leave_crew(index, entry.at);
                    self.go_down(index, entry.at, (down_for, false), slow, changes);
                    if let Some(lasts) = down_for {
                        self.await_repair(index, entry.at.after(lasts));
                    }
                }
            }
        }
    }

    fn strike(&mut self, now: Time, changes: &mut Vec<Change>) {
        let mut due = Vec::new();
        while let Some(&Reverse((time, index))) = self.strikes.peek() {
            if time > now {
                break;
            }
            self.strikes.pop();
            if self.people[index].strike() == Some(time) && !due.contains(&index) {
                assert!(time == now, "a fault was left out");
                due.push(index);
            }
        }
        for index in due {
            if !self.people[index].on_duty {
                self.people[index].hazard.pass(now);
                self.await_strike(index);
                continue;
            }
            self.people[index].hazard.strike();
            let lasts = self.repair_time(index);
            let begins = lasts.is_some_and(|lasts| self.crew.take(index, lasts));
            let known = lasts.filter(|_| begins);
            let waits = lasts.is_some() && !begins;
            self.go_down(index, now, (known, waits), self.slow, changes);
            if let Some(lasts) = known {
                self.await_repair(index, now.after(lasts));
            }
        }
    }

    /// The duration of a repair after a fault by chance, if there is one.
    fn repair_time(&mut self, index: usize) -> Option<f64> {
        let person = &mut self.people[index];
        let value = person.repair.as_mut()?.draw();
        self.missing += u64::from(value.is_none());
        person.drawn += 1;
        let value = value.unwrap_or(1.0);
        Some(match self.clock.stepped() {
            true => person.rounding.nth(value, (person.drawn, 0)),
            false => value,
        })
    }

    fn go_down(
        &mut self,
        index: usize,
        now: Time,
        (down_for, waits): (Option<f64>, bool),
        slow: Option<f64>,
        changes: &mut Vec<Change>,
    ) {
        let person = &mut self.people[index];
        person.since = now;
        person.counted = person.on_duty;
        person.due = None;
        let counted = person.counted;
        changes.push(person.change(match slow {
            Some(factor) => ChangeKind::Slow {
                factor,
                lasts: down_for,
                counted,
                waits,
            },
            None => ChangeKind::Fault {
                down_for,
                counted,
                waits,
            },
        }));
        if slow.is_some() {
            person.state = State::Slowed;
            return;
        }
        person.state = State::Down;
        (person.serves, person.busy) = (false, false);
        if person.leaving {
            self.finished.insert(index, now);
        }
    }

    /// Puts attendants on duty, at the end of phase 1.
    fn come_on_duty(&mut self, now: Time, changes: &mut Vec<Change>) {
        while let Some(&(time, index)) = self.ons.first()
            && time <= now
        {
            self.ons.pop_first();
            let person = &mut self.people[index];
            let stays = person.leaving;
            self.finished.remove(&index);
            (person.on_duty, person.leaving) = (true, false);
            if !stays && person.state == State::Up {
                person.hazard.come_on_duty(now);
            }
            let down = person.state == State::Down;
            changes.push(person.change(match stays {
                true => ChangeKind::Stay,
                false => ChangeKind::OnDuty { down },
            }));
            self.await_duty(index);
            self.await_strike(index);
        }
    }

    /// Takes attendants off duty, at the end of phase 2.
    fn go_off_duty(&mut self, now: Time, changes: &mut Vec<Change>) {
        let mut going: BTreeSet<usize> = BTreeSet::new();
        while let Some(&(time, index)) = self.offs.first()
            && time <= now
        {
            self.offs.pop_first();
            let person = &mut self.people[index];
            let next = person.shift.as_mut().and_then(|(spells, _)| spells.next());
            person.spell = next;
            going.insert(index);
        }
        let finished = self.finished.iter().filter(|(_, time)| **time <= now);
        let finished: Vec<usize> = finished.map(|(index, _)| *index).collect();
        for index in finished {
            self.finished.remove(&index);
            going.insert(index);
        }
        for index in going {
            let person = &mut self.people[index];
            let finish = person
                .shift
                .as_ref()
                .is_some_and(|(_, leaving)| *leaving == ShiftLeaving::Finish);
            let was_leaving = person.leaving;
            if person.busy && finish {
                person.leaving = true;
                changes.push(person.change(ChangeKind::Leaving));
            } else {
                (person.on_duty, person.leaving) = (false, false);
                (person.serves, person.busy) = (false, false);
                person.hazard.go_off_duty(now);
                changes.push(person.change(ChangeKind::OffDuty));
            }
            if !was_leaving {
                self.await_duty(index);
            }
        }
    }

    /// The time of the next event.
    pub(super) fn next(&mut self) -> Time {
        // Void entries would cause turns with nothing to do.
        while let Some(&Reverse((due, index))) = self.strikes.peek() {
            if self.people[index].strike() == Some(due) {
                break;
            }
            self.strikes.pop();
        }
        let due = |heap: &BinaryHeap<Reverse<(Time, usize)>>| heap.peek().map(|entry| entry.0.0);
        let soonest = [
            self.next_repair(),
            due(&self.strikes),
            self.script.get(self.scripted).map(|entry| entry.at),
            self.ons.first().map(|on| on.0),
            self.offs.first().map(|off| off.0),
            self.finished.values().copied().min(),
        ];
        soonest.into_iter().flatten().min().unwrap_or(Time::NEVER)
    }

    /// The time at which the next attendant is repaired by itself.
    fn next_repair(&mut self) -> Option<Time> {
        while let Some(&Reverse((due, index))) = self.repairs.peek() {
            if self.people[index].due == Some(due) {
                return Some(due);
            }
            self.repairs.pop();
        }
        None
    }

    /// Time 0 if an attendant that cannot be given work now will be able to at some time; otherwise never.
    pub(super) fn next_up(&mut self) -> Time {
        match (0..self.people.len()).any(|index| self.will_come(index)) {
            true => Time::ZERO,
            false => Time::NEVER,
        }
    }

    fn will_come(&self, index: usize) -> bool {
        let person = &self.people[index];
        let (down, on_duty) = (
            person.state == State::Down,
            person.on_duty && !person.leaving,
        );
        if !down && on_duty {
            return false;
        }
        let scripted = || {
            let mut left = self.script[self.scripted..].iter();
            left.any(|entry| {
                entry.event == ScriptEvent::Repair && self.concerned(entry).contains(&index)
            })
        };
        let repaired = !down || person.due.is_some() || self.crew.awaits(index) || scripted();
        repaired && (on_duty || person.spell.is_some())
    }
}

/// An intervention as an entry of the script.
fn written(intervention: Intervention, now: Time) -> ScriptEntry {
    ScriptEntry {
        at: now,
        server: intervention.server as usize,
        attendant: Some(intervention.attendant as usize),
        event: match intervention.change {
            actor::Change::TakeDown => ScriptEvent::Fault { down_for: None },
            actor::Change::Repair => ScriptEvent::Repair,
        },
    }
}
