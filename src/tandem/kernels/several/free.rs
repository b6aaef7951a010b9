//! The times at which servers become free, and their assignment to customers.

use super::super::super::column::Column;
use super::soonest::{Key, Soonest};
use crate::lanes::greater;
use crate::time::Moment;
use std::ops::Range;

/// The number of servers up to which they are kept in a sorted row.
const FEW: usize = 8;

/// Some customers who reach a stage, in the order of their arrivals, and their services: a column each. The ends of
/// their services follow from `starts` and `services`.
#[derive(Debug)]
pub(super) struct Served<'a> {
    pub(super) arrivals: &'a [f64],
    pub(super) services: &'a [f64],
    /// The round of its instant in which each arrives; afterwards, that in which its service ends. The column is
    /// that of a chunk, of which these customers are the range `piece`.
    pub(super) rounds: &'a mut Column<u32>,
    pub(super) piece: Range<usize>,
    pub(super) starts: &'a mut [f64],
    pub(super) start_rounds: &'a mut [u32],
    /// The time since which the server was idle.
    pub(super) idle_from: &'a mut [f64],
    pub(super) servers: &'a mut [u32],
    /// The index of the first of them.
    pub(super) first: u32,
}

/// The time at which each server is free: the server to be taken is the first by time, then by number.
#[derive(Clone, Debug)]
pub(super) struct Free {
    servers: Soonest,
    /// The index of the customer who is still to leave each server, by number.
    occupants: Vec<Option<u32>>,
}

impl Free {
    pub(super) fn new(servers: u32) -> Free {
        let keys = (0..servers).map(|server| Free::key(Moment::ZERO, server));
        Free {
            servers: Soonest::new(&keys.collect::<Vec<_>>()),
            occupants: vec![None; servers as usize],
        }
    }

    /// The number of servers.
    pub(super) fn servers(&self) -> usize {
        self.occupants.len()
    }

    /// The round comes last: it distinguishes, but does not order.
    fn key(Moment { time, round }: Moment, server: u32) -> Key {
        Key::from(time.to_bits()) << 64 | Key::from(server) << 32 | Key::from(round)
    }

    fn parts(key: Key) -> (Moment, u32) {
        let time = f64::from_bits((key >> 64) as u64);
        let round = key as u32;
        (Moment { time, round }, (key >> 32) as u32)
    }

    /// Gives each of some customers a server. Lists the indices of the previous customers of these servers, in the
    /// order of leaving, except those who left at the same instant; returns whether there are none of these.
    pub(super) fn serve(&mut self, served: &mut Served<'_>, left: &mut Vec<u32>) -> bool {
        let one_by_one = match self.occupants.len() {
            2 => self.serve_in_row::<2>(served, left),
            3 => self.serve_in_row::<3>(served, left),
            4 => self.serve_in_row::<4>(served, left),
            5 => self.serve_in_row::<5>(served, left),
            6 => self.serve_in_row::<6>(served, left),
            7 => self.serve_in_row::<7>(served, left),
            FEW => self.serve_in_row::<FEW>(served, left),
            _ => None,
        };
        one_by_one.unwrap_or_else(|| self.serve_by_key(served, left))
    }

    /// The same for any number of servers and any rounds.
    fn serve_by_key(&mut self, served: &mut Served<'_>, left: &mut Vec<u32>) -> bool {
        let length = served.arrivals.len();
        let services = &served.services[..length];
        let (starts, start_rounds) = (
            &mut served.starts[..length],
            &mut served.start_rounds[..length],
        );
        let (servers, idle_from) = (
            &mut served.servers[..length],
            &mut served.idle_from[..length],
        );
        left.clear();
        let (mut one_by_one, mut last) = (true, f64::NEG_INFINITY);
        for (index, place) in (0..length).zip(served.first..) {
            let at = served.piece.start + index;
            let reaches = Moment {
                time: served.arrivals[index],
                round: served.rounds.get(at),
            };
            let (start, since, server) = self.claim(reaches, services[index]);
            if let Some(before) = self.occupants[server as usize].replace(place) {
                one_by_one &= since.time > last;
                last = since.time;
                left.push(before);
            }
            starts[index] = start.time;
            start_rounds[index] = start.round;
            idle_from[index] = since.time;
            servers[index] = server;
            let ends = start.after(services[index]);
            if ends.round != reaches.round {
                served.rounds.piece_mut(at..at + 1)[0] = ends.round;
            }
        }
        one_by_one
    }

    /// The same for a few servers, in nearly all cases: `None` if a round matters. The servers are kept in a sorted
    /// row, and the new position of a server in it is found without an unpredictable branch.
    fn serve_in_row<const SERVERS: usize>(
        &mut self,
        served: &mut Served<'_>,
        left: &mut Vec<u32>,
    ) -> Option<bool> {
        let mut row = self.row::<SERVERS>()?;
        if !served.rounds.is_zero(served.piece.clone()) {
            return None;
        }
        let length = served.arrivals.len();
        left.resize(length, 0);
        let mut one_by_one = true;
        let (services, starts) = (&served.services[..length], &mut served.starts[..length]);
        let (servers, idle_from) = (
            &mut served.servers[..length],
            &mut served.idle_from[..length],
        );
        let (mut count, mut all_later, mut last) = (0, true, f64::NEG_INFINITY);
        for (index, place) in (0..length).zip(served.first..) {
            let first = row[0];
            let since = first.since();
            let start = greater(served.arrivals[index], since);
            let end = start + services[index];
            all_later &= end > start;
            starts[index] = start;
            idle_from[index] = since;
            servers[index] = first.server();
            left[count] = first.occupant().wrapping_sub(1);
            one_by_one &= since > last;
            last = since;
            count += usize::from(first.occupant() > 0);
            let mut moving = InRow::new(end, first.server(), place + 1);
            for at in 1..SERVERS {
                row[at - 1] = row[at].min(moving);
                moving = row[at].max(moving);
            }
            row[SERVERS - 1] = moving;
        }
        if !all_later {
            return None;
        }
        left.truncate(count);
        served.start_rounds.fill(0);
        let mut keys = [0; SERVERS];
        for one in row {
            let (since, server) = (Moment::at(one.since()), one.server());
            keys[server as usize] = Free::key(since, server);
            self.occupants[server as usize] = one.occupant().checked_sub(1);
        }
        self.servers = Soonest::new(&keys);
        Some(one_by_one)
    }

    /// The servers in a sorted row, if none becomes free in a later round of its instant.
    fn row<const SERVERS: usize>(&self) -> Option<[InRow; SERVERS]> {
        let mut keys = [0; SERVERS];
        for (key, server) in keys.iter_mut().zip(self.servers.keys()) {
            *key = server;
        }
        keys.sort_unstable();
        let parts = keys.map(Free::parts);
        let no_rounds = parts.iter().all(|(since, _)| since.round == 0);
        no_rounds.then(|| {
            parts.map(|(since, server)| {
                let occupant = self.occupants[server as usize];
                InRow::new(since.time, server, occupant.map_or(0, |place| place + 1))
            })
        })
    }

    /// The time at which the next server becomes free.
    pub(super) fn soonest(&self) -> Moment {
        let (first, server) = Free::parts(self.servers.winner());
        if first.round == 0 || !self.is_tied(server, first.time) {
            return first;
        }
        let all = self.servers.keys().map(|key| Free::parts(key).0);
        let earliest = all.filter(|since| since.time == first.time).min();
        earliest.unwrap_or(first)
    }

    /// Gives a customer who arrives at `arrival` a server: returns the start of the service, the time since which
    /// the server was free, and its number.
    #[inline]
    pub(super) fn claim(&mut self, arrival: Moment, service: f64) -> (Moment, Moment, u32) {
        let (since, server) = Free::parts(self.servers.winner());
        let start = if arrival.round | since.round == 0 {
            // This is nearly always so; which of the two is later would be an unpredictable branch.
            Moment::at(greater(arrival.time, since.time))
        } else if arrival < since && self.is_tied(server, since.time) {
            return self.claim_within_an_instant(arrival, service, since.time);
        } else {
            arrival.max(since)
        };
        let key = Free::key(start.after(service), server);
        self.servers.replace_winner(server as usize, key);
        (start, since, server)
    }

    /// Whether any other server becomes free at the same time.
    fn is_tied(&self, server: u32, time: f64) -> bool {
        let next = self.servers.runner_up(server as usize);
        next.is_some_and(|next| Free::parts(next).0.time == time)
    }

    /// The same if several servers become free at this instant, none before, and the customer arrived before: of
    /// those that become free in the same round as the first, it takes the one with the lowest number.
    #[cold]
    fn claim_within_an_instant(
        &mut self,
        arrival: Moment,
        service: f64,
        time: f64,
    ) -> (Moment, Moment, u32) {
        let mut keys: Vec<Key> = vec![0; self.servers()];
        for key in self.servers.keys() {
            keys[Free::parts(key).1 as usize] = key;
        }
        let tied = || {
            let parts = keys.iter().map(|&key| Free::parts(key));
            parts.filter(|(since, _)| since.time == time)
        };
        let earliest = tied().map(|(since, _)| since).min();
        let start = arrival.max(earliest.expect("a server is free then"));
        let chosen = tied().find(|&(since, _)| since <= start);
        let (since, server) = chosen.expect("the earliest is free then");
        keys[server as usize] = Free::key(start.after(service), server);
        self.servers = Soonest::new(&keys);
        (start, since, server)
    }

    /// The indices of customers who leave their servers by `until` and have not been listed, with the moments; in
    /// no particular order.
    pub(super) fn leave_until(&mut self, until: Moment) -> Vec<(Moment, u32)> {
        let leave = |key: Key| {
            let (end, server) = Free::parts(key);
            let occupant = &mut self.occupants[server as usize];
            let place = occupant.take_if(|_| end <= until)?;
            Some((end, place))
        };
        self.servers.keys().filter_map(leave).collect()
    }

    /// The indices of customers who are still to leave, ascending, out of `all`.
    pub(super) fn occupants(&self, all: usize) -> Vec<u32> {
        let occupied = self.occupants.iter().copied().flatten();
        // Many indices are faster to collect in order than to sort, a few are not: the difference is 4 % of a
        // visit.
        if self.occupants.len() <= FEW {
            let mut places: Vec<u32> = occupied.collect();
            places.sort_unstable();
            return places;
        }
        let mut stays = vec![false; all];
        occupied.for_each(|place| stays[place as usize] = true);
        let mut places = vec![0; all];
        let mut count = 0;
        for (place, &stays) in (0..).zip(&stays) {
            places[count] = place;
            count += usize::from(stays);
        }
        places.truncate(count);
        places
    }

    /// Updates the index of the customer of this server.
    pub(super) fn occupied(&mut self, server: u32, place: u32) {
        self.occupants[server as usize] = Some(place);
    }

    /// The time since which each server is idle, by number.
    pub(super) fn since(&self) -> Vec<f64> {
        let mut since = vec![0.0; self.occupants.len()];
        for key in self.servers.keys() {
            let (moment, server) = Free::parts(key);
            since[server as usize] = moment.time;
        }
        since
    }
}

/// A server in a row, as one number by which servers are sorted: the time at which it is free, its number, and one
/// more than the index of the customer still to leave it, or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct InRow(Key);

impl InRow {
    #[inline(always)]
    fn new(since: f64, server: u32, occupant: u32) -> InRow {
        InRow(Key::from(since.to_bits()) << 64 | Key::from(server) << 32 | Key::from(occupant))
    }

    #[inline(always)]
    fn since(self) -> f64 {
        f64::from_bits((self.0 >> 64) as u64)
    }

    #[inline(always)]
    fn server(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    fn occupant(self) -> u32 {
        self.0 as u32
    }
}
