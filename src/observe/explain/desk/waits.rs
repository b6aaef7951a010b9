//! The place at which the request waits, the requests ahead of it, and the reasons why no server takes it.

use super::super::super::room::desk::Whereabouts;
use super::super::super::room::{AttendantRoom, AttendantState, ServerRoom};
use super::super::{Chapter, Reason, listed, marked};
use super::Following;
use crate::number::{agreeing, of_them};
use crate::scenario::Queue;
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::mem;

/// The reason why a server could not be given the request.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// No attendant with its skill is up.
    NobodyUp(Reason),
    /// The server of this index was full, with this number of requests.
    Full(usize, u64),
}

/// A wait at one instant.
#[derive(Debug, Default)]
pub(super) struct Wait {
    /// The place, in words.
    place: String,
    /// The requests ahead, nearest to service first.
    ahead: Vec<u64>,
    /// The reasons why servers that could have taken it did not.
    why: Vec<Hindrance>,
}

/// The reason why a server did not take the request.
#[derive(Clone, Debug)]
struct Hindrance {
    /// The reason at one instant.
    reason: Reason,
    /// The same without the requests that it names, which change while the wait goes on.
    lasting: String,
}

impl Hindrance {
    /// A reason that names no requests.
    fn steady(reason: Reason) -> Hindrance {
        let lasting = reason.text.clone();
        Hindrance { reason, lasting }
    }
}

/// The order of service at one place: requests handed over first, then by priority, then by arrival.
type Rank = (u8, Reverse<i64>, Time, u64);

impl Wait {
    /// Whether `later` continues this wait, so that one sentence describes both: in the same place for the same
    /// reasons, with no request ahead that was not ahead before.
    fn goes_on_in(&self, later: &Wait) -> bool {
        let are_fewer = later.ahead.len() < self.ahead.len();
        let alike = self.why.iter().zip(&later.why).all(|(one, other)| {
            one.reason == other.reason
                || are_fewer
                    && (&one.reason.server, &one.lasting) == (&other.reason.server, &other.lasting)
        });
        self.place == later.place
            && self.why.len() == later.why.len()
            && alike
            && are_among(&later.ahead, &self.ahead)
    }
}

/// Whether `some` are all among `others`; fast if both are mostly in the same order.
fn are_among(some: &[u64], others: &[u64]) -> bool {
    let mut rest = others.iter();
    let in_order = some.iter().all(|one| rest.any(|other| other == one));
    in_order || {
        let others: BTreeSet<&u64> = others.iter().collect();
        some.iter().all(|one| others.contains(one))
    }
}

impl Following<'_> {
    /// Finds the servers that could not be given the request, at the moment when requests are dispatched.
    pub(super) fn refuse(&mut self) {
        let Some(class) = self.class() else {
            return;
        };
        self.refusals.clear();
        for (index, server) in self.fold.room.servers.iter().enumerate() {
            let skilled = skilled(server, class);
            if skilled.is_empty() {
                continue;
            }
            let down: Vec<String> = down_of(&skilled);
            if down.len() == skilled.len() {
                self.refusals.push(Refusal::NobodyUp(Reason {
                    server: server.name.clone(),
                    text: format!("nobody with its skill is up ({})", away(&skilled)),
                }));
            } else if server.capacity.is_some_and(|most| server.held() >= most) {
                self.refusals.push(Refusal::Full(index, server.held()));
            }
        }
    }

    /// Those reasons in words. For a server that was full, the numbers are those of the step's row, after services have
    /// begun.
    fn reasons(&self, class: usize) -> Vec<Hindrance> {
        let reason = |refusal: &Refusal| {
            let (index, held) = match refusal {
                Refusal::NobodyUp(reason) => return Hindrance::steady(reason.clone()),
                Refusal::Full(index, held) => (*index, *held),
            };
            let server = &self.fold.room.servers[index];
            let (in_service, waiting) = (server.in_service(), server.waiting);
            let full = match in_service + waiting == held {
                true => format!("full: holds {},", of(held, server.capacity)),
                false => "was full when requests were given out;".to_owned(),
            };
            let reason = Reason {
                server: server.name.clone(),
                text: format!("{full} {in_service} in service and {waiting} waiting"),
            };
            Hindrance {
                reason,
                lasting: "was full when requests were given out".to_owned(),
            }
        };
        let mut why: Vec<Hindrance> = self.refusals.iter().map(reason).collect();
        if self.desk.queue == Queue::Central {
            let others = self.fold.room.servers.iter();
            let others =
                others.filter(|server| why.iter().all(|known| known.reason.server != server.name));
            let busy: Vec<Hindrance> = others
                .filter_map(|server| all_busy(server, class))
                .collect();
            why.extend(busy);
            let servers = &self.fold.room.servers;
            why.sort_by_key(|why| servers.iter().position(|one| one.name == why.reason.server));
        }
        why
    }

    /// Adds a wait at the end of a step, or extends the last one, with the requests ahead and the reasons.
    pub(super) fn wait(&mut self) {
        let before = mem::take(&mut self.wait);
        let mut moved = mem::take(&mut self.moved);
        moved.sort_unstable();
        let Some(class) = self.class() else {
            return;
        };
        let place = self.fold.whereabouts.get(&self.request).copied();
        let (place, why) = match place {
            Some(Whereabouts::Buffer) => ("waits in the buffer".to_owned(), self.reasons(class)),
            Some(Whereabouts::HandedOver) => {
                let text = "waits with the supervisor, ahead of the buffer".to_owned();
                (text, self.reasons(class))
            }
            Some(Whereabouts::WaitingAt(server)) => {
                let name = &self.server(server).name;
                (
                    format!("waits at server {name}"),
                    self.nobody_free(class, server),
                )
            }
            Some(Whereabouts::With(..)) | None => return,
        };
        let left = self.left_of(&before.ahead, &moved);
        let ahead = left.unwrap_or_else(|| self.ahead());
        let now = Wait { place, ahead, why };
        let stepped = self.desk.steps().is_some();
        let told = |step: &str, behind: String| match stepped {
            true => format!("At the end of {step} step it {}, {behind}.", now.place),
            false => format!("It {}, {behind}.", now.place),
        };
        let behind = |ahead: &[u64]| match ahead {
            [] => "nobody ahead of it".to_owned(),
            some => format!("behind {}", marked(some)),
        };
        // The wait continues as long as no other request comes ahead.
        if let Some(last) = self.chapters.last_mut()
            && last.event == "waits"
            && (!stepped || last.until.after(1.0) == self.now)
            && before.goes_on_in(&now)
        {
            let left = now.ahead.len() as u64;
            let fewer = match (last.ahead.len() as u64, left) {
                (before, left) if before == left => String::new(),
                (_, 0) => "; in the end nobody is ahead of it".to_owned(),
                _ => format!(
                    "; in the end {left} {} still ahead of it",
                    agreeing(left, "is", "are")
                ),
            };
            last.until = self.now;
            last.text = told("each", behind(&last.ahead) + &fewer);
            for (reason, other) in last.reasons.iter_mut().zip(&now.why) {
                if *reason != other.reason {
                    reason.text.clone_from(&other.lasting);
                }
            }
            self.wait = now;
            return;
        }
        self.chapters.push(Chapter {
            from: self.now,
            until: self.now,
            clock: None,
            event: "waits",
            text: told("the", behind(&now.ahead)),
            ahead: now.ahead.clone(),
            reasons: now.why.iter().map(|why| why.reason.clone()).collect(),
        });
        self.wait = now;
    }

    /// The reasons why no attendant with the skill serves a request that waits at a server: those of that server and,
    /// with rebalancing, those of the servers to which it could have been moved.
    fn nobody_free(&self, class: usize, here: u32) -> Vec<Hindrance> {
        let mut reasons = Vec::new();
        for (index, server) in (0..).zip(&self.fold.room.servers) {
            let skilled = skilled(server, class);
            if skilled.is_empty() || (index != here && !self.desk.rebalance) {
                continue;
            }
            let busy = skilled.iter().filter_map(|attendant| {
                let serving = attendant.serving?;
                Some((&attendant.name, serving.request))
            });
            let busy: Vec<_> = busy.collect();
            let named = busy.iter();
            let named = named.map(|(name, request)| format!("{name} serves #{request}"));
            let mut parts: Vec<String> = named.collect();
            for attendant in &skilled {
                let word = match attendant.state {
                    AttendantState::Down => "down",
                    AttendantState::Off => "off duty",
                    AttendantState::Busy if attendant.serving.is_none() => {
                        "at work after a service"
                    }
                    _ => continue,
                };
                parts.push(format!("{} is {word}", attendant.name));
            }
            let free = skilled.len() - parts.len();
            if free > 0 {
                // Rebalancing leaves an attendant free only if its server is full.
                let when = match server.capacity.is_some_and(|most| server.held() >= most) {
                    true => format!("holds {}", of(server.held(), server.capacity)),
                    false => "was full when work was moved".to_owned(),
                };
                let free = of_them(free as u64, "free attendant");
                parts.push(format!(
                    "it {when}, so that its {free} could take nobody over"
                ));
            }
            let others = busy.iter().map(|(name, _)| format!("{name} serves others"));
            let others: Vec<String> = others.chain(parts[busy.len()..].iter().cloned()).collect();
            reasons.push(Hindrance {
                reason: Reason {
                    server: server.name.clone(),
                    text: listed(&parts),
                },
                lasting: listed(&others),
            });
        }
        reasons
    }

    /// The place at which a request waits, and its rank there; `None` if it does not wait.
    fn rank(&self, request: u64) -> Option<(u32, Rank)> {
        let (class, arrival) = self.known.get(&request).copied().unwrap_or((0, Time::ZERO));
        let (group, place) = match self.fold.whereabouts.get(&request)? {
            Whereabouts::HandedOver => (0, u32::MAX),
            Whereabouts::Buffer => (1, u32::MAX),
            Whereabouts::WaitingAt(server) => (0, *server),
            Whereabouts::With(..) => return None,
        };
        let priority = self.desk.classes[class as usize].priority;
        Some((place, (group, Reverse(priority), arrival, request)))
    }

    /// The requests that wait at the same place ahead of it.
    fn ahead(&self) -> Vec<u64> {
        let Some((here, own)) = self.rank(self.request) else {
            return Vec::new();
        };
        let others = self.fold.whereabouts.keys().filter_map(|&other| {
            let (place, order) = self.rank(other)?;
            (place == here && order < own).then_some((order, other))
        });
        let mut others: Vec<_> = others.collect();
        others.sort_unstable();
        others.into_iter().map(|(_, request)| request).collect()
    }

    /// The requests of `before` that are still ahead; `None` if one of `moved`, which is in order, is now ahead or is
    /// the request itself. It spares sorting a long queue again at every instant.
    fn left_of(&self, before: &[u64], moved: &[u64]) -> Option<Vec<u64>> {
        let (here, own) = self.rank(self.request)?;
        let is_ahead = |&other: &u64| {
            let rank = self.rank(other);
            rank.is_some_and(|(place, order)| place == here && order <= own)
        };
        if moved.iter().any(is_ahead) {
            return None;
        }
        let are_left = before
            .iter()
            .filter(|other| moved.binary_search(other).is_err());
        let left = are_left.copied().collect();
        debug_assert_eq!(left, self.ahead());
        Some(left)
    }
}

/// The attendants of a server with the skill for this class.
fn skilled(server: &ServerRoom, class: usize) -> Vec<&AttendantRoom> {
    let attendants = server.attendants.iter();
    attendants
        .filter(|attendant| attendant.skills.contains(&class))
        .collect()
}

fn down_of(attendants: &[&AttendantRoom]) -> Vec<String> {
    let down = attendants.iter().filter(|attendant| {
        attendant.state == AttendantState::Down || attendant.state == AttendantState::Off
    });
    down.map(|attendant| attendant.name.clone()).collect()
}

/// The reason that all attendants of a server with the skill are busy or away; `None` if one is free or none is busy.
fn all_busy(server: &ServerRoom, class: usize) -> Option<Hindrance> {
    /// The most attendants named.
    const NAMED: usize = 4;
    let skilled = skilled(server, class);
    let at_work = skilled.iter();
    let at_work = at_work.filter(|attendant| attendant.state == AttendantState::Busy);
    let names: Vec<String> = at_work.map(|attendant| attendant.name.clone()).collect();
    if names.is_empty() || names.len() + down_of(&skilled).len() < skilled.len() {
        return None;
    }
    let busy = match names.len() {
        0..=NAMED => format!("{} busy", listed(&names)),
        number => format!("{number} busy"),
    };
    let away = away(&skilled);
    let away = match away.as_str() {
        "" => String::new(),
        away => format!(", {away}"),
    };
    Some(Hindrance::steady(Reason {
        server: server.name.clone(),
        text: format!("nobody with its skill is free ({busy}{away})"),
    }))
}

/// The attendants that are down and those that are off duty, in words.
fn away(attendants: &[&AttendantRoom]) -> String {
    let states = [
        (AttendantState::Down, "down"),
        (AttendantState::Off, "off duty"),
    ];
    let parts = states.iter().filter_map(|(state, word)| {
        let of_it = attendants
            .iter()
            .filter(|attendant| attendant.state == *state);
        let names: Vec<String> = of_it.map(|attendant| attendant.name.clone()).collect();
        (!names.is_empty()).then(|| format!("{} {word}", listed(&names)))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// `4 of 5`, or `4` if there is no limit.
pub(super) fn of(held: u64, capacity: Option<u64>) -> String {
    match capacity {
        Some(capacity) => format!("{held} of {capacity}"),
        None => held.to_string(),
    }
}
