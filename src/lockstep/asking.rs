//! The coordinator's questions to stations, and the processing of the answers. Stations in its own thread are
//! called directly; others are asked by messages, which [`Coordinator::advance`] lists and [`Coordinator::absorb`]
//! takes back.

use super::ask::{Answer, Ask, State};
use super::coordinator::Coordinator;
use super::places::{At, LastVisit, Released};
use crate::station::{Gone, Person, Station};
use crate::time::Moment;

impl Coordinator {
    /// Asks each station due at this moment, in order.
    #[inline(always)]
    fn each_due(&mut self, ask: impl Fn(&mut Coordinator, u32)) {
        if self.due.first_time() != self.now.time {
            return;
        }
        if let Some(station) = self.due.only_first() {
            if self.due.of(station) == self.now {
                ask(self, station);
            }
            return;
        }
        let mut stations = std::mem::take(&mut self.concerned);
        self.due.list(self.now, &mut stations);
        for station in stations.drain(..) {
            ask(self, station);
        }
        self.concerned = stations;
    }

    /// Asks the stations that are due to end services and set-ups.
    pub(super) fn ask_to_end(&mut self) {
        self.turns = !self.stations.are_at_hand();
        self.each_due(|this, station| {
            let (now, certain) = (this.now, this.certain());
            let Some(one) = this.stations.at_hand.get_mut(station as usize) else {
                return this.asks.push((station, Ask::End));
            };
            one.expect_close(certain);
            one.end(now, &mut this.ended);
            // Anything else due at this moment concerns servers that come up or go down, or patience.
            this.turns |= one.may_be_due(now);
            this.note(station);
        });
    }

    /// Asks the stations that are due to bring servers up and take them down.
    pub(super) fn ask_to_turn(&mut self) {
        self.each_due(|this, station| this.ask_who_goes(station, &Ask::Turn, Station::turn));
    }

    /// Asks the stations that are due to end the patience of customers.
    pub(super) fn ask_to_give_up(&mut self) {
        self.each_due(|this, station| {
            this.ask_who_goes(station, &Ask::Patience, Station::give_up);
        });
    }

    /// Asks a station for customers who leave it without being sent on: by calling `act` if it is in this thread.
    fn ask_who_goes(
        &mut self,
        station: u32,
        ask: &Ask,
        act: fn(&mut Station, Moment, &mut Vec<Gone>),
    ) {
        let certain = self.certain();
        let Some(one) = self.stations.at_hand.get_mut(station as usize) else {
            return self.asks.push((station, ask.clone()));
        };
        let mut gone = std::mem::take(&mut self.gone);
        one.expect_close(certain);
        act(one, self.now, &mut gone);
        self.note(station);
        for gone in gone.drain(..) {
            self.give_up(station, gone);
        }
        self.gone = gone;
        self.fill_places(station);
    }

    /// Asks a station to begin at most this many services.
    pub(super) fn ask_to_begin(&mut self, station: u32, most: u64) {
        let certain = self.certain();
        let Some(one) = self.stations.at_hand.get_mut(station as usize) else {
            return self.asks.push((station, Ask::Begin(most)));
        };
        one.expect_close(certain);
        let begun = one.begin(self.now, most);
        let more = begun == most && one.can_begin();
        self.note(station);
        self.stations.set_awake(station, more);
        self.reserve(station, begun);
        self.fill_places(station);
    }

    /// Asks all stations.
    pub(super) fn ask_all(&mut self, ask: &Ask) {
        let (now, certain) = (self.now, self.certain());
        for station in 0..self.stations.len() as u32 {
            match self.stations.at_hand.get_mut(station as usize) {
                Some(one) => {
                    let mut answer = Answer::default();
                    answer.act(one, ask.clone(), now, certain);
                    self.stations.change(station);
                    self.absorb(station, &mut answer);
                }
                None => self.asks.push((station, ask.clone())),
            }
        }
    }

    /// Asks a station to take a customer for whom it has a place.
    pub(super) fn ask_to_arrive(
        &mut self,
        station: u32,
        person: Box<Person>,
        last: Option<LastVisit>,
    ) {
        let (able, certain) = (self.stations.allowance(station), self.certain());
        let Some(one) = self.stations.at_hand.get_mut(station as usize) else {
            self.taking = Some((station, last));
            self.asks.push((station, Ask::Arrive(person, able)));
            return;
        };
        one.expect_close(certain);
        let balked = one.arrive(person, self.now, able).err();
        self.note(station);
        self.taken(station, last, balked);
    }

    /// Asks the stations of leaving customers to release them.
    pub(super) fn ask_to_release(&mut self) {
        if let [one] = self.leaving.as_slice()
            && self.stations.are_at_hand()
        {
            let (at, way) = (one.at, one.way);
            self.leaving.clear();
            let released = self.release(at);
            self.note(at.station);
            self.fill_places(at.station);
            return self.send_on(way, released);
        }
        std::mem::swap(&mut self.leaving, &mut self.releasing);
        self.released.resize(self.releasing.len(), None);
        // By station, and at one station in the order of leaving.
        let mut order: Vec<usize> = (0..self.releasing.len()).collect();
        order.sort_by_key(|&index| self.releasing[index].at.station);
        let releasing = &self.releasing;
        let groups: Vec<Vec<usize>> = order
            .chunk_by(|&a, &b| releasing[a].at.station == releasing[b].at.station)
            .map(<[usize]>::to_vec)
            .collect();
        for group in groups {
            let station = self.releasing[group[0]].at.station;
            if !self.stations.are_at_hand() {
                let servers = group.iter().map(|&index| self.releasing[index].at.server);
                let servers = servers.collect();
                self.asks.push((station, Ask::Release(servers)));
                continue;
            }
            for index in group {
                self.released[index] = Some(self.release(self.releasing[index].at));
            }
            self.note(station);
            self.fill_places(station);
        }
    }

    /// Releases a customer from a station in this thread.
    fn release(&mut self, at: At) -> Released {
        let certain = self.certain();
        let (station, stations) = (at.station as usize, &mut self.stations);
        stations.known[station].leaving -= 1;
        let one = &mut stations.at_hand[station];
        one.expect_close(certain);
        one.release(at.server, self.now)
    }

    /// Notes a change at a station in this thread: its next due moment is updated later, its events are recorded
    /// now.
    #[inline(always)]
    fn note(&mut self, station: u32) {
        self.stations.change(station);
        if self.sink.wants_events() {
            self.note_events(station);
        }
    }

    #[cold]
    fn note_events(&mut self, station: u32) {
        let mut events = Vec::new();
        self.stations.at_hand[station as usize].take_events(&mut events);
        self.sink.happened(events);
    }

    /// Notes the state of a station that is an actor.
    fn learn(&mut self, station: u32, state: State) {
        self.due.set(station, state.next);
        if state.can_begin {
            self.stations.set_awake(station, true);
        }
        self.stations.known[station as usize].state = state;
    }

    /// Processes the answer of a station.
    pub(super) fn absorb(&mut self, station: u32, answer: &mut Answer) {
        self.learn(station, answer.state);
        self.sink.happened(answer.events.drain(..));
        if self.is_over() {
            for Gone { person, visit } in answer.gone.drain(..) {
                self.sink.unfinished(&person, visit, self.now);
            }
            return;
        }
        self.ended.append(&mut answer.ended);
        self.stations.known[station as usize].leaving -= answer.left.len() as u64;
        let asked = self.releasing.iter().zip(&mut self.released);
        let asked = asked.filter(|(leaving, _)| leaving.at.station == station);
        for ((_, released), left) in asked.zip(answer.left.drain(..)) {
            *released = Some(left);
        }
        if let Some((_, last)) = self.taking.take() {
            self.taken(station, last, answer.balked.take());
        }
        self.reserve(station, answer.begun);
        for gone in answer.gone.drain(..) {
            self.give_up(station, gone);
        }
        self.fill_places(station);
    }

    /// Notes that a station has taken a customer, or that the customer balked.
    #[inline]
    fn taken(&mut self, station: u32, last: Option<LastVisit>, balked: Option<Box<Person>>) {
        if let Some(person) = balked {
            self.turn_away(station, last, &person);
        }
        // A newcomer whose service may begin at once is considered in this round, even if no place further on is left.
        self.stations.known[station as usize].touched = true;
    }

    #[cold]
    fn turn_away(&mut self, station: u32, last: Option<LastVisit>, person: &Person) {
        self.sink.balked(person, last, station, self.now);
        self.fill_places(station);
    }
}
