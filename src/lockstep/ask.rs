//! The questions of the coordinator to a station in a phase, and the answers.

use crate::station::{Counts, Ended, Gone, Person, Station, StationEvent, StationVisit};
use crate::time::Moment;

/// A question to one station.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ask {
    /// Phase 1: services and set-ups end.
    End,
    /// Customers whose service has ended leave these servers.
    Release(Vec<u32>),
    /// Phases 2 and 3: servers come up and go down.
    Turn,
    /// Phase 4: a customer for whom there is a place arrives; the number is that of services that could begin at
    /// once as far as places further on allow.
    Arrive(Box<Person>, u64),
    /// Phase 5: at most this many services begin.
    Begin(u64),
    /// Phase 6: patience ends.
    Patience,
    /// Windows open at this time, unless they are open.
    Open(f64),
    /// The run is over.
    Close,
}

/// The answer of a station.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) ended: Vec<Ended>,
    pub(super) left: Vec<(Box<Person>, StationVisit)>,
    pub(super) gone: Vec<Gone>,
    pub(super) balked: Option<Box<Person>>,
    pub(super) begun: u64,
    /// Every change of state, if events are recorded.
    pub(super) events: Vec<StationEvent>,
    pub(super) state: State,
}

/// The coordinator's knowledge of the state of a station.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    pub(super) counts: Counts,
    /// The moment at which anything of it is next due.
    pub(super) next: Moment,
    /// Whether a service could begin there.
    pub(super) can_begin: bool,
    /// The number of servers that can take a customer.
    pub(super) free: u64,
    /// Whether nothing there can move until a place further on becomes free.
    pub(super) stuck: bool,
    /// Whether every customer there stays for ever unless a place further on becomes free.
    pub(super) still: bool,
    /// Whether no server is on duty now or later.
    pub(super) closed: bool,
}

impl Default for State {
    fn default() -> State {
        State {
            counts: Counts::default(),
            next: Moment::NEVER,
            can_begin: false,
            free: 0,
            stuck: false,
            still: true,
            closed: false,
        }
    }
}

impl State {
    pub(super) fn of(station: &mut Station) -> State {
        State {
            counts: station.counts(),
            next: station.next_due(),
            can_begin: station.can_begin(),
            free: station.free_servers(),
            stuck: station.is_stuck(),
            still: station.is_still(),
            closed: station.is_closed(),
        }
    }
}

impl Answer {
    /// Lets a station act on a question at this moment, and records the results. Windows do not close before
    /// `certain`.
    pub(super) fn act(&mut self, station: &mut Station, ask: Ask, now: Moment, certain: f64) {
        station.expect_close(certain);
        match ask {
            Ask::End => station.end(now, &mut self.ended),
            Ask::Release(servers) => {
                let left = servers
                    .into_iter()
                    .map(|server| station.release(server, now));
                self.left.extend(left);
            }
            Ask::Turn => station.turn(now, &mut self.gone),
            Ask::Arrive(person, able) => self.balked = station.arrive(person, now, able).err(),
            Ask::Begin(most) => self.begun = station.begin(now, most),
            Ask::Patience => station.give_up(now, &mut self.gone),
            Ask::Open(time) => station.open_window(time),
            Ask::Close => {
                self.gone = station.close(now);
                self.state = State::default();
                return;
            }
        }
        station.take_events(&mut self.events);
        self.state = State::of(station);
    }
}
