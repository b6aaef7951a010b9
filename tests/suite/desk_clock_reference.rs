//! A plain reference simulator of the desk on either clock, written from the rules and not from the code.
//!
//! There is one list of requests, each with its place, and one list of attendants; whatever a rule needs is found by
//! searching them. A desk of steps and one in continuous time share every rule but three: in steps the services that
//! end with a step are ended after its phase 5, phases 4 and 5 come once, and services are made whole. Ranks, speeds,
//! the central queue and the limit of the system are here; chance is not, but for the draws that are handed in. What
//! becomes of attendants is in `desk_clock_staff`, what follows for the measures in `desk_clock_measures`.
//!
//! A time is that of the desk's clock: the number of a step, or an instant.

use crate::desk_clock_staff as staff;
use filas::scenario::{Desk, DeskHorizon, Dispatch, Loss, Overflow, Queue};
use filas::station::{FaultEvent, RequestOutcome};
use std::cmp::Reverse;

/// The arrival of a new client, with what is recorded of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) time: f64,
    pub(crate) class: usize,
    pub(crate) service: Option<f64>,
    pub(crate) patience: Option<f64>,
}

/// The values drawn for a try: in steps all but the chance to come again made whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values {
    pub(crate) service: f64,
    pub(crate) patience: Option<f64>,
    pub(crate) wrap_up: f64,
    /// The time from its arrival to when its client waits no more.
    pub(crate) timeout: Option<f64>,
    /// The time until its client comes again, if it would, whatever number its class allows.
    pub(crate) delay: Option<f64>,
}

/// A request as it arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drawn {
    pub(crate) arrival: f64,
    pub(crate) class: usize,
    pub(crate) values: Values,
    /// The client, from 1, in its class, too, and which try it is.
    pub(crate) client: usize,
    pub(crate) of_class: u64,
    pub(crate) attempt: u64,
}

/// All draws; attendants are numbered over all servers.
pub(crate) trait Chance {
    /// The values of a try of the client of this number in its class.
    fn values(&mut self, arrival: &Arrival, of_class: u64, attempt: u64) -> Values;
    /// A whole number below this one, for the policies that draw.
    fn below(&mut self, bound: usize) -> usize;
    /// A service of the request of this number made whole, after so many attempts.
    fn whole(&mut self, value: f64, request: usize, attempts: u64) -> f64;
    /// The same for the work after it, which may be 0.
    fn whole_wrap_up(&mut self, value: f64, request: usize, attempts: u64) -> f64;
    /// Whether chance takes an attendant down in a step in which it has its turn.
    fn fails(&mut self, who: usize) -> bool;
    /// The time to the next fault of an attendant.
    fn every(&mut self, who: usize) -> f64;
    /// The repair of an attendant, drawn when it fails; in steps made whole.
    fn repair(&mut self, who: usize) -> f64;
}

/// A request; its number is its index + 1.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) drawn: Drawn,
    pub(crate) place: Place,
    pub(crate) first_start: Option<f64>,
    pub(crate) end: Option<f64>,
    pub(crate) attempts: u64,
    pub(crate) served_by: Option<(usize, usize)>,
    /// Time in service that counts, and all of it.
    pub(crate) served: f64,
    pub(crate) worked: f64,
    /// When its client had waited too long, and whether its service began only after that.
    pub(crate) gone: Option<f64>,
    pub(crate) for_nobody: bool,
    pub(crate) left: f64,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Buffer,
    HandedOver,
    At(usize),
    With(usize),
    Ended(RequestOutcome),
}

/// An attendant, in the order of servers and numbers.
#[derive(Clone, Debug)]
pub(crate) struct Attendant {
    pub(crate) server: usize,
    pub(crate) number: usize,
    pub(crate) down: bool,
    /// The factor of its speed.
    pub(crate) slow: f64,
    pub(crate) off: bool,
    pub(crate) leaving: bool,
    /// When it is repaired by itself, and whether a crew does that; whether its fault counted, and since when it has
    /// been as it is, on duty.
    pub(crate) due: Option<f64>,
    pub(crate) crew: bool,
    /// The length of the repair by the crew.
    pub(crate) repair: f64,
    pub(crate) counted: bool,
    pub(crate) as_it_is: f64,
    /// Off duty since then.
    pub(crate) off_since: f64,
    /// When chance strikes; or after how much more service, and since when that runs.
    pub(crate) fault: Option<f64>,
    pub(crate) left: f64,
    pub(crate) runs: Option<f64>,
    pub(crate) idle_since: f64,
    pub(crate) since: f64,
    pub(crate) ends: f64,
    /// The speed of its service, since when, and how often that has changed.
    pub(crate) speed: f64,
    pub(crate) paced: f64,
    pub(crate) changes: u64,
    pub(crate) wraps_up: Option<WrapUp>,
}

/// The work after a service: from when to when, how much of it is left since it last changed, at which speed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WrapUp {
    pub(crate) since: f64,
    pub(crate) ends: f64,
    pub(crate) left: f64,
    pub(crate) paced: f64,
    pub(crate) speed: f64,
    pub(crate) own: f64,
    pub(crate) name: (usize, u64),
    pub(crate) changes: u64,
}

/// Something that lasted: attendant, begin, end.
pub(crate) type Spell = (usize, f64, f64);

/// A change of an attendant: time, server, number, what, the request cut off.
pub(crate) type Change = (f64, usize, usize, FaultEvent, Option<usize>);

/// What a run gives.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) requests: Vec<Request>,
    pub(crate) changes: Vec<Change>,
    /// Time; buffer, handed over, waiting at servers, in service, on duty, up.
    pub(crate) levels: Vec<(f64, [usize; 6])>,
    /// Per row of levels, how many each server holds.
    pub(crate) held: Vec<Vec<usize>>,
    pub(crate) busy: Vec<Spell>,
    pub(crate) down: Vec<Spell>,
    pub(crate) off: Vec<Spell>,
    pub(crate) slow: Vec<Spell>,
    /// Faults and repairs that count, by attendant.
    pub(crate) faults: Vec<usize>,
    pub(crate) repairs: Vec<usize>,
    /// Requests completed by each attendant.
    pub(crate) completed: Vec<usize>,
    /// Per turn: requests sent to servers, handed over or moved, cut off.
    pub(crate) moves: Vec<(f64, [u64; 3])>,
    /// Rows in which a request found the buffer full.
    pub(crate) overflows: usize,
    /// The end of the run.
    pub(crate) end: f64,
}

/// Runs a desk on these arrivals, in order.
pub(crate) fn simulate(desk: &Desk, arrivals: &[Arrival], chance: &mut dyn Chance) -> Outcome {
    let mut run = Run::new(desk, arrivals, chance);
    match desk.horizon {
        DeskHorizon::Steps(steps) => {
            for step in 1..=steps {
                let overflows = run.outcome.overflows;
                run.turn(step as f64);
                run.outcome.end = step as f64 + 1.0;
                if desk.overflow == Overflow::Stop && run.outcome.overflows > overflows {
                    break;
                }
            }
        }
        DeskHorizon::Until { until, end } => run.in_continuous_time(until, end.is_some()),
    }
    run.close()
}

pub(crate) struct Run<'a> {
    pub(crate) desk: &'a Desk,
    arrivals: &'a [Arrival],
    pub(crate) chance: &'a mut dyn Chance,
    pub(crate) attendants: Vec<Attendant>,
    /// Who waits for the crew.
    pub(crate) broken: Vec<usize>,
    /// How many of the arrivals have come, and of each class.
    entered: usize,
    entered_of: Vec<u64>,
    /// Who comes again when, after which try.
    returning: Vec<(f64, usize)>,
    /// Entries of the script that have happened.
    pub(crate) done: Vec<bool>,
    last_chosen: Option<usize>,
    pub(crate) now: f64,
    full: bool,
    pub(crate) outcome: Outcome,
}

impl<'a> Run<'a> {
    fn new(desk: &'a Desk, arrivals: &'a [Arrival], chance: &'a mut dyn Chance) -> Run<'a> {
        let mut attendants = Vec::new();
        for (server, group) in desk.servers.iter().enumerate() {
            let numbers = 0..group.attendants.len();
            for number in numbers {
                let every = desk.faults.every.as_ref();
                let every = every.map(|_| chance.every(attendants.len()));
                attendants.push(staff::at_first(desk, (server, number), every));
            }
        }
        let everyone = attendants.len();
        Run {
            desk,
            arrivals,
            chance,
            attendants,
            broken: Vec::new(),
            entered: 0,
            entered_of: vec![0; desk.classes.len()],
            returning: Vec::new(),
            done: vec![false; desk.faults.script.len()],
            last_chosen: None,
            now: 0.0,
            full: false,
            outcome: Outcome {
                requests: Vec::new(),
                changes: Vec::new(),
                levels: Vec::new(),
                held: Vec::new(),
                busy: Vec::new(),
                down: Vec::new(),
                off: Vec::new(),
                slow: Vec::new(),
                faults: vec![0; everyone],
                repairs: vec![0; everyone],
                completed: vec![0; everyone],
                moves: Vec::new(),
                overflows: 0,
                end: 0.0,
            },
        }
    }

    pub(crate) fn stepped(&self) -> bool {
        matches!(self.desk.horizon, DeskHorizon::Steps(_))
    }

    /// Instants at which something is due, one after the other, each in rounds.
    fn in_continuous_time(&mut self, until: f64, stop: bool) {
        self.read();
        self.outcome.end = until;
        while let Some(next) = self.next_due() {
            let nobody = self.present().is_empty();
            if next > until && (stop || nobody || self.hopeless() || next > 10.0 * until) {
                break;
            }
            let overflows = self.outcome.overflows;
            while self.next_due() == Some(next) {
                self.turn(next);
            }
            if self.desk.overflow == Overflow::Stop && self.outcome.overflows > overflows {
                self.outcome.end = next;
                break;
            }
            self.outcome.end = self.outcome.end.max(next);
        }
    }

    /// The next instant at which anything is due; arrivals up to the horizon alone.
    fn next_due(&self) -> Option<f64> {
        let until = self.desk.span();
        let mut due: Vec<f64> = self.supervised_due();
        let arrivals = self.arrivals[self.entered..].iter();
        let arrivals = arrivals.map(|one| one.time);
        due.extend(arrivals.filter(|&arrival| arrival <= until).take(1));
        let again = self.returning.iter().map(|one| one.0);
        due.extend(again.filter(|&due| due <= until));
        due.extend(self.staff_due());
        let script = self.desk.faults.script.iter().zip(&self.done);
        due.extend(
            script
                .filter(|(_, done)| !**done)
                .map(|(entry, _)| entry.at.get()),
        );
        due.into_iter().reduce(f64::min)
    }

    /// When services and wrap-ups end, patience and the time for an answer.
    fn supervised_due(&self) -> Vec<f64> {
        let requests = self.outcome.requests.iter();
        let due = requests.filter_map(|request| match request.place {
            Place::Ended(_) => None,
            Place::With(who) => Some(self.attendants[who].ends),
            _ if request.first_start.is_some() || request.gone.is_some() => None,
            _ => Some(request.drawn.arrival + request.drawn.values.patience?),
        });
        let mut due: Vec<f64> = due.collect();
        let present = self.present().into_iter();
        due.extend(present.filter_map(|r| self.time_out_of(r)));
        let wraps = self.attendants.iter().filter_map(|who| who.wraps_up);
        due.extend(wraps.map(|wrap| wrap.ends));
        due
    }

    /// When the client of a request waits no more, if it waits still.
    fn time_out_of(&self, r: usize) -> Option<f64> {
        let request = &self.outcome.requests[r];
        let drawn = &request.drawn;
        let due = drawn.arrival + drawn.values.timeout?;
        request.gone.is_none().then_some(due)
    }

    /// Whether none of those left can be served any more, or give up.
    fn hopeless(&self) -> bool {
        let comes_up = self.somebody_will_come();
        let present = self.present();
        let known = present.iter().any(|&r| {
            let class = self.outcome.requests[r].drawn.class;
            (0..self.attendants.len()).any(|who| self.skill(who, class).is_some())
        });
        self.supervised_due().is_empty() && !(comes_up && known)
    }

    /// Those in the system.
    pub(crate) fn present(&self) -> Vec<usize> {
        let requests = self.outcome.requests.iter().enumerate();
        let present = requests.filter(|(_, request)| !matches!(request.place, Place::Ended(_)));
        present.map(|(r, _)| r).collect()
    }

    /// A step, or a round of an instant.
    fn turn(&mut self, now: f64) {
        self.now = now;
        self.full = false;
        self.outcome.moves.push((now, [0; 3]));
        if !self.stepped() {
            self.end_services(now);
        }
        self.time_outs();
        self.repairs();
        self.on_duty();
        self.faults();
        self.off_duty();
        self.hand_over();
        self.enter();
        loop {
            let moved = self.phase_4() | self.patience();
            if self.stepped() || !moved {
                break;
            }
        }
        self.outcome.overflows += usize::from(self.full);
        self.read();
        if self.stepped() {
            self.end_services(now + 1.0);
        }
    }

    /// Services that end by then, by server and attendant.
    fn end_services(&mut self, by: f64) {
        // Those that begin in this very turn in continuous time end in the next.
        let told = if self.stepped() { by - 1.0 } else { by };
        for who in 0..self.attendants.len() {
            if let Some(wrap) = self.attendants[who].wraps_up
                && wrap.ends <= by
            {
                self.outcome.busy.push((who, wrap.since, wrap.ends));
                self.attendants[who].wraps_up = None;
                self.attendants[who].idle_since = wrap.ends;
            }
            if let Some(r) = self.serves(who)
                && self.attendants[who].ends <= by
            {
                let (since, ends) = (self.attendants[who].since, self.attendants[who].ends);
                self.outcome.busy.push((who, since, ends));
                self.attendants[who].idle_since = ends;
                self.outcome.completed[who] += 1;
                let request = &mut self.outcome.requests[r];
                request.served += ends - since;
                request.worked += ends - since;
                request.place = Place::Ended(RequestOutcome::Completed);
                request.end = Some(told);
                let attempts = request.attempts - 1;
                self.clock_ends(who, ends);
                self.wrap_up(who, r, (ends, attempts));
            }
        }
    }

    /// Clients whose time for an answer is over go, by number.
    fn time_outs(&mut self) {
        for r in self.present() {
            if self.time_out_of(r).is_none_or(|due| due > self.now) {
                continue;
            }
            let (now, place) = (self.now, self.outcome.requests[r].place);
            self.outcome.requests[r].gone = Some(now);
            if self.withdraws(self.outcome.requests[r].drawn.class) {
                if let Place::With(who) = place {
                    let since = self.attendants[who].since;
                    self.outcome.busy.push((who, since, now));
                    self.outcome.requests[r].worked += now - since;
                    self.attendants[who].idle_since = now;
                    self.clock_ends(who, now);
                }
                self.outcome.requests[r].place = Place::Ended(RequestOutcome::TimedOut);
                self.outcome.requests[r].end = Some(now);
            }
            self.again(r, Loss::TimedOut);
        }
    }

    fn withdraws(&self, class: usize) -> bool {
        let timeout = self.desk.classes[class].timeout.as_ref();
        timeout.is_some_and(|timeout| timeout.withdraw)
    }

    /// The client of a try that is lost comes again, if it does.
    pub(crate) fn again(&mut self, r: usize, loss: Loss) {
        let drawn = &self.outcome.requests[r].drawn;
        let Some(retry) = &self.desk.classes[drawn.class].retry else {
            return;
        };
        let may = retry.most.is_none_or(|most| drawn.attempt <= most);
        if retry.after.contains(&loss)
            && may
            && let Some(delay) = drawn.values.delay
        {
            self.returning.push((self.now + delay, r));
        }
    }

    /// Counts a request that was sent to a server (0), handed over or moved (1), cut off (2).
    pub(crate) fn count_move(&mut self, what: usize) {
        self.outcome.moves.last_mut().unwrap().1[what] += 1;
    }

    /// Phase 3: new clients, then those who come again, by their last tries.
    fn enter(&mut self) {
        let end = self.desk.on_clock(self.desk.span()).get();
        // Who is lost in this very turn comes again in the next, if at once.
        let (due, later) = self
            .returning
            .drain(..)
            .partition::<Vec<_>, _>(|one| one.0 <= self.now);
        self.returning = later;
        let mut due: Vec<usize> = due.into_iter().map(|one| one.1).collect();
        while let Some(&arrival) = self.arrivals.get(self.entered) {
            if arrival.time > self.now || arrival.time > end {
                break;
            }
            self.entered += 1;
            self.entered_of[arrival.class] += 1;
            let of_class = self.entered_of[arrival.class];
            let values = self.chance.values(&arrival, of_class, 1);
            self.arrive(Drawn {
                arrival: arrival.time,
                class: arrival.class,
                values,
                client: self.entered,
                of_class,
                attempt: 1,
            });
        }
        due.sort_unstable();
        due.retain(|_| self.now <= end);
        for r in due {
            let mut drawn = self.outcome.requests[r].drawn;
            drawn.arrival = self.now;
            drawn.attempt += 1;
            let first = &self.arrivals[drawn.client - 1];
            drawn.values = self.chance.values(first, drawn.of_class, drawn.attempt);
            self.arrive(drawn);
        }
    }

    fn arrive(&mut self, drawn: Drawn) {
        let system = self.present().len() as u64;
        let buffer = self.count(Place::Buffer) as u64;
        let beyond = self.desk.system_capacity.is_some_and(|most| system >= most);
        let full = self.desk.queue == Queue::Servers
            && self.desk.buffer.is_some_and(|most| buffer >= most);
        self.full |= full && !beyond;
        let rejected = beyond || full;
        self.outcome.requests.push(Request {
            drawn,
            place: match rejected {
                true => Place::Ended(RequestOutcome::Rejected),
                false => Place::Buffer,
            },
            first_start: None,
            end: rejected.then_some(self.now),
            attempts: 0,
            served_by: None,
            served: 0.0,
            worked: 0.0,
            gone: None,
            for_nobody: false,
            left: drawn.values.service,
        });
        if rejected {
            self.again(self.outcome.requests.len() - 1, Loss::Rejected);
        }
    }

    /// Phase 4; whether anything moved.
    fn phase_4(&mut self) -> bool {
        match self.desk.queue {
            Queue::Central => self.central(),
            Queue::Servers => {
                let mut moved = self.dispatch();
                for server in 0..self.desk.servers.len() {
                    moved |= self.within(server);
                }
                moved | (self.desk.rebalance && self.rebalance())
            }
        }
    }

    /// Of all pairs of a free attendant and a request it may take the first, and so on; then who is too many.
    fn central(&mut self) -> bool {
        let mut moved = false;
        loop {
            let mut pairs = Vec::new();
            for who in self.free() {
                if !self.has_room(self.attendants[who].server) {
                    continue;
                }
                for r in self.present() {
                    let request = &self.outcome.requests[r];
                    if let (Place::Buffer | Place::HandedOver, Some((rank, _))) =
                        (request.place, self.skill(who, request.drawn.class))
                    {
                        let later = request.place == Place::Buffer;
                        let one = &self.attendants[who];
                        let whom = (
                            self.breadth(who),
                            bits(one.idle_since),
                            one.server,
                            one.number,
                        );
                        pairs.push(((rank, later, self.order(r), whom), r, who));
                    }
                }
            }
            let Some(&(_, r, who)) = pairs.iter().min() else {
                break;
            };
            self.count_move(0);
            self.start(r, who);
            moved = true;
        }
        let most = self.desk.buffer.unwrap_or(u64::MAX);
        while self.count(Place::Buffer) as u64 > most {
            let last = self.present().into_iter().rev();
            let mut last = last.filter(|&r| self.outcome.requests[r].place == Place::Buffer);
            let r = last.next().unwrap();
            assert_eq!(self.outcome.requests[r].drawn.arrival, self.now);
            self.outcome.requests[r].place = Place::Ended(RequestOutcome::Rejected);
            self.outcome.requests[r].end = Some(self.now);
            self.again(r, Loss::Rejected);
            self.full = true;
        }
        moved
    }

    /// The supervisor's part: those handed over, then those of the buffer.
    fn dispatch(&mut self) -> bool {
        let mut moved = false;
        for place in [Place::HandedOver, Place::Buffer] {
            for r in self.waiting_in(place) {
                let class = self.outcome.requests[r].drawn.class;
                if let Some(server) = self.choose(class) {
                    self.outcome.requests[r].place = Place::At(server);
                    self.count_move(0);
                    moved = true;
                }
            }
        }
        moved
    }

    /// A server's part: pairs of its free attendants and those who wait there, the first one first.
    fn within(&mut self, server: usize) -> bool {
        let mut moved = false;
        loop {
            let mut pairs = Vec::new();
            for who in self.free_at(server) {
                for r in self.waiting_in(Place::At(server)) {
                    if let Some((rank, _)) = self.skill(who, self.outcome.requests[r].drawn.class) {
                        let one = &self.attendants[who];
                        let whom = (self.breadth(who), bits(one.idle_since), one.number);
                        pairs.push(((rank, self.order(r), whom), r, who));
                    }
                }
            }
            let Some(&(_, r, who)) = pairs.iter().min() else {
                return moved;
            };
            self.start(r, who);
            moved = true;
        }
    }

    /// Attendants still free take over work that waits at other servers, once through.
    fn rebalance(&mut self) -> bool {
        let mut moved = false;
        for server in 0..self.desk.servers.len() {
            for who in self.free_at(server) {
                if !self.has_room(server) {
                    continue;
                }
                let elsewhere = self.present().into_iter().filter_map(|r| {
                    let request = &self.outcome.requests[r];
                    let (rank, _) = self.skill(who, request.drawn.class)?;
                    let other = matches!(request.place, Place::At(at) if at != server);
                    other.then_some(((rank, self.order(r)), r))
                });
                if let Some((_, r)) = elsewhere.min() {
                    self.count_move(1);
                    self.start(r, who);
                    moved = true;
                }
            }
        }
        moved
    }

    /// Phase 5.
    fn patience(&mut self) -> bool {
        let mut moved = false;
        for r in self.present() {
            let request = &mut self.outcome.requests[r];
            let patience = request.drawn.values.patience;
            let fed_up = patience.is_some_and(|lasts| request.drawn.arrival + lasts <= self.now);
            if request.first_start.is_none() && request.gone.is_none() && fed_up {
                request.place = Place::Ended(RequestOutcome::Abandoned);
                request.end = Some(self.now);
                self.again(r, Loss::Abandoned);
                moved = true;
            }
        }
        moved
    }

    fn start(&mut self, r: usize, who: usize) {
        let class = self.outcome.requests[r].drawn.class;
        let speed = self.skill(who, class).unwrap().1 * self.attendants[who].slow;
        let mut lasts = self.outcome.requests[r].left / speed;
        if self.stepped() {
            let attempts = self.outcome.requests[r].attempts;
            lasts = self.chance.whole(lasts, r + 1, attempts);
        }
        let one = &mut self.attendants[who];
        one.since = self.now;
        one.ends = self.now + lasts;
        (one.speed, one.paced, one.changes) = (speed, self.now, 0);
        if one.slow == 1.0 {
            one.runs = Some(self.now);
        }
        let request = &mut self.outcome.requests[r];
        request.place = Place::With(who);
        request.for_nobody |= request.first_start.is_none() && request.gone.is_some();
        request.first_start.get_or_insert(self.now);
        request.attempts += 1;
        request.served_by = Some((one.server, one.number));
    }

    /// The levels at the end of a turn; of an instant, the last ones.
    fn read(&mut self) {
        let requests = &self.outcome.requests;
        let count = |place: fn(Place) -> bool| {
            requests
                .iter()
                .filter(|request| place(request.place))
                .count()
        };
        let levels = [
            count(|place| place == Place::Buffer),
            count(|place| place == Place::HandedOver),
            count(|place| matches!(place, Place::At(_))),
            count(|place| matches!(place, Place::With(_))),
            self.attendants.iter().filter(|who| !who.off).count(),
            self.attendants
                .iter()
                .filter(|who| !who.off && !who.down)
                .count(),
        ];
        let held = (0..self.desk.servers.len()).map(|server| self.held(server));
        let held: Vec<usize> = held.collect();
        if self
            .outcome
            .levels
            .last()
            .is_some_and(|row| row.0 == self.now)
        {
            self.outcome.levels.pop();
            self.outcome.held.pop();
        }
        self.outcome.levels.push((self.now, levels));
        self.outcome.held.push(held);
    }

    /// What lasts at the end of the run ends with it.
    fn close(mut self) -> Outcome {
        let end = self.outcome.end;
        for who in 0..self.attendants.len() {
            let since = self.attendants[who].since;
            if let Some(r) = self.serves(who) {
                self.outcome.busy.push((who, since, end));
                self.outcome.requests[r].worked += end - since;
                self.outcome.requests[r].served += end - since;
            } else if let Some(wrap) = self.attendants[who].wraps_up {
                self.outcome.busy.push((who, wrap.since, end));
            }
            self.as_it_was(who, end);
            if self.attendants[who].off {
                self.outcome
                    .off
                    .push((who, self.attendants[who].off_since, end));
            }
        }
        self.outcome
    }
}

/// What is found by searching.
impl Run<'_> {
    /// Rank and speed of an attendant for a class.
    pub(crate) fn skill(&self, who: usize, class: usize) -> Option<(i64, f64)> {
        let one = &self.attendants[who];
        let skills = &self.desk.servers[one.server].attendants[one.number];
        let skill = skills.iter().find(|skill| skill.class == class)?;
        Some((skill.rank, skill.speed))
    }

    fn breadth(&self, who: usize) -> usize {
        let one = &self.attendants[who];
        self.desk.servers[one.server].attendants[one.number].len()
    }

    pub(crate) fn serves(&self, who: usize) -> Option<usize> {
        let mut requests = self.outcome.requests.iter();
        requests.position(|request| request.place == Place::With(who))
    }

    fn free(&self) -> Vec<usize> {
        let everyone = 0..self.attendants.len();
        let idle =
            |who: usize| self.serves(who).is_none() && self.attendants[who].wraps_up.is_none();
        let free = everyone.filter(|&who| self.able(who) && idle(who));
        free.collect()
    }

    /// The free attendants of a server: fewest skills, longest idle, lowest number.
    fn free_at(&self, server: usize) -> Vec<usize> {
        let mut free = self.free();
        free.retain(|&who| self.attendants[who].server == server);
        free.sort_by_key(|&who| {
            (
                self.breadth(who),
                bits(self.attendants[who].idle_since),
                who,
            )
        });
        free
    }

    pub(crate) fn up_with_skill(&self, server: usize, class: usize) -> usize {
        let everyone = 0..self.attendants.len();
        let up = everyone.filter(|&who| {
            let one = &self.attendants[who];
            one.server == server && self.able(who) && self.skill(who, class).is_some()
        });
        up.count()
    }

    fn count(&self, place: Place) -> usize {
        let requests = self.outcome.requests.iter();
        requests.filter(|request| request.place == place).count()
    }

    fn held(&self, server: usize) -> usize {
        let requests = self.outcome.requests.iter();
        let here = requests.filter(|request| match request.place {
            Place::At(at) => at == server,
            Place::With(who) => self.attendants[who].server == server,
            _ => false,
        });
        here.count()
    }

    fn has_room(&self, server: usize) -> bool {
        let capacity = self.desk.servers[server].capacity;
        capacity.is_none_or(|most| (self.held(server) as u64) < most)
    }

    /// Priority, arrival, number.
    fn order(&self, r: usize) -> (Reverse<i64>, u64, usize) {
        let drawn = &self.outcome.requests[r].drawn;
        let priority = self.desk.classes[drawn.class].priority;
        (Reverse(priority), bits(drawn.arrival), r)
    }

    fn waiting_in(&self, place: Place) -> Vec<usize> {
        let mut found = self.present();
        found.retain(|&r| self.outcome.requests[r].place == place);
        found.sort_by_key(|&r| self.order(r));
        found
    }

    /// The server of the policy's choice.
    fn choose(&mut self, class: usize) -> Option<usize> {
        let servers = 0..self.desk.servers.len();
        let eligible: Vec<usize> = servers
            .filter(|&server| self.has_room(server) && self.up_with_skill(server, class) > 0)
            .collect();
        let first = *eligible.first()?;
        let chosen = match self.desk.dispatch {
            Dispatch::FirstAvailable => first,
            Dispatch::RoundRobin => {
                let after = |server: &&usize| self.last_chosen.is_none_or(|last| **server > last);
                *eligible.iter().find(after).unwrap_or(&first)
            }
            Dispatch::Random => eligible[self.chance.below(eligible.len())],
            Dispatch::LeastLoaded => self.least_loaded(&eligible, class),
            Dispatch::PowerOfTwo if eligible.len() == 1 => first,
            Dispatch::PowerOfTwo => {
                let one = self.chance.below(eligible.len());
                let other = self.chance.below(eligible.len() - 1);
                let other = if other >= one { other + 1 } else { other };
                let two = [eligible[one.min(other)], eligible[one.max(other)]];
                self.least_loaded(&two, class)
            }
            Dispatch::LongestIdle => {
                let idle = eligible.iter().flat_map(|&server| {
                    let free = self.free_at(server).into_iter();
                    let able = free.filter(|&who| self.skill(who, class).is_some());
                    able.map(move |who| (who, server))
                });
                let idle =
                    idle.map(|(who, server)| (bits(self.attendants[who].idle_since), server));
                match idle.min() {
                    Some((_, server)) => server,
                    None => self.least_loaded(&eligible, class),
                }
            }
        };
        self.last_chosen = Some(chosen);
        Some(chosen)
    }

    fn least_loaded(&self, servers: &[usize], class: usize) -> usize {
        let load = |server: usize| (self.held(server), self.up_with_skill(server, class));
        servers.iter().copied().fold(servers[0], |best, server| {
            let ((held, up), (least, of)) = (load(server), load(best));
            if held * of < least * up { server } else { best }
        })
    }
}

/// A time that is not negative, so that it can be compared in tuples.
fn bits(time: f64) -> u64 {
    time.to_bits()
}
