//! The fault injector: who is up, slowed or on duty, and until when. Phases 1 and 2 of a turn as far as attendants
//! go; what an interruption does to requests is decided elsewhere.
//!
//! Faults by chance are drawn by `hazard`; the repair time from (attendant, repair) at each of them, and in steps made
//! whole by the draws of (`ATTENDANT repair`, rounding), the k-th by the k-th; a `crew` does them in turn.
//!
//! The script is followed in file order at the beginning of phase 2. Its repairs bring up who is down or slowed then by
//! whatever cause; on others they do nothing. Its faults strike those off duty too, which is not counted. What a person
//! does in a live run is taken as if it stood at the end of the script.
//!
//! Attendants come on duty at the end of phase 1 and go off at the end of phase 2. One who finishes what it is at goes
//! when it is done: so the injector is told who serves, where that matters.

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

/// Takes attendants down and brings them up, on duty and off.
#[derive(Clone, Debug)]
pub(super) struct FaultInjector {
    clock: Clock,
    people: Vec<Person>,
    /// Where each server's people begin; one more at the end.
    begins: Vec<usize>,
    /// Sorted by time, in file order at one.
    script: Vec<ScriptEntry>,
    scripted: usize,
    /// Who comes up when, unless it does before: then the entry is void.
    repairs: BinaryHeap<Reverse<(Time, usize)>>,
    /// Whom chance takes down when, unless something does before: then the entry is void.
    strikes: BinaryHeap<Reverse<(Time, usize)>>,
    /// Who comes on duty when, whose spell ends when, and who has finished after its end.
    ons: BTreeSet<(Time, usize)>,
    offs: BTreeSet<(Time, usize)>,
    finished: BTreeMap<usize, Time>,
    crew: Crew,
    /// What chance makes of an attendant's speed, in place of taking it down.
    slow: Option<f64>,
    /// How often a repair time was asked for that a trace no longer had.
    missing: u64,
    repair_law: Option<Law>,
    done: bool,
}

/// An attendant as chance, the script and its shift see it.
#[derive(Clone, Debug)]
struct Person {
    server: u32,
    attendant: u32,
    hazard: Hazard,
    repair: Option<Sampler>,
    rounding: Rounding,
    /// How often its repair time was drawn.
    drawn: u64,
    state: State,
    /// When it last went down or was slowed, and whether that was counted.
    since: Time,
    counted: bool,
    /// When it comes up by itself, while it is down or slowed and not for good.
    due: Option<Time>,
    shift: Option<(Spells, ShiftLeaving)>,
    /// The spell it is in, or the next one.
    spell: Option<[f64; 2]>,
    on_duty: bool,
    /// Whether its spell has ended, and it finishes what it is at.
    leaving: bool,
    /// Whether it serves, and whether it serves or does the work after it: where that matters.
    serves: bool,
    busy: bool,
}

/// Whether an attendant can work, and how fast.
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

    /// When chance strikes, if nothing comes before.
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

/// Whether the injector has to be told who serves.
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

    /// If the repair times were a trace that ran out: how many values there were and how many of them
    /// were needed.
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

    /// Phases 1 and 2.
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

    /// Who served and who is free again since the last time.
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

    /// Notes when it next comes on duty or goes off.
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

    /// The crew goes on with the next one.
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

    /// Whom an entry is about.
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
                // A stop takes over from a slow-down; slowing changes nothing for those who are not as they should be.
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

    /// The time of a repair after a fault by chance, if there is any.
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

    /// The end of phase 1.
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

    /// The end of phase 2.
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

    /// When the next thing happens.
    pub(super) fn next(&mut self) -> Time {
        // Void entries would wake us for nothing.
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

    /// When the next attendant is repaired by itself.
    fn next_repair(&mut self) -> Option<Time> {
        while let Some(&Reverse((due, index))) = self.repairs.peek() {
            if self.people[index].due == Some(due) {
                return Some(due);
            }
            self.repairs.pop();
        }
        None
    }

    /// Now, if an attendant who cannot be given work now will be able to at some time; otherwise never.
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

/// An intervention as the script would say it.
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
