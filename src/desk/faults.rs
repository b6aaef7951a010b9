//! The fault injector: who is up, and until when. Phases 1 and 2 of a step as far as attendants go; what
//! an interruption does to requests is decided elsewhere.
//!
//! Instead of a draw for every attendant and step it draws, per attendant, *how many steps it stands*
//! before chance takes it down: `floor(ln(1 - u) / ln(1 - p))`, one uniform from the stream (attendant,
//! faults) at the start and one after each fault by chance, none where p is 0 or 1. Steps count in which
//! chance has its turn, that is, in which the attendant is up after repairs and script; a scripted fault
//! leaves the count where it is. That is the same law as a draw a step. The repair time is drawn from
//! (attendant, repair) at each fault by chance, and made whole by the draws of (`ATTENDANT repair`,
//! rounding), the k-th by the k-th. Chance strikes in steps alone; the script, on either clock.
//!
//! A scripted repair brings up in phase 1 who is down then by whatever cause, after those whose repair
//! ends; on who is up it does nothing. What a person does in a live run is taken as if it stood at the
//! end of the script.

use super::message::{Change, ChangeKind, Message};
use crate::actor::{self, Input, Intervention, Outbox, Port, Wants};
use crate::random::laws::Trace;
use crate::random::{Law, Purpose, Rounding, Sampler, Stream};
use crate::scenario::{Desk, ScriptEntry, ScriptEvent};
use crate::station::Happening;
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// Takes attendants down and brings them up.
#[derive(Clone, Debug)]
pub(super) struct FaultInjector {
    people: Vec<Person>,
    /// Where each server's people begin; one more at the end.
    begins: Vec<usize>,
    /// Sorted by time, in file order at one.
    script: Vec<ScriptEntry>,
    scripted: usize,
    /// Who comes up when, unless it does before: then the entry is void.
    repairs: BinaryHeap<Reverse<(Time, usize)>>,
    /// Whom chance takes down when, unless the script does before: then the entry is void.
    strikes: BinaryHeap<Reverse<(Time, usize)>>,
    probability: f64,
    /// How often a repair time was asked for that a trace no longer had.
    missing: u64,
    repair_law: Option<Law>,
    done: bool,
}

/// An attendant as chance sees it.
#[derive(Clone, Debug)]
struct Person {
    server: u32,
    attendant: u32,
    faults: Stream,
    repair: Option<Sampler>,
    rounding: Rounding,
    /// How often its repair time was drawn.
    drawn: u64,
    /// In how many more steps chance has its turn before the one in which it strikes.
    stands: u64,
    /// From when on it is up; none while it is down.
    up_since: Option<Time>,
    /// When it last went down.
    down_since: Time,
    /// When it comes up by itself, while it is down and not for good.
    due: Option<Time>,
}

impl Person {
    /// When chance strikes, if nothing comes before.
    fn strike(&self) -> Option<Time> {
        Some(self.up_since?.after(self.stands as f64))
    }
}

impl FaultInjector {
    pub(super) fn new(scenario: &Desk, replication: u64) -> FaultInjector {
        let faults = &scenario.faults;
        let mut people = Vec::new();
        let mut begins = vec![0];
        for (server, group) in (0..).zip(&scenario.servers) {
            for attendant in 0..group.attendants.len() as u32 {
                let name = group.attendant(attendant);
                let stream = |purpose| Stream::new(scenario.seed, replication, &name, purpose);
                let law = faults.repair.as_ref();
                let mut person = Person {
                    server,
                    attendant,
                    faults: stream(Purpose::Faults),
                    repair: law.map(|law| Sampler::new(law, stream(Purpose::Repair))),
                    rounding: Rounding::new(scenario.seed, replication, &format!("{name} repair")),
                    drawn: 0,
                    stands: 0,
                    up_since: Some(scenario.on_clock(0.0)),
                    down_since: Time::ZERO,
                    due: None,
                };
                person.stands = stands(faults.probability, &mut person.faults);
                people.push(person);
            }
            begins.push(people.len());
        }
        let mut script = faults.script.clone();
        script.sort_by_key(|entry| entry.at);
        let strikes = people.iter().enumerate();
        FaultInjector {
            strikes: strikes
                .filter_map(|(index, person)| Some(Reverse((person.strike()?, index))))
                .filter(|_| faults.probability > 0.0)
                .collect(),
            people,
            begins,
            script,
            scripted: 0,
            repairs: BinaryHeap::new(),
            probability: faults.probability,
            missing: 0,
            repair_law: faults.repair.clone(),
            done: false,
        }
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
                let now = calamity.now;
                let mut entries = self.entries(now);
                let interventions = calamity.interventions.drain(..);
                entries.extend(interventions.map(|one| written(one, now)));
                let changes = &mut calamity.changes;
                self.repair(now, changes);
                self.follow_repairs(&entries, changes);
                self.follow_faults(&entries, changes);
                self.strike(now, changes);
                calamity.next = self.next();
                calamity.next_up = self.next_up();
                outbox.send(Port(0), Message::Struck(calamity));
            }
            Input::Message(Message::Close(_)) => self.done = true,
            other => unreachable!("no message for the fault injector: {other:?}"),
        }
    }

    fn repair(&mut self, now: Time, changes: &mut Vec<Change>) {
        while let Some(&Reverse((due, index))) = self.repairs.peek() {
            if due > now {
                break;
            }
            self.repairs.pop();
            if self.people[index].due == Some(due) {
                assert!(due == now, "a repair was left out");
                self.come_up(index, now, changes);
            }
        }
    }

    fn come_up(&mut self, index: usize, now: Time, changes: &mut Vec<Change>) {
        let person = &mut self.people[index];
        let after = now.since(person.down_since);
        person.up_since = Some(now);
        person.due = None;
        if let Some(strike) = person.strike().filter(|_| self.probability > 0.0) {
            self.strikes.push(Reverse((strike, index)));
        }
        changes.push(Change {
            server: person.server,
            attendant: person.attendant,
            kind: ChangeKind::Repair { after },
        });
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

    fn follow_repairs(&mut self, entries: &[ScriptEntry], changes: &mut Vec<Change>) {
        for entry in entries {
            if entry.event == ScriptEvent::Repair {
                for index in self.concerned(entry) {
                    if self.people[index].up_since.is_none() {
                        self.come_up(index, entry.at, changes);
                    }
                }
            }
        }
    }

    fn follow_faults(&mut self, entries: &[ScriptEntry], changes: &mut Vec<Change>) {
        for entry in entries {
            if let ScriptEvent::Fault { down_for } = entry.event {
                for index in self.concerned(entry) {
                    if let Some(since) = self.people[index].up_since {
                        self.people[index].stands -= entry.at.since(since) as u64;
                        self.go_down(index, entry.at, down_for, changes);
                    }
                }
            }
        }
    }

    fn strike(&mut self, now: Time, changes: &mut Vec<Change>) {
        while let Some(&Reverse((due, index))) = self.strikes.peek() {
            if due > now {
                break;
            }
            self.strikes.pop();
            let person = &mut self.people[index];
            if person.strike() != Some(due) {
                continue;
            }
            assert!(due == now, "a fault was left out");
            person.stands = stands(self.probability, &mut person.faults);
            let down_for = match &mut person.repair {
                Some(repair) => {
                    let drawn = repair.draw();
                    self.missing += u64::from(drawn.is_none());
                    person.drawn += 1;
                    let value = drawn.unwrap_or(1.0);
                    Some(person.rounding.nth(value, (person.drawn, 0)))
                }
                None => None,
            };
            self.go_down(index, now, down_for, changes);
        }
    }

    fn go_down(
        &mut self,
        index: usize,
        now: Time,
        down_for: Option<f64>,
        changes: &mut Vec<Change>,
    ) {
        let person = &mut self.people[index];
        person.up_since = None;
        person.down_since = now;
        person.due = down_for.map(|lasts| now.after(lasts));
        if let Some(due) = person.due {
            self.repairs.push(Reverse((due, index)));
        }
        changes.push(Change {
            server: person.server,
            attendant: person.attendant,
            kind: ChangeKind::Fault { down_for },
        });
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
        let repair = self.next_repair();
        let scripted = self.script.get(self.scripted).map(|entry| entry.at);
        let soonest = [repair, due(&self.strikes), scripted];
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

    /// When the next attendant comes up, by itself or by the script.
    pub(super) fn next_up(&mut self) -> Time {
        let left = &self.script[self.scripted..];
        let scripted = left
            .iter()
            .find(|entry| entry.event == ScriptEvent::Repair)
            .map(|entry| entry.at);
        let soonest = [self.next_repair(), scripted];
        soonest.into_iter().flatten().min().unwrap_or(Time::NEVER)
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

/// In how many steps chance leaves an attendant standing before it strikes.
fn stands(probability: f64, stream: &mut Stream) -> u64 {
    if probability <= 0.0 {
        return u64::MAX;
    }
    if probability >= 1.0 {
        return 0;
    }
    // Conversion saturates: what is beyond all steps never happens.
    (libm::log1p(-stream.unit()) / libm::log1p(-probability)).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standing_follows_the_law_of_a_draw_a_step() {
        let mut stream = Stream::new(3, 0, "A-1", Purpose::Faults);
        let draws = 200_000;
        let mut at_once = 0.0;
        let mut sum = 0.0;
        for _ in 0..draws {
            let count = stands(0.1, &mut stream);
            at_once += f64::from(u8::from(count == 0));
            sum += count as f64;
        }
        let draws = f64::from(draws);
        // Mean 0.9 / 0.1, variance 0.9 / 0.01; five standard errors.
        assert!((at_once / draws - 0.1).abs() < 5.0 * (0.09 / draws).sqrt());
        assert!((sum / draws - 9.0).abs() < 5.0 * (90.0 / draws).sqrt());
        assert_eq!(stands(0.0, &mut stream), u64::MAX);
        assert_eq!(stands(1.0, &mut stream), 0);
    }
}
