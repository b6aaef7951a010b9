//! The central queue: requests stay in the buffer until an attendant with the skill is free, and go to that
//! attendant. Of all pairs of a free attendant and a request it may take, the pair with the lowest rank is made
//! first, then by the order of the requests, then by the order of the attendants over all servers: fewest skills,
//! longest idle, first server, lowest number.

use super::{Out, Supervisor};
use crate::station::RequestEventKind;

impl Supervisor {
    /// Phase 4 of a central queue: starts every request that can start; of the others, the last to arrive are
    /// rejected.
    pub(super) fn assign(&mut self, out: &mut Out) {
        for at in 0..self.ranks.len() {
            let rank = self.ranks[at];
            self.passed_over.fill(false);
            while let Some((class, handed_over)) = self.buffer.first(&self.passed_over) {
                let Some((server, attendant)) = self.first_free(class, rank) else {
                    self.passed_over[class] = true;
                    continue;
                };
                let request = self.buffer.take_first(class, handed_over);
                let request = request.expect("it was found first");
                let kind = RequestEventKind::Dispatched {
                    server: server as u32,
                };
                self.register.event(self.now, &request, kind, out);
                self.clients.place(request.id, Some(server as u32));
                let mirror = &mut self.mirrors[server];
                mirror.give(attendant);
                mirror.form().taken_over.push((attendant, request));
                self.supplied.push(server);
                self.report.dispatched += 1;
            }
        }
        while self.buffer.overflows() {
            let Some(request) = self.buffer.take_last() else {
                break;
            };
            self.report.overflowed = true;
            self.reject(&request, out);
        }
    }

    /// The first free attendant that serves this class at this rank, among servers that have room; preceded by its
    /// server.
    fn first_free(&self, class: usize, rank: i64) -> Option<(usize, u32)> {
        let servers = self.mirrors.iter().enumerate();
        let free = servers.filter_map(|(server, mirror)| {
            let (skills, since, attendant) = mirror.roster.first_free(class, rank)?;
            mirror
                .has_room()
                .then_some((skills, since, server, attendant))
        });
        let (_, _, server, attendant) = free.min()?;
        Some((server, attendant))
    }
}
