//! The coordinator's questions to stations, and what follows from the answers. Stations in its own thread are asked at
//! once, without a message; others by messages, which [`Coordinator::advance`] lists and [`Coordinator::absorb`] takes back.

use super::ask::{Answer, Ask, State};
use super::coordinator::Coordinator;
use super::places::LastVisit;
use crate::station::{Gone, Person};

impl Coordinator {
    /// Asks all stations that are due at this moment to end services, or to let servers come up and go down, or to
    /// end patience.
    pub(super) fn ask_those_due(&mut self, ask: &Ask) {
        if self.due.first() != self.now {
            return;
        }
        let mut stations = std::mem::take(&mut self.concerned);
        self.due.list(self.now, &mut stations);
        for station in stations.drain(..) {
            self.ask(station, ask.clone());
        }
        self.concerned = stations;
    }

    /// Asks a station.
    pub(super) fn ask(&mut self, station: u32, ask: Ask) {
        let (now, certain) = (self.now, self.sink.clock);
        let Some(one) = self.at_hand.get_mut(station as usize) else {
            self.asks.push((station, ask));
            return;
        };
        match ask {
            Ask::End => {
                one.expect_close(certain);
                let before = self.ended.len();
                one.end(now, &mut self.ended);
                if self.ended.len() == before || self.sink.wants_events() {
                    self.note_state(station);
                } else {
                    // The rest of the state is noted when their customers leave, or are blocked.
                    self.due.set(station, one.next_due());
                }
            }
            Ask::Begin(most) => {
                one.expect_close(certain);
                let begun = one.begin(now, most);
                self.note_state(station);
                self.reserve(station, begun);
            }
            Ask::Turn | Ask::Patience => {
                one.expect_close(certain);
                let mut gone = std::mem::take(&mut self.gone);
                if ask == Ask::Turn {
                    one.turn(now, &mut gone);
                } else {
                    one.give_up(now, &mut gone);
                }
                self.note_state(station);
                for gone in gone.drain(..) {
                    self.give_up(station, gone);
                }
                self.gone = gone;
            }
            rare => {
                let mut answer = Answer::default();
                answer.act(one, rare, now, certain);
                return self.absorb(station, &mut answer);
            }
        }
        self.fill_places(station);
    }

    /// Asks a station to take a customer who has a place there.
    pub(super) fn ask_to_arrive(
        &mut self,
        station: u32,
        person: Box<Person>,
        last: Option<LastVisit>,
    ) {
        let able = self.allowance(station);
        let Some(one) = self.at_hand.get_mut(station as usize) else {
            self.taking = Some((station, last));
            self.asks.push((station, Ask::Arrive(person, able)));
            return;
        };
        one.expect_close(self.sink.clock);
        let balked = one.arrive(person, self.now, able).err();
        self.note_state(station);
        self.taken(station, last, balked);
        self.fill_places(station);
    }

    /// Asks the stations of those who are leaving to let them go.
    pub(super) fn ask_to_release(&mut self) {
        std::mem::swap(&mut self.leaving, &mut self.released);
        if let [one] = self.released.as_slice()
            && !self.at_hand.is_empty()
        {
            let station = one.at.station;
            self.release_at_hand(0);
            self.note_state(station);
            self.fill_places(station);
            return;
        }
        // By station, at one station in the order of leaving.
        let mut order: Vec<usize> = (0..self.released.len()).collect();
        order.sort_by_key(|&index| self.released[index].at.station);
        let released = &self.released;
        let groups: Vec<Vec<usize>> = order
            .chunk_by(|&a, &b| released[a].at.station == released[b].at.station)
            .map(<[usize]>::to_vec)
            .collect();
        for group in groups {
            let station = self.released[group[0]].at.station;
            if self.at_hand.is_empty() {
                let servers = group.iter().map(|&index| self.released[index].at.server);
                let servers = servers.collect();
                self.asks.push((station, Ask::Release(servers)));
                continue;
            }
            for index in group {
                self.release_at_hand(index);
            }
            self.note_state(station);
            self.fill_places(station);
        }
    }

    fn release_at_hand(&mut self, index: usize) {
        let leaving = &mut self.released[index];
        let one = &mut self.at_hand[leaving.at.station as usize];
        one.expect_close(self.sink.clock);
        leaving.released = Some(one.release(leaving.at.server, self.now));
    }

    /// Looks at the state of a station at hand, and at what has happened there.
    #[inline]
    fn note_state(&mut self, station: u32) {
        let one = &mut self.at_hand[station as usize];
        if self.sink.wants_events() {
            let mut events = Vec::new();
            one.take_events(&mut events);
            self.sink.happened(events);
        }
        let state = State::of(one);
        self.learn(station, state);
    }

    /// A customer whose service has ended at a station holds its server. Those who leave there are not counted any more,
    /// so the rest of its state stands.
    pub(super) fn note_blocked(&mut self, station: u32) {
        if let Some(one) = self.at_hand.get(station as usize) {
            let state = &mut self.stations[station as usize].state;
            state.stuck = one.is_stuck();
            state.can_begin = one.can_begin();
        }
    }

    /// A station is in this state.
    #[inline]
    fn learn(&mut self, station: u32, state: State) {
        self.due.set(station, state.next);
        if state.can_begin {
            self.wake(station);
        }
        self.stations[station as usize].state = state;
    }

    /// Takes the answer of a station.
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
        let mut asked = self.released.iter_mut();
        for released in answer.left.drain(..) {
            let one = asked.find(|one| one.at.station == station && one.released.is_none());
            one.expect("it was to be released").released = Some(released);
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

    /// A station has taken a customer, or the customer did not join.
    fn taken(&mut self, station: u32, last: Option<LastVisit>, balked: Option<Box<Person>>) {
        match (last, balked) {
            (last, Some(person)) => self.sink.balked(&person, last, station, self.now),
            (Some((left, visit)), None) => self.sink.visited(visit, left),
            (None, None) => {}
        }
        // A newcomer whose service may begin at once is looked at in this round, even where no place further on is left.
        let known = &mut self.stations[station as usize];
        known.touched |= known.state.can_begin;
    }
}
