//! A server of a station: its customer, whether it is up and on duty, and how it spends its time.

use super::person::Slot;
use crate::scenario::Intervals;
use crate::stats::LaneSum;
use std::collections::VecDeque;

/// A server.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) hold: Hold,
    pub(super) up: bool,
    /// Whether the plan has it on duty.
    pub(super) on_duty: bool,
    /// Its speed when it is not slowed.
    pub(super) speed: f64,
    /// The factor of its speed now; below 1 while it is slowed.
    pub(super) factor: f64,
    /// The time at which it last became idle.
    pub(super) idle_since: f64,
    /// The class it is set up for; none if it is not set up for any.
    pub(super) set_for: Option<u32>,
    /// Changes whenever the end of its current work changes.
    pub(super) epoch: u32,
    pub(super) clock: FaultClockState,
    /// None for servers without a number: their time is not reported one by one, and there may be as many as
    /// customers.
    time: Option<Box<TimeSpent>>,
    /// Busy time by intervals of the run, if they are reported.
    busy: Option<Box<BusyTime>>,
}

/// Busy time by intervals, whether the window is open or not.
#[derive(Clone, Debug)]
pub(super) struct BusyTime {
    intervals: Intervals,
    areas: Vec<f64>,
}

impl BusyTime {
    pub(super) fn new(intervals: Intervals) -> BusyTime {
        let areas = Vec::new();
        BusyTime { intervals, areas }
    }

    /// Adds a period during which this number of servers was busy.
    pub(super) fn add(&mut self, servers: u64, spell: (f64, f64)) {
        let areas = &mut self.areas;
        self.intervals.split(spell, |index, from, to| {
            areas.resize(areas.len().max(index + 1), 0.0);
            areas[index] += servers as f64 * (to - from);
        });
    }

    /// Busy time of each interval, up to the last with any.
    pub(super) fn areas(&self) -> &[f64] {
        &self.areas
    }
}

/// The customer a server holds, and what it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hold {
    Nobody,
    /// It is being set up for this customer until `until`.
    SettingUp {
        slot: Slot,
        until: f64,
    },
    /// It has served this customer since `since` without a change of speed.
    Serving {
        slot: Slot,
        since: f64,
    },
    /// The service of this customer has ended.
    Finished {
        slot: Slot,
    },
    /// It is down with this customer; `set_up_left` is the time left of the set-up, if that was interrupted.
    Stopped {
        slot: Slot,
        set_up_left: Option<f64>,
    },
}

/// The clock that runs to the next fault of a server.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FaultClockState {
    /// Number of draws used.
    pub(super) draws: u64,
    /// The time left on it while it is stopped.
    pub(super) left: f64,
    /// Changes whenever the moment of the next fault changes.
    pub(super) epoch: u32,
    /// The time since which it has been running, if it counts time in service, and the time at which it runs out if
    /// nothing stops it.
    pub(super) running: Option<(f64, f64)>,
}

/// The use of a server's time: the first variant that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spent {
    Blocked,
    Down,
    SetUp,
    Busy,
    Off,
    Idle,
}

/// The time of one server in the window, by use.
#[derive(Clone, Debug, Default)]
pub(super) struct TimeSpent {
    since: f64,
    pub(super) blocked: LaneSum,
    pub(super) down: LaneSum,
    pub(super) set_up: LaneSum,
    pub(super) busy: LaneSum,
    pub(super) off: LaneSum,
    pub(super) idle: LaneSum,
    /// The longest idle period, and the current one: its beginning and the end of its last piece.
    pub(super) idle_longest: f64,
    idle_spell: Option<(f64, f64)>,
    /// Pieces without a customer that may lie after the close of the window.
    uncertain: VecDeque<Piece>,
}

/// A piece of time.
#[derive(Clone, Copy, Debug)]
struct Piece {
    begin: f64,
    end: f64,
    spent: Spent,
}

/// The number of uncertain pieces from which it is worth looking for those that have become certain.
const UNCERTAIN: usize = 16;

impl Server {
    pub(super) fn new(speed: f64, on_duty: bool) -> Server {
        Server {
            on_duty,
            speed,
            time: Some(Box::default()),
            ..Server::unnumbered()
        }
    }

    /// A server without a number.
    pub(super) fn unnumbered() -> Server {
        Server {
            hold: Hold::Nobody,
            up: true,
            on_duty: true,
            speed: 1.0,
            factor: 1.0,
            idle_since: 0.0,
            set_for: None,
            epoch: 0,
            clock: FaultClockState::default(),
            time: None,
            busy: None,
        }
    }

    /// Also records busy time by these intervals.
    pub(super) fn report(&mut self, intervals: Intervals) {
        self.busy = Some(Box::new(BusyTime::new(intervals)));
    }

    /// Busy time by intervals, up to the last with any.
    pub(super) fn busy_by_interval(&self) -> &[f64] {
        self.busy.as_ref().map_or(&[], |busy| busy.areas())
    }

    #[cold]
    fn book_interval(&mut self, now: f64) {
        let is_busy = self.spends() == Spent::Busy;
        if let (Some(busy), Some(time)) = (&mut self.busy, &self.time)
            && is_busy
        {
            busy.add(1, (time.since, now));
        }
    }

    /// The time this much work takes at the current speed.
    #[inline]
    pub(super) fn takes(&self, work: f64) -> f64 {
        let pace = self.speed * self.factor;
        // A division takes as long as everything else at the start of a service.
        match pace == 1.0 {
            true => work,
            false => work / pace,
        }
    }

    /// Whether it can take a customer.
    pub(super) fn is_free(&self) -> bool {
        self.hold == Hold::Nobody && self.up && self.on_duty
    }

    /// Whether it is off duty and without a customer.
    pub(super) fn is_off(&self) -> bool {
        self.hold == Hold::Nobody && !self.on_duty
    }

    /// The customer it holds.
    pub(super) fn slot(&self) -> Option<Slot> {
        match self.hold {
            Hold::Nobody => None,
            Hold::SettingUp { slot, .. }
            | Hold::Serving { slot, .. }
            | Hold::Finished { slot }
            | Hold::Stopped { slot, .. } => Some(slot),
        }
    }

    fn spends(&self) -> Spent {
        match self.hold {
            Hold::Finished { .. } => Spent::Blocked,
            Hold::Stopped { .. } => Spent::Down,
            Hold::SettingUp { .. } => Spent::SetUp,
            Hold::Serving { .. } => Spent::Busy,
            Hold::Nobody if !self.on_duty => Spent::Off,
            Hold::Nobody if !self.up => Spent::Down,
            Hold::Nobody => Spent::Idle,
        }
    }

    /// Books the time up to `now`; to be called before anything about the server changes. The window does not close
    /// before `certain`.
    pub(super) fn book(&mut self, now: f64, certain: f64) {
        // Usually no time has passed since the last change.
        if self.time.as_ref().is_none_or(|time| now <= time.since) {
            return;
        }
        if self.busy.is_some() {
            self.book_interval(now);
        }
        let spent = self.spends();
        if let Some(time) = &mut self.time {
            time.book(spent, now, certain);
        }
    }

    /// The number of pieces of its time kept until it is known whether they lie in the window.
    #[cfg(test)]
    pub(super) fn uncertain(&self) -> usize {
        self.time.as_ref().map_or(0, |time| time.uncertain.len())
    }

    /// Opens the window: time booked before is discarded.
    pub(super) fn open_window(&mut self, now: f64) {
        self.book_interval(now);
        if let Some(time) = &mut self.time {
            **time = TimeSpent {
                since: now,
                ..TimeSpent::default()
            };
        }
    }

    /// The use of its time in the window that closes at `close`.
    fn spent(&self, close: f64) -> TimeSpent {
        let mut time = self
            .time
            .as_deref()
            .expect("a server with a number")
            .clone();
        time.book(self.spends(), close, close);
        while let Some(piece) = time.uncertain.pop_front() {
            time.add(Piece {
                end: piece.end.min(close),
                ..piece
            });
        }
        time
    }
}

/// The time of the servers of a station in its window, by use: totals over the servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerTime {
    /// Number of servers.
    pub servers: u32,
    /// In service.
    pub busy: f64,
    /// Up and on duty without a customer.
    pub idle: f64,
    /// Held by a customer who finds no place further on.
    pub blocked: f64,
    /// In set-ups.
    pub setup: f64,
    /// Under repair, or waiting for it.
    pub down: f64,
    /// Off duty.
    pub off: f64,
    /// The longest idle period of any one server.
    pub idle_longest: f64,
}

impl ServerTime {
    /// The time of these servers in the window from `opened` to `now`.
    ///
    /// # Panics
    /// If the parts of a server's time do not add up to the window.
    pub(super) fn of(servers: &[Server], (opened, now): (f64, f64)) -> ServerTime {
        let spent: Vec<TimeSpent> = servers.iter().map(|server| server.spent(now)).collect();
        for (number, one) in (1..).zip(&spent) {
            let (parts, window) = (one.whole(), now - opened);
            assert!(
                (parts - window).abs() <= 1e-9 * now.max(1.0),
                "the parts of the time of server {number} add up to {parts}, its window to {window}"
            );
        }
        let total =
            |part: fn(&TimeSpent) -> &LaneSum| spent.iter().map(|one| part(one).total()).sum();
        ServerTime {
            servers: servers.len() as u32,
            busy: total(|one| &one.busy),
            idle: total(|one| &one.idle),
            blocked: total(|one| &one.blocked),
            setup: total(|one| &one.set_up),
            down: total(|one| &one.down),
            off: total(|one| &one.off),
            idle_longest: spent.iter().map(|one| one.idle_longest).fold(0.0, f64::max),
        }
    }
}

impl TimeSpent {
    fn whole(&self) -> f64 {
        let in_use = self.busy.total() + self.blocked.total() + self.set_up.total();
        in_use + self.idle.total() + self.down.total() + self.off.total()
    }

    #[inline]
    fn book(&mut self, spent: Spent, now: f64, certain: f64) {
        if now <= self.since {
            return;
        }
        let piece = Piece {
            begin: self.since,
            end: now,
            spent,
        };
        self.since = now;
        // While a customer has yet to leave, everything before is certain.
        let certain = match spent {
            Spent::Idle | Spent::Off | Spent::Down => certain,
            Spent::Blocked | Spent::SetUp | Spent::Busy => now,
        };
        if !self.uncertain.is_empty() && (now <= certain || self.uncertain.len() >= UNCERTAIN) {
            while let Some(earlier) = self.uncertain.pop_front_if(|piece| piece.end <= certain) {
                self.add(earlier);
            }
        }
        if now <= certain {
            self.add(piece);
        } else {
            self.uncertain.push_back(piece);
        }
    }

    fn add(&mut self, Piece { begin, end, spent }: Piece) {
        if end <= begin {
            return;
        }
        match spent {
            Spent::Blocked => &mut self.blocked,
            Spent::Down => &mut self.down,
            Spent::SetUp => &mut self.set_up,
            Spent::Busy => &mut self.busy,
            Spent::Off => &mut self.off,
            Spent::Idle => &mut self.idle,
        }
        .add(end - begin);
        if spent == Spent::Idle {
            // A piece of length zero does not split a period.
            let first = match self.idle_spell {
                Some((first, last)) if last == begin => first,
                _ => begin,
            };
            self.idle_spell = Some((first, end));
            self.idle_longest = self.idle_longest.max(end - first);
        }
    }
}
