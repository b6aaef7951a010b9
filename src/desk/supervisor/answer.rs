//! Processing of a server's answer: updates the mirror, the tallies and the lists of waiting requests.

use super::super::message::{NoteKind, ServerOrder, ServerReport};
use super::{Out, Round, Supervisor};
use crate::scenario::Loss;

impl Supervisor {
    /// Processes a server's answer.
    pub(super) fn absorb(&mut self, server: usize, mut order: Box<ServerOrder>, out: &mut Out) {
        let (now, index) = (self.now, server as u32);
        let report = &mut order.report;
        self.take_notes(index, report);
        for (attendant, request) in report.interrupted.drain(..) {
            self.cut_off.push((index, attendant, request.id));
            self.mirrors[server].in_service -= 1;
            self.mirrors[server].held -= 1;
            self.report.interrupted += 1;
            self.judge((index, attendant), request, out);
        }
        match self.round {
            Round::Settle => self.send_on(index, &mut report.returned, out),
            _ => {
                let returned = report.returned.drain(..);
                returned.for_each(|request| self.take_back(server, request, out));
            }
        }
        for &(class, key) in &report.queued {
            self.elsewhere.insert(class, key, index);
        }
        report.queued.clear();
        let mirror = &mut self.mirrors[server];
        for started in &report.started {
            mirror.in_service += 1;
            if started.given {
                mirror.taking_over -= 1;
            } else {
                mirror.waiting -= 1;
                mirror.roster.take(started.attendant);
                if started.listed {
                    self.elsewhere.remove(started.class, started.key);
                }
            }
            if started.first {
                let (class, arrival) = (started.class, started.arrival);
                self.measures.began(class, arrival, now, started.for_nobody);
            }
        }
        report.started.clear();
        self.room_made |= !report.gave_up.is_empty() || !report.finished.is_empty();
        for finished in &report.finished {
            mirror.in_service -= 1;
            let (class, arrival) = (finished.class, finished.arrival);
            self.clients.leave(finished.id);
            self.measures
                .completed(class, arrival, (finished.end, finished.work));
            let (attendant, frees) = (finished.attendant, finished.frees);
            if self.clock.stepped() {
                mirror.finished += 1;
                self.finished.push((index, attendant, frees));
            } else {
                mirror.held -= 1;
                if frees {
                    mirror.roster.release(attendant, now);
                }
            }
        }
        self.room_made |= !report.freed.is_empty();
        for (attendant, at) in report.freed.drain(..) {
            match self.clock.stepped() {
                true => self.freed.push((index, attendant)),
                false => mirror.roster.release(attendant, at),
            }
        }
        for (attendant, request) in &report.withdrawn {
            mirror.held -= 1;
            match attendant {
                Some(attendant) => {
                    mirror.in_service -= 1;
                    mirror.roster.release(*attendant, now);
                }
                None => {
                    mirror.waiting -= 1;
                    self.elsewhere.remove(request.class, request.key());
                }
            }
        }
        self.clients
            .heard(index, &mut report.withdrawn, &mut report.left_behind);
        self.in_system -= report.finished.len() as u64;
        self.report.completed += report.finished.len() as u64;
        report.finished.clear();
        for request in &report.gave_up {
            mirror.waiting -= 1;
            mirror.held -= 1;
            self.elsewhere.remove(request.class, request.key());
            self.measures.abandoned(request.class, request.arrival, now);
        }
        self.in_system -= report.gave_up.len() as u64;
        self.report.abandoned += report.gave_up.len() as u64;
        let mut gave_up = std::mem::take(&mut report.gave_up);
        let (waiting, in_service) = mirror.compare(index, now, report);
        self.busy.set(server, report.next);
        self.impatient.set(server, report.deadline);
        self.dispatcher.changed(server);
        let totals = &mut self.report;
        totals.waiting_at_servers = totals.waiting_at_servers + report.waiting - waiting;
        totals.in_service = totals.in_service + report.in_service - in_service;
        mirror.order = Some(order);
        for request in gave_up.drain(..) {
            self.lose(&request, Loss::Abandoned, out);
        }
        self.mirrors[server].form().report.gave_up = gave_up;
    }
    /// Notes services that begin and end, for the fault injector.
    fn take_notes(&mut self, server: u32, report: &ServerReport) {
        if !self.takes_notes {
            return;
        }
        for started in &report.started {
            self.note(server, started.attendant, self.now, NoteKind::Began);
        }
        for finished in &report.finished {
            self.note(server, finished.attendant, finished.end, NoteKind::Ended);
            if finished.frees {
                self.note(server, finished.attendant, finished.end, NoteKind::Free);
            }
        }
        for &(attendant, at) in &report.freed {
            self.note(server, attendant, at, NoteKind::Free);
        }
        for &(attendant, _) in &report.withdrawn {
            if let Some(attendant) = attendant {
                self.note(server, attendant, self.now, NoteKind::Ended);
                self.note(server, attendant, self.now, NoteKind::Free);
            }
        }
    }
}
