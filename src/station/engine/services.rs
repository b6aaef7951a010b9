//! Phases 1 and 5: services and set-ups end and begin, are interrupted and resumed.

use super::Station;
use crate::scenario::Preemption;
use crate::station::calendar::{Phase, What};
use crate::station::event::{CutOff, StationEventKind};
use crate::station::person::{Began, Person, Place, Slot};
use crate::station::server::{Hold, Server};
use crate::station::visit::{Ended, StationVisit, VisitOutcome};
use crate::time::Moment;

impl Station {
    /// Ends the services and set-ups that are due. Lists the customers whose service has ended: they hold their
    /// servers until they are [released](Station::release).
    pub fn end(&mut self, now: Moment, ended: &mut Vec<Ended>) {
        while let Some(what) = self.calendar.take(now, Phase::End) {
            let What::End { server, .. } = what else {
                unreachable!("only services and set-ups end");
            };
            if !self.is_valid(what) {
                continue;
            }
            if let Some(sharing) = &mut self.sharing {
                for place in sharing.end(now.time) {
                    let one = &self.servers[place as usize];
                    let slot = one.slot().expect("somebody is in service");
                    ended.push(self.finish(slot, place, now));
                }
                self.await_shared_end(now);
                continue;
            }
            match self.servers[server as usize].hold {
                Hold::SettingUp { slot, .. } => self.go_on(slot, server, now, None),
                Hold::Serving { slot, .. } => ended.push(self.finish(slot, server, now)),
                _ => unreachable!("the server is at work"),
            }
        }
    }

    #[inline(always)]
    fn finish(&mut self, slot: Slot, server: u32, now: Moment) -> Ended {
        self.pause(server, now, true);
        let one = &mut self.servers[server as usize];
        one.hold = Hold::Finished { slot };
        one.epoch += 1;
        self.finished += 1;
        self.note_in_service(now);
        let visitor = &mut self.visitors[slot];
        visitor.ended = Some(now.time);
        let scrapped = self.draws.scraps(&visitor.person, self.rules.scrap);
        if visitor.person.measured {
            self.measures.service.add(visitor.served);
        }
        self.measures.scrapped += u64::from(scrapped);
        Ended {
            stage: self.position,
            began: visitor.began.expect("a service ends that began"),
            server,
            number: visitor.person.number,
            class: visitor.person.class,
            visit: visitor.person.visit,
            stop: visitor.person.stop,
            scrapped,
        }
    }

    /// Releases the customer whose service has ended at this server; possible in any phase.
    pub fn release(&mut self, server: u32, now: Moment) -> (Box<Person>, StationVisit) {
        let one = &mut self.servers[server as usize];
        let Hold::Finished { slot } = one.hold else {
            unreachable!("the service has ended");
        };
        one.book(now.time, self.certain);
        one.hold = Hold::Nobody;
        self.at_servers -= 1;
        self.finished -= 1;
        if let Some(sharing) = &mut self.sharing {
            sharing.note(self.finished, now.time);
        }
        self.measures.departures += 1;
        self.note_in_service(now);
        self.become_idle(server, now);
        self.leave(slot, now, VisitOutcome::Next)
    }

    /// Begins at most this many services and returns their number.
    pub fn begin(&mut self, now: Moment, most: u64) -> u64 {
        let mut begun = 0;
        while begun < most && self.waiting.length() > 0 {
            let server = if self.unnumbered {
                self.free.pop_back().map_or_else(
                    || {
                        self.servers.push(Server::unnumbered());
                        (self.servers.len() - 1) as u32
                    },
                    |free| free.server,
                )
            } else if let Some(free) = self.free.pop_front() {
                free.server
            } else if let Some(server) = self.victim() {
                self.preempt(server, now);
                server
            } else {
                break;
            };
            let draws = &mut self.draws;
            let slot = self.waiting.take(|| draws.unit());
            self.start(slot.expect("somebody waits"), server, now);
            begun += 1;
        }
        if begun > 0 && self.sharing.is_some() {
            self.await_shared_end(now);
        }
        while let Some(slot) = self.newcomers.pop() {
            if let Some(visitor) = self.visitors.get(slot)
                && visitor.place == Place::Fresh
                && let Some(deadline) = visitor.deadline
            {
                self.calendar.patience(deadline, visitor.order, slot);
            }
        }
        begun
    }

    /// The server whose customer must yield to the first waiting customer: among those in service with the lowest
    /// priority, the one that began last.
    #[inline]
    pub(super) fn victim(&self) -> Option<u32> {
        match self.rules.preemption {
            Preemption::None => None,
            Preemption::Resume | Preemption::Restart => self.lowest_in_service(),
        }
    }

    fn lowest_in_service(&self) -> Option<u32> {
        let priority = self.waiting.priority()?;
        let in_service = (0..).zip(&self.servers).filter_map(|(number, server)| {
            let (Hold::SettingUp { slot, .. } | Hold::Serving { slot, .. }) = server.hold else {
                return None;
            };
            // A server that only finishes its customer before it goes off duty is not preempted.
            let visitor = server.on_duty.then(|| &self.visitors[slot])?;
            let class = self.priorities[visitor.person.class as usize];
            Some((class, std::cmp::Reverse(visitor.began), number))
        });
        let (lowest, _, server) = in_service.min()?;
        (lowest < priority).then_some(server)
    }

    /// Interrupts the service at this server in favour of another customer.
    fn preempt(&mut self, server: u32, now: Moment) {
        self.pause(server, now, false);
        let one = &mut self.servers[server as usize];
        let slot = one.slot().expect("somebody is in service");
        let serving = matches!(one.hold, Hold::Serving { .. });
        one.book(now.time, self.certain);
        one.hold = Hold::Nobody;
        one.epoch += 1;
        if serving && self.rules.preemption == Preemption::Restart {
            let visitor = &mut self.visitors[slot];
            visitor.left = visitor.work.unwrap_or(0.0);
        }
        self.return_to_queue(slot, (server, CutOff::Preemption), now);
    }

    /// Gives a customer a server.
    #[inline]
    fn start(&mut self, slot: Slot, server: u32, now: Moment) {
        self.at_servers += 1;
        self.note_queue(now);
        self.note_in_service(now);
        let visitor = &mut self.visitors[slot];
        visitor.place = Place::AtServer;
        visitor.server = server;
        if visitor.work.is_none() {
            let work = self.draws.service(&visitor.person, server as usize);
            (visitor.work, visitor.left) = (Some(work), work);
        }
        let mut first = None;
        if visitor.began.is_none() {
            visitor.began = Some((now, self.begun));
            self.begun += 1;
            let waited = now.time - visitor.arrival.time;
            first = Some(waited);
            visitor.person.waiting += waited;
            visitor.person.queues_joined += u32::from(waited > 0.0);
            if visitor.person.measured {
                self.measures.waiting.add(waited);
            }
        }
        let set_for = self.servers[server as usize].set_for;
        let other = set_for.is_some_and(|class| class != visitor.person.class);
        let length = match other {
            true => self.draws.setup(&visitor.person),
            false => None,
        };
        match length {
            Some(length) => self.set_up(slot, server, (length, first), now),
            None => self.go_on(slot, server, now, first),
        }
    }

    /// Sets a server up for a customer, for `lasts`; `waited` is the time the customer waited, if this is its first
    /// server.
    pub(super) fn set_up(
        &mut self,
        slot: Slot,
        server: u32,
        (lasts, waited): (f64, Option<f64>),
        now: Moment,
    ) {
        let set_up = StationEventKind::SetUp { lasts, waited };
        self.tell(now, Some(slot), server, set_up);
        let end = now.after(lasts);
        let one = &mut self.servers[server as usize];
        one.book(now.time, self.certain);
        one.hold = Hold::SettingUp {
            slot,
            until: end.time,
        };
        one.epoch += 1;
        let epoch = one.epoch;
        let (_, order) = self.began(slot);
        self.calendar.end(end, order, server, epoch);
        self.visitors[slot].set_up -= now.time;
    }

    /// Begins or resumes a service; `waited` is the time the customer waited, if this is its first server.
    #[inline]
    pub(super) fn go_on(&mut self, slot: Slot, server: u32, now: Moment, waited: Option<f64>) {
        let visitor = &self.visitors[slot];
        let kind = match visitor.served > 0.0 {
            true => StationEventKind::Resumed { left: visitor.left },
            false => StationEventKind::Began {
                work: visitor.left,
                waited,
            },
        };
        self.tell(now, Some(slot), server, kind);
        self.serve(slot, server, now);
    }

    /// Serves a customer with its remaining work.
    #[inline(always)]
    pub(super) fn serve(&mut self, slot: Slot, server: u32, now: Moment) {
        match self.servers[server as usize].hold {
            Hold::Nobody => self.servers[server as usize].book(now.time, self.certain),
            _ => self.pause(server, now, false),
        }
        let visitor = &self.visitors[slot];
        let one = &mut self.servers[server as usize];
        one.set_for = Some(visitor.person.class);
        one.hold = Hold::Serving {
            slot,
            since: now.time,
        };
        one.epoch += 1;
        if let Some(sharing) = &mut self.sharing {
            let (_, order) = visitor.began.expect("it began");
            sharing.begin(visitor.left, order, server, now.time);
            return;
        }
        let end = now.after(one.takes(visitor.left));
        assert!(end.time.is_finite(), "the clock ran away");
        let order = visitor.began.expect("it began").1;
        self.calendar.end(end, order, server, one.epoch);
        self.run_clock(server, now, end);
    }

    /// Enters the end of the next service among those that share the servers.
    fn await_shared_end(&mut self, now: Moment) {
        let finished = self.finished;
        let Some(sharing) = &mut self.sharing else {
            return;
        };
        sharing.note(finished, now.time);
        if let Some((server, left)) = sharing.next() {
            let end = now.after(left);
            assert!(end.time.is_finite(), "the clock ran away");
            self.calendar.end(end, 0, server, sharing.epoch);
        }
    }

    fn began(&self, slot: Slot) -> Began {
        self.visitors[slot].began.expect("it has begun")
    }

    /// Books the work of a server on its customer until now. `ends` says whether the service ends now.
    pub(super) fn pause(&mut self, server: u32, now: Moment, ends: bool) {
        let one = &mut self.servers[server as usize];
        let mut anew = false;
        match &mut one.hold {
            Hold::Serving { slot, since } => {
                let served = now.time - *since;
                let pace = one.speed * one.factor;
                *since = now.time;
                let visitor = &mut self.visitors[*slot];
                visitor.served += served;
                visitor.left = if ends {
                    0.0
                } else {
                    (visitor.left - served * pace).max(0.0)
                };
                if let Some((since, due)) = one.clock.running.take() {
                    one.clock.left -= now.time - since;
                    one.clock.epoch += 1;
                    anew = ends && due <= now.time;
                }
            }
            Hold::SettingUp { slot, .. } => self.visitors[*slot].set_up += now.time,
            _ => {}
        }
        one.book(now.time, self.certain);
        // A fault due when a service ends does not happen, and its clock starts again.
        if anew {
            self.wind_fault_clock(server, now);
        }
    }

    /// Changes the speed of a server on a fault or its repair.
    pub(super) fn change_pace(&mut self, server: u32, factor: f64, now: Moment) {
        self.pause(server, now, false);
        let one = &mut self.servers[server as usize];
        one.factor = factor;
        if let Hold::Serving { slot, .. } = one.hold {
            self.serve(slot, server, now);
        } else if let Hold::SettingUp { slot, .. } = one.hold {
            // A set-up keeps its duration, and so its end.
            self.visitors[slot].set_up -= now.time;
        }
    }

    /// Returns an interrupted customer to the head of its priority; its server no longer holds it.
    pub(super) fn return_to_queue(&mut self, slot: Slot, (server, by): (u32, CutOff), now: Moment) {
        let cut_off = StationEventKind::CutOff { by, stays: false };
        self.tell(now, Some(slot), server, cut_off);
        self.at_servers -= 1;
        let began = self.began(slot);
        let visitor = &mut self.visitors[slot];
        visitor.place = Place::CutOff;
        self.waiting
            .return_cut_off(slot, visitor.person.class, began);
        self.note_queue(now);
        self.note_in_service(now);
    }
}
