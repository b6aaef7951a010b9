//! Phases 2 and 3: servers come up and go down, through repairs, faults and plans.

use super::Station;
use crate::scenario::{FaultClock, FaultWork, Leaving, Servers, StageFaults};
use crate::station::calendar::{Phase, Pieces, What};
use crate::station::event::{CutOff, StationEventKind};
use crate::station::server::Hold;
use crate::station::visit::{Gone, VisitOutcome};
use crate::time::Moment;
use std::sync::Arc;

impl Station {
    /// Brings up the servers that are due, then takes others down. Lists the customers who fail.
    pub fn turn(&mut self, now: Moment, gone: &mut Vec<Gone>) {
        self.come_up(now);
        self.go_down(now, gone);
    }

    /// Brings up the servers that are due: repairs, then the plan.
    fn come_up(&mut self, now: Moment) {
        while let Some(what) = self.calendar.take(now, Phase::Up) {
            match what {
                What::Repair { server } => self.repair(server, now),
                What::Duty { count } => {
                    for server in self.duty..count {
                        self.servers[server as usize].book(now.time, self.certain);
                        self.servers[server as usize].on_duty = true;
                        self.tell(now, None, server, StationEventKind::OnDuty);
                        self.become_idle(server, now);
                    }
                    self.duty = count;
                    self.plan_next();
                }
                _ => unreachable!("repairs and plans bring servers up"),
            }
        }
    }

    fn repair(&mut self, server: u32, now: Moment) {
        self.repairs -= 1;
        if let Some((_, next)) = self.unrepaired.pop_front() {
            self.begin_repair(next, now);
        }
        let one = &mut self.servers[server as usize];
        let slowed = one.factor < 1.0;
        one.book(now.time, self.certain);
        one.up = true;
        self.wind_fault_clock(server, now);
        self.tell(now, None, server, StationEventKind::Up);
        if slowed {
            self.change_pace(server, 1.0, now);
            return;
        }
        match self.servers[server as usize].hold {
            Hold::Stopped {
                slot,
                set_up_left: Some(left),
            } => self.set_up(slot, server, (left, None), now),
            Hold::Stopped { slot, .. } => self.go_on(slot, server, now, None),
            Hold::Nobody => self.become_idle(server, now),
            _ => {}
        }
    }

    /// Takes down the servers that are due: faults, then the plan. Lists the customers who fail.
    fn go_down(&mut self, now: Moment, gone: &mut Vec<Gone>) {
        while let Some(what) = self.calendar.take(now, Phase::Down) {
            match what {
                What::Fault { server, epoch } => {
                    if self.servers[server as usize].clock.epoch == epoch {
                        self.fail(server, now, gone);
                    }
                }
                What::Duty { count } => self.send_off(count, now),
                _ => unreachable!("faults and plans bring servers down"),
            }
        }
    }

    fn fail(&mut self, server: u32, now: Moment, gone: &mut Vec<Gone>) {
        if self.servers[server as usize].is_off() {
            if !self.plan_is_over {
                self.wind_fault_clock(server, now);
            }
            return;
        }
        let rules = Arc::clone(&self.rules);
        let faults = rules.faults.as_ref().expect("a fault has its law");
        self.servers[server as usize].clock.epoch += 1;
        if let Some(slow) = faults.slow {
            self.stop_clock(server);
            self.tell(now, None, server, StationEventKind::Slowed { to: slow });
            self.change_pace(server, slow, now);
        } else {
            self.tell(now, None, server, StationEventKind::Down);
            self.stop(server, faults, now, gone);
        }
        if faults.crew.is_none_or(|crew| self.repairs < crew) {
            self.begin_repair(server, now);
        } else {
            let failed = (now.time.to_bits(), server);
            let place = self.unrepaired.partition_point(|other| *other < failed);
            self.unrepaired.insert(place, failed);
        }
    }

    /// Takes a server down, and treats its customer as the faults say.
    fn stop(&mut self, server: u32, faults: &StageFaults, now: Moment, gone: &mut Vec<Gone>) {
        let place = self.free_place(server);
        self.pause(server, now, false);
        self.stop_clock(server);
        let one = &mut self.servers[server as usize];
        one.up = false;
        let (slot, mut set_up_left) = match one.hold {
            Hold::Nobody => {
                if let Some(place) = place {
                    self.free.remove(place);
                }
                return;
            }
            Hold::Finished { .. } | Hold::Stopped { .. } => return,
            Hold::Serving { slot, .. } => (slot, None),
            Hold::SettingUp { slot, until } => (slot, Some(until - now.time)),
        };
        one.epoch += 1;
        let visitor = &mut self.visitors[slot];
        match faults.work {
            FaultWork::Resume => {}
            // Interrupted work starts again from the beginning: the set-up, or the service.
            FaultWork::Restart if set_up_left.is_some() => {
                set_up_left = self.draws.setup(&visitor.person);
            }
            FaultWork::Restart => visitor.left = visitor.work.expect("the work is drawn"),
            FaultWork::Requeue => {
                one.hold = Hold::Nobody;
                return self.return_to_queue(slot, (server, CutOff::Fault), now);
            }
            FaultWork::Lost => {
                one.hold = Hold::Nobody;
                self.at_servers -= 1;
                self.note_in_service(now);
                self.measures.failed += 1;
                self.tell(now, Some(slot), server, StationEventKind::Failed);
                let (person, visit) = self.leave(slot, now, VisitOutcome::Failed);
                gone.push(Gone { person, visit });
                return;
            }
        }
        one.hold = Hold::Stopped { slot, set_up_left };
        let by = CutOff::Fault;
        let cut_off = StationEventKind::CutOff { by, stays: true };
        self.tell(now, Some(slot), server, cut_off);
    }

    fn begin_repair(&mut self, server: u32, now: Moment) {
        self.repairs += 1;
        let number = self.servers[server as usize].clock.draws;
        let repair = self.draws.repair(server, number);
        self.calendar.repair(now.after(repair), server);
    }

    /// Reduces the number of servers on duty to `count`.
    fn send_off(&mut self, count: u32, now: Moment) {
        let interrupts = match &self.rules.servers {
            Servers::Plan(plan) => plan.leaving == Leaving::Interrupt,
            _ => false,
        };
        for server in count..self.duty {
            if let Some(place) = self.free_place(server) {
                self.free.remove(place);
            }
            if interrupts {
                self.pause(server, now, false);
            }
            let one = &mut self.servers[server as usize];
            one.book(now.time, self.certain);
            one.on_duty = false;
            let hold = one.hold;
            self.tell(now, None, server, StationEventKind::OffDuty);
            if !interrupts {
                continue;
            }
            if let Hold::SettingUp { slot, .. }
            | Hold::Serving { slot, .. }
            | Hold::Stopped { slot, .. } = hold
            {
                let one = &mut self.servers[server as usize];
                one.hold = Hold::Nobody;
                one.epoch += 1;
                self.return_to_queue(slot, (server, CutOff::Plan), now);
            }
        }
        self.duty = count;
        self.plan_next();
    }

    pub(super) fn plan_next(&mut self) {
        self.duty_later = match &self.plan {
            Some(plan) => plan.most_to_come(),
            None => u32::MAX,
        };
        match self.plan.as_mut().and_then(Pieces::next) {
            Some((time, count)) => self.calendar.duty(Moment::at(time), self.duty, count),
            None => self.plan_is_over = true,
        }
    }

    fn counts_busy_time(&self) -> bool {
        let faults = self.rules.faults.as_ref();
        faults.is_some_and(|faults| faults.clock == FaultClock::Busy)
    }

    /// Draws the time to the next fault of a server and sets its fault clock.
    pub(super) fn wind_fault_clock(&mut self, server: u32, now: Moment) {
        if self.rules.faults.is_none() {
            return;
        }
        let clock = &mut self.servers[server as usize].clock;
        clock.draws += 1;
        clock.epoch += 1;
        let every = self.draws.every(server, clock.draws);
        clock.left = every;
        if !self.counts_busy_time() {
            let epoch = self.servers[server as usize].clock.epoch;
            self.calendar.fault(now.after(every), server, epoch);
        }
    }

    /// Runs the clock of busy time during a service; a fault is entered if it comes before the end.
    #[inline]
    pub(super) fn run_clock(&mut self, server: u32, now: Moment, end: Moment) {
        if !self.counts_busy_time() {
            return;
        }
        let one = &mut self.servers[server as usize];
        if one.factor < 1.0 {
            return;
        }
        let fault = now.after(one.clock.left);
        one.clock.running = Some((now.time, fault.time));
        if fault.time < end.time {
            self.calendar.fault(fault, server, one.clock.epoch);
        }
    }

    /// Stops the fault clock of a server that is down or slowed.
    fn stop_clock(&mut self, server: u32) {
        self.servers[server as usize].clock.running = None;
    }
}
