//! Phases 4 and 6: customers arrive and join or balk, lose their patience, and leave.

use super::Station;
use crate::scenario::Discipline;
use crate::station::calendar::{Phase, What};
use crate::station::event::{StationEvent, StationEventKind, Subject};
use crate::station::person::{Person, Place, Slot, Visitor};
use crate::station::visit::{Gone, StationVisit, VisitOutcome};
use crate::station::waiting::Key;
use crate::time::Moment;

impl Station {
    /// A customer for whom there is a place arrives, and joins or balks. `able` is the number of services that
    /// could begin at once as far as places further on allow.
    ///
    /// # Errors
    /// The customer, if it does not join.
    pub fn arrive(
        &mut self,
        person: Box<Person>,
        now: Moment,
        able: u64,
    ) -> Result<(), Box<Person>> {
        if !self.rules.join.is_empty() && !self.joins(&person, now, able) {
            return Err(person);
        }
        if self.measures.opened.is_none() && person.measured {
            self.open_window(now.time);
        }
        self.measures.arrivals += 1;
        self.arrived += 1;
        let work =
            (self.rules.discipline == Discipline::Shortest).then(|| self.draws.service(&person, 0));
        let deadline = self.draws.patience(&person).map(|patience| {
            let time = now.time + patience;
            if time > now.time {
                Moment::at(time)
            } else {
                now
            }
        });
        let class = person.class;
        let slot = self.visitors.insert(Visitor {
            person,
            arrival: now,
            order: self.arrived,
            work,
            left: work.unwrap_or(0.0),
            began: None,
            served: 0.0,
            set_up: 0.0,
            ended: None,
            server: 0,
            place: Place::Fresh,
            deadline,
        });
        let key = self.key(slot);
        self.waiting.join(slot, class, key);
        self.note_queue(now);
        self.tell(now, Some(slot), None, StationEventKind::Arrived);
        if let Some(deadline) = deadline {
            // A customer whose service may begin at once need not wait, so its patience cannot end before that.
            if self.can_begin() {
                self.newcomers.push(slot);
            } else {
                self.calendar.patience(deadline, self.arrived, slot);
            }
        }
        Ok(())
    }

    /// Whether a customer joins, given the number waiting after every idle server has taken one.
    fn joins(&mut self, person: &Person, now: Moment, able: u64) -> bool {
        let idle = (self.free.len() as u64).min(able);
        let found = self.waiting.length() as i64 - idle as i64;
        let join = &self.rules.join;
        let (Ok(found), Some(&last)) = (usize::try_from(found), join.last()) else {
            return true;
        };
        let chance = join.get(found).copied().unwrap_or(last);
        if self.draws.joins(person, chance) {
            return true;
        }
        self.measures.balked += 1;
        if let Some(events) = &mut self.events {
            let found = found as u64;
            events.push(StationEvent {
                time: now.time,
                stage: self.position,
                customer: Some(Subject::from(person)),
                server: None,
                kind: StationEventKind::Balked { found },
            });
        }
        false
    }

    pub(super) fn key(&self, slot: Slot) -> Key {
        let visitor = &self.visitors[slot];
        Key {
            order: visitor.order,
            service: visitor.work.unwrap_or(0.0),
        }
    }

    /// Ends the patience that is due, and lists the customers who give up.
    pub fn give_up(&mut self, now: Moment, gone: &mut Vec<Gone>) {
        while let Some(what) = self.calendar.take(now, Phase::Patience) {
            let What::Patience { slot, .. } = what else {
                unreachable!("only patience ends");
            };
            if !self.is_valid(what) {
                continue;
            }
            let key = self.key(slot);
            let visitor = &mut self.visitors[slot];
            let waited = now.time - visitor.arrival.time;
            visitor.person.waiting += waited;
            visitor.person.queues_joined += u32::from(waited > 0.0);
            self.waiting.give_up(slot, visitor.person.class, key);
            self.measures.abandoned += 1;
            if visitor.person.measured {
                self.measures.time_to_abandon.add(waited);
            }
            self.note_queue(now);
            self.tell(now, Some(slot), None, StationEventKind::GaveUp { waited });
            let (person, visit) = self.leave(slot, now, VisitOutcome::Abandoned);
            gone.push(Gone { person, visit });
        }
    }

    /// Removes a customer from the station.
    pub(super) fn leave(
        &mut self,
        slot: Slot,
        now: Moment,
        outcome: VisitOutcome,
    ) -> (Box<Person>, StationVisit) {
        let Visitor {
            mut person,
            arrival,
            began,
            served,
            set_up,
            ended,
            server,
            ..
        } = self.visitors.remove(slot);
        person.service += served;
        if let (VisitOutcome::Next, Some(ended)) = (outcome, ended) {
            person.blocked += now.time - ended;
        }
        let numbered = !self.unnumbered;
        let visit = StationVisit {
            customer: person.number,
            stage: self.position,
            class: person.class,
            visit: person.visit,
            server: began.filter(|_| numbered).map(|_| server + 1),
            arrival: arrival.time,
            setup: set_up,
            service_start: began.map(|(moment, _)| moment.time),
            service: served,
            service_end: ended,
            departure: (outcome != VisitOutcome::Unfinished).then_some(now.time),
            outcome,
        };
        (person, visit)
    }
}
