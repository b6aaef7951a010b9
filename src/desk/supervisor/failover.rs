//! What faults do to requests: who goes down is told to the servers; what they give back has failed, or
//! is handed over and waits ahead of the buffer.

use super::super::message::{ChangeKind, Occasion, Task};
use super::{Out, Supervisor};
use crate::scenario::{InterruptedWork, Loss};
use crate::station::requests::Request;
use crate::station::{FaultEvent, FaultRecord, RequestEventKind, RequestOutcome};

impl Supervisor {
    /// Phases 1 and 2: servers where somebody goes down are told at once; those where attendants only
    /// come up, with their work.
    pub(super) fn order_outages(&mut self, occasion: &Occasion, out: &mut Out) {
        for change in &occasion.changes {
            let mirror = &mut self.mirrors[change.server as usize];
            let repaired = matches!(change.kind, ChangeKind::Repair { .. });
            mirror.shift(change.attendant, repaired);
            self.dispatcher.changed(change.server as usize);
            self.supplied.push(change.server as usize);
            if repaired {
                mirror.roster.come_up(change.attendant, self.now);
                self.report.attendants_up += 1;
            } else {
                mirror.roster.go_down(change.attendant);
                self.report.attendants_up -= 1;
            }
        }
        let faults = occasion.changes.iter();
        let faults = faults.filter(|change| matches!(change.kind, ChangeKind::Fault { .. }));
        self.asked
            .extend(faults.map(|change| change.server as usize));
        self.asked.sort_unstable();
        self.asked.dedup();
        self.ask(Task::Outage, out);
    }

    /// A request cut off in service has failed, or is handed over.
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

    /// A request that waited where nobody can serve it any more.
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

    /// The faults table: changes in the order in which they happened, with the requests they cut off.
    pub(super) fn file_changes(&mut self, occasion: &mut Occasion, out: &mut Out) {
        let now = self.now;
        for change in occasion.changes.drain(..) {
            let at = (change.server, change.attendant);
            let (event, request, lasts) = match change.kind {
                ChangeKind::Repair { after } => (FaultEvent::Repair, None, Some(after)),
                ChangeKind::Fault { down_for } => {
                    let cut_off = &self.cut_off;
                    let found = cut_off.binary_search_by_key(&at, |cut| (cut.0, cut.1));
                    let request = found.ok().map(|at| cut_off[at].2);
                    (FaultEvent::Fault, request, down_for)
                }
            };
            let row = FaultRecord {
                time: now,
                server: change.server,
                attendant: change.attendant,
                event,
                request,
                lasts,
            };
            self.register.fault(row, out);
        }
        self.cut_off.clear();
    }
}
