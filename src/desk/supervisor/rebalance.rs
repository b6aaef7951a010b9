//! Rebalancing, the end of phase 4: attendants still free take over requests that wait at other servers.

use super::super::message::Task;
use super::mirror::{Elsewhere, Mirror};
use super::{Out, Supervisor};
use crate::station::RequestEventKind;
use crate::station::requests::{Key, Request};

/// A request that moves to another server and starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) class: u32,
    pub(super) key: Key,
    /// The server where it waits.
    pub(super) from: u32,
    /// The server where it starts, and its attendant there.
    pub(super) to: u32,
    pub(super) attendant: u32,
}

/// Plans the moves: each free attendant, in order, takes over a request. The mirrors count the moves as made.
pub(super) fn plan(
    servers: &mut [Mirror],
    elsewhere: &mut Elsewhere,
    passed_over: &mut Vec<bool>,
    moves: &mut Vec<Move>,
) {
    for to in 0..servers.len() {
        if elsewhere.is_empty() {
            break;
        }
        passed_over.clear();
        passed_over.resize(servers[to].roster.groups(), false);
        while servers[to].has_room() {
            let roster = &servers[to].roster;
            let Some((group, attendant)) = roster.first_free_but(passed_over) else {
                break;
            };
            let first = elsewhere.first(roster.skills_of(group));
            let Some((class, key, from)) = first else {
                // There is no request for other attendants with these skills either.
                passed_over[group] = true;
                continue;
            };
            // A server's own requests went to its own free attendants before.
            assert!(from as usize != to, "a free attendant was not given work");
            elsewhere.remove(class, key);
            servers[from as usize].waiting -= 1;
            servers[from as usize].held -= 1;
            servers[to].give(attendant);
            moves.push(Move {
                class,
                key,
                from,
                to: to as u32,
                attendant,
            });
        }
    }
}

/// Whether a free attendant can take over work that waits elsewhere, because its server has room again.
pub(super) fn possible(servers: &[Mirror], elsewhere: &Elsewhere) -> bool {
    !elsewhere.is_empty()
        && servers
            .iter()
            .any(|server| can_take_over(server, elsewhere))
}

fn can_take_over(server: &Mirror, elsewhere: &Elsewhere) -> bool {
    let skilled = |class: usize| server.roster.has_free(class);
    server.has_room() && elsewhere.classes().any(skilled)
}

impl Supervisor {
    /// Asks servers to return the requests taken over, and to let those leave whose patience runs out.
    pub(super) fn order_settling(&mut self, out: &mut Out) {
        let now = self.now;
        // Kept in the order of the servers they leave, in which they will come.
        self.moves.sort_by_key(|one| one.from);
        for one in &self.moves {
            let moved = &mut self.mirrors[one.from as usize].form().moved;
            moved.push((one.class, one.key));
            self.asked.push(one.from as usize);
            self.room_made = true;
        }
        self.impatient.due(now, &mut self.asked);
        self.asked.sort_unstable();
        self.asked.dedup();
        self.ask(Task::Settle, out);
    }

    /// Notes the requests that a server returned for others to take over, in the order of the moves.
    pub(super) fn send_on(&mut self, from: u32, returned: &mut Vec<Request>, out: &mut Out) {
        let now = self.now;
        let start = self.moves.partition_point(|one| one.from < from);
        for (one, request) in self.moves[start..].iter().zip(returned.drain(..)) {
            assert!(
                one.from == from && one.key == request.key(),
                "#{} was not to be taken over",
                request.id
            );
            let kind = RequestEventKind::Moved {
                from,
                to: one.to,
                attendant: one.attendant,
            };
            self.register.event(now, &request, kind, out);
            self.clients.place(request.id, Some(one.to));
            self.moving.push((one.to, one.attendant, request));
        }
    }

    /// Asks servers to start the requests taken over.
    pub(super) fn order_taking_over(&mut self, out: &mut Out) {
        self.moves.clear();
        self.moving
            .sort_unstable_by_key(|&(to, attendant, _)| (to, attendant));
        for (to, attendant, request) in self.moving.drain(..) {
            let to = to as usize;
            self.mirrors[to]
                .form()
                .taken_over
                .push((attendant, request));
            if self.asked.last() != Some(&to) {
                self.asked.push(to);
            }
        }
        self.ask(Task::TakeOver, out);
    }
}
