//! Rebalancing, the end of phase 4: attendants still free take over work that waits at other servers.

use super::mirror::{Elsewhere, Mirror};
use super::request::Key;

/// One request that moves over and starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) class: u32,
    pub(super) key: Key,
    /// Where it waits.
    pub(super) from: u32,
    /// Where it starts, and with whom.
    pub(super) to: u32,
    pub(super) attendant: u32,
}

/// Who takes over whom: free attendants in order, once through. The mirrors count the moves as made.
pub(super) fn plan(servers: &mut [Mirror], elsewhere: &mut Elsewhere, moves: &mut Vec<Move>) {
    for to in 0..servers.len() {
        let mut place = 0;
        while can_take_over(&servers[to], elsewhere) {
            let Some(attendant) = servers[to].roster.free_at(place) else {
                break;
            };
            let first = elsewhere.first(servers[to].roster.skills_of(attendant));
            let Some((class, key, from)) = first else {
                place += 1;
                continue;
            };
            // A server's own requests went to its own free attendants before.
            assert!(from as usize != to, "a free attendant was not given work");
            elsewhere.remove(class, key);
            servers[from as usize].waiting -= 1;
            servers[to].taking_over += 1;
            servers[to].roster.take(attendant);
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

/// Whether somebody is free to take over work that waits elsewhere: then the next step has work.
pub(super) fn possible(servers: &[Mirror], elsewhere: &Elsewhere) -> bool {
    servers
        .iter()
        .any(|server| can_take_over(server, elsewhere))
}

fn can_take_over(server: &Mirror, elsewhere: &Elsewhere) -> bool {
    let skilled = |class: usize| server.roster.free_with_skill(class) > 0;
    server.has_room() && elsewhere.classes().any(skilled)
}
