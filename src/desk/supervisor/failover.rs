//! The effects of faults and shifts on requests: servers are told the changes of their attendants; a request that
//! they return has failed, or is handed over and waits ahead of the buffer.

use super::super::message::{ChangeKind, Occasion, Task};
use super::mirror::Mirror;
use super::{Out, Supervisor};
use crate::scenario::{InterruptedWork, Loss};
use crate::station::requests::Request;
use crate::station::{FaultEvent, FaultRecord, RequestEventKind, RequestOutcome};

impl Supervisor {
    /// Phases 1 and 2: tells servers the changes of their attendants.
    pub(super) fn order_outages(&mut self, occasion: &Occasion, out: &mut Out) {
        for change in &occasion.changes {
            let server = change.server as usize;
            let mirror = &mut self.mirrors[server];
            let count = |mirror: &Mirror| (mirror.roster.on_duty_count(), mirror.roster.up_count());
            let (on_duty, up) = count(mirror);
            mirror.change(change.attendant, change.kind, self.now);
            let (on_duty_now, up_now) = count(mirror);
            self.report.on_duty = self.report.on_duty + on_duty_now - on_duty;
            self.report.attendants_up = self.report.attendants_up + up_now - up;
            self.dispatcher.changed(server);
            self.asked.push(server);
        }
        self.asked.sort_unstable();
        self.asked.dedup();
        self.ask(Task::Outage, out);
    }

    /// Decides whether a request interrupted in service has failed or is handed over.
    pub(super) fn judge(&mut self, from: (u32, u32), request: Request, out: &mut Out) {
        let used_up = self
            .max_attempts
            .is_some_and(|most| request.attempts >= most);
        if self.work != InterruptedWork::Lost && !used_up {
            self.report.reallocated += 1;
            let kind = RequestEventKind::HandedOver {
                server: from.0,
                attendant: Some(from.1),
            };
            self.register.event(self.now, &request, kind, out);
            self.clients.place(request.id, None);
            self.buffer.hand_over(request);
            return;
        }
        let now = self.now;
        self.report.failed += 1;
        self.in_system -= 1;
        self.measures.failed(&request);
        let row = request.record(RequestOutcome::Failed, Some(now));
        self.register.request(row, out);
        self.lose(&request, Loss::Failed, out);
    }

    /// Takes back a request that waited at a server that can no longer serve it.
    pub(super) fn take_back(&mut self, server: usize, request: Request, out: &mut Out) {
        let now = self.now;
        self.mirrors[server].waiting -= 1;
        self.mirrors[server].held -= 1;
        self.elsewhere.remove(request.class, request.key());
        self.report.reallocated += 1;
        let kind = RequestEventKind::HandedOver {
            server: server as u32,
            attendant: None,
        };
        self.register.event(now, &request, kind, out);
        self.clients.place(request.id, None);
        self.buffer.hand_over(request);
    }

    /// Records the faults table: changes in the order in which they happened, with the requests they interrupted.
    pub(super) fn file_changes(&mut self, occasion: &mut Occasion, out: &mut Out) {
        let now = self.now;
        for change in occasion.changes.drain(..) {
            let at = (change.server, change.attendant);
            // A request that a fault interrupts is not interrupted again by the end of the period on duty.
            let mut cut_off = || {
                let cut_off = &mut self.cut_off;
                let found = cut_off.binary_search_by_key(&at, |cut| (cut.0, cut.1));
                let request = found.ok().map(|at| std::mem::take(&mut cut_off[at].2));
                request.filter(|&request| request > 0)
            };
            // Changes of attendants off duty are not recorded.
            let (event, request, lasts, waits) = match change.kind {
                ChangeKind::Repair {
                    after, told: true, ..
                } => (FaultEvent::Repair, None, Some(after), false),
                ChangeKind::Fault {
                    down_for,
                    counted: true,
                    waits,
                } => (FaultEvent::Fault, cut_off(), down_for, waits),
                ChangeKind::Slow {
                    lasts,
                    counted: true,
                    waits,
                    ..
                } => (FaultEvent::Slow, None, lasts, waits),
                ChangeKind::OnDuty { down } => (FaultEvent::OnDuty, None, None, down),
                ChangeKind::OffDuty => (FaultEvent::OffDuty, cut_off(), None, false),
                _ => continue,
            };
            let row = FaultRecord {
                time: now,
                server: change.server,
                attendant: change.attendant,
                event,
                request,
                lasts,
                waits,
            };
            self.register.fault(row, out);
        }
        self.cut_off.clear();
    }
}
