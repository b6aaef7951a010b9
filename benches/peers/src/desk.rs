//! The desk of `w3`: its rules in arrays, and the plain kernel that runs them.
//!
//! Four servers of five attendants (two serve class 0, two class 1, one both), each holding at most
//! 8; ten requests a step on average, a buffer of 100, services and repairs of geometric length,
//! random faults, least-loaded dispatch, rebalancing. The peers run the same rules, but each lets
//! attendants work in its own way.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

const SERVERS: usize = 4;
const EACH: usize = 5;
pub(crate) const ATTENDANTS: usize = SERVERS * EACH;
/// The attendants that serve each class, those with fewer skills first.
const SERVING: [[usize; 3]; 2] = [[0, 1, 4], [2, 3, 4]];
const HOLDS: usize = 8;
const BUFFER: usize = 100;
const FAULT: f64 = 0.02;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    id: u64,
    arrival: u64,
    class: usize,
    pub(crate) service: u64,
    began: bool,
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    generated: u64,
    completed: u64,
    interrupted: u64,
    waited: u64,
    began: u64,
    sojourn: u64,
    busy: u64,
    steps: u64,
}

impl Counts {
    pub(crate) fn answers(&self) -> String {
        let per_step = |count: u64| count as f64 / self.steps as f64;
        format!(
            "\"completed\": {}, \"interrupted\": {}, \"waiting\": {}, \"sojourn\": {}, \"utilisation\": {}",
            per_step(self.completed),
            per_step(self.interrupted),
            self.waited as f64 / self.began as f64,
            self.sojourn as f64 / self.completed as f64,
            per_step(self.busy) / ATTENDANTS as f64,
        )
    }
}

/// The state of the desk, except for how attendants work.
#[derive(Serialize, Deserialize)]
pub(crate) struct Desk {
    rng: Xoshiro256PlusPlus,
    step: u64,
    /// The step in which each attendant comes up; 0 while it is up.
    up_at: [u64; ATTENDANTS],
    idle_since: [u64; ATTENDANTS],
    pub(crate) busy: [Option<Request>; ATTENDANTS],
    /// Requests waiting at each server, by class, in order of id.
    queues: [[VecDeque<Request>; 2]; SERVERS],
    handed_over: VecDeque<Request>,
    buffer: VecDeque<Request>,
    pub(crate) counts: Counts,
}

fn geometric(rng: &mut Xoshiro256PlusPlus, mean: f64) -> u64 {
    ((1.0 - rng.random::<f64>()).ln() / (1.0 - 1.0 / mean).ln())
        .ceil()
        .max(1.0) as u64
}

fn insert(queue: &mut VecDeque<Request>, request: Request) {
    let place = queue.partition_point(|other| other.id < request.id);
    queue.insert(place, request);
}

impl Desk {
    pub(crate) fn new(seed: u64) -> Desk {
        Desk {
            rng: Xoshiro256PlusPlus::seed_from_u64(seed),
            step: 0,
            up_at: [0; ATTENDANTS],
            idle_since: [0; ATTENDANTS],
            busy: [None; ATTENDANTS],
            queues: Default::default(),
            handed_over: VecDeque::new(),
            buffer: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    fn up_with(&self, server: usize, class: usize) -> usize {
        let up = |&&place: &&usize| self.up_at[server * EACH + place] == 0;
        SERVING[class].iter().filter(up).count()
    }

    fn held(&self, server: usize) -> usize {
        let busy = self.busy[server * EACH..][..EACH].iter().flatten().count();
        busy + self.queues[server][0].len() + self.queues[server][1].len()
    }

    fn is_free(&self, attendant: usize) -> bool {
        self.up_at[attendant] == 0 && self.busy[attendant].is_none()
    }

    /// The first free attendant of a server for a class.
    fn free(&self, server: usize, class: usize) -> Option<usize> {
        let [one, other, both] = SERVING[class].map(|place| server * EACH + place);
        let pair = [one, other]
            .into_iter()
            .filter(|&attendant| self.is_free(attendant));
        let longest = pair.min_by_key(|&attendant| self.idle_since[attendant]);
        longest.or_else(|| Some(both).filter(|&attendant| self.is_free(attendant)))
    }

    /// Runs the phases of a step before the work; fills in the interrupted and the starting
    /// attendants.
    pub(crate) fn step(&mut self, interrupted: &mut Vec<usize>, started: &mut Vec<usize>) {
        self.step += 1;
        self.counts.steps += 1;
        self.strike(interrupted);
        let count = Poisson::new(10.0)
            .expect("a mean above 0")
            .sample(&mut self.rng) as u64;
        for _ in 0..count {
            self.counts.generated += 1;
            let request = Request {
                id: self.counts.generated,
                arrival: self.step,
                class: usize::from(self.rng.random::<f64>() >= 0.5),
                service: geometric(&mut self.rng, 1.5),
                began: false,
            };
            if self.buffer.len() < BUFFER {
                self.buffer.push_back(request);
            }
        }
        self.dispatch();
        for server in 0..SERVERS {
            self.put_to_work(server, started);
        }
        self.rebalance(started);
        self.counts.busy += self.busy.iter().flatten().count() as u64;
    }

    fn strike(&mut self, interrupted: &mut Vec<usize>) {
        for attendant in 0..ATTENDANTS {
            if self.up_at[attendant] == self.step {
                self.up_at[attendant] = 0;
                self.idle_since[attendant] = self.step;
            }
        }
        let mut struck = false;
        for attendant in 0..ATTENDANTS {
            if self.up_at[attendant] == 0 && self.rng.random::<f64>() < FAULT {
                struck = true;
                self.up_at[attendant] = self.step + geometric(&mut self.rng, 4.0);
                if let Some(request) = self.busy[attendant].take() {
                    self.counts.interrupted += 1;
                    interrupted.push(attendant);
                    insert(&mut self.handed_over, request);
                }
            }
        }
        for (server, class) in (0..SERVERS).flat_map(|server| [(server, 0), (server, 1)]) {
            if struck && self.up_with(server, class) == 0 {
                while let Some(request) = self.queues[server][class].pop_front() {
                    insert(&mut self.handed_over, request);
                }
            }
        }
    }

    fn dispatch(&mut self) {
        for from_buffer in [false, true] {
            let waiting = if from_buffer {
                &mut self.buffer
            } else {
                &mut self.handed_over
            };
            let mut waiting = std::mem::take(waiting);
            let mut full = [false; 2];
            waiting.retain(|request| {
                let class = request.class;
                if full[class] {
                    return true;
                }
                let mut best: Option<(usize, usize, usize)> = None;
                for server in 0..SERVERS {
                    let (held, up) = (self.held(server), self.up_with(server, class));
                    let able = held < HOLDS && up > 0;
                    if able && best.is_none_or(|(_, least, among)| held * among < least * up) {
                        best = Some((server, held, up));
                    }
                }
                match best {
                    Some((server, ..)) => insert(&mut self.queues[server][class], *request),
                    None => full[class] = true,
                }
                full[class]
            });
            *(if from_buffer {
                &mut self.buffer
            } else {
                &mut self.handed_over
            }) = waiting;
        }
    }

    fn start(&mut self, attendant: usize, mut request: Request, started: &mut Vec<usize>) {
        if !request.began {
            request.began = true;
            self.counts.began += 1;
            self.counts.waited += self.step - request.arrival;
        }
        self.busy[attendant] = Some(request);
        started.push(attendant);
    }

    fn put_to_work(&mut self, server: usize, started: &mut Vec<usize>) {
        let mut stuck = [false; 2];
        loop {
            let head = |class: usize| self.queues[server][class].front().map(|one| one.id);
            let heads = (0..2).filter(|&class| !stuck[class]);
            let Some((_, class)) = heads.filter_map(|class| Some((head(class)?, class))).min()
            else {
                return;
            };
            match self.free(server, class) {
                Some(attendant) => {
                    if let Some(request) = self.queues[server][class].pop_front() {
                        self.start(attendant, request, started);
                    }
                }
                None => stuck[class] = true,
            }
        }
    }

    fn rebalance(&mut self, started: &mut Vec<usize>) {
        if self.queues.iter().flatten().all(VecDeque::is_empty) {
            return;
        }
        for server in 0..SERVERS {
            let mut free: Vec<usize> = (server * EACH..(server + 1) * EACH).collect();
            free.retain(|&attendant| self.is_free(attendant));
            let both = |attendant: usize| attendant % EACH == EACH - 1;
            free.sort_by_key(|&attendant| (both(attendant), self.idle_since[attendant], attendant));
            for attendant in free {
                if self.held(server) >= HOLDS {
                    break;
                }
                let serves = |&class: &usize| SERVING[class].contains(&(attendant % EACH));
                let first = (0..SERVERS)
                    .filter(|&other| other != server)
                    .flat_map(|other| (0..2).filter(serves).map(move |class| (other, class)))
                    .filter_map(|(other, class)| {
                        Some((self.queues[other][class].front()?.id, other, class))
                    })
                    .min();
                if let Some((_, other, class)) = first
                    && let Some(request) = self.queues[other][class].pop_front()
                {
                    self.start(attendant, request, started);
                }
            }
        }
    }

    /// Ends a service successfully in the current step.
    pub(crate) fn complete(&mut self, attendant: usize) {
        let request = self.busy[attendant].take().expect("it serves somebody");
        self.idle_since[attendant] = self.step + 1;
        self.counts.completed += 1;
        self.counts.sojourn += self.step - request.arrival + 1;
    }
}

/// The plain kernel, which keeps the steps in which services end in an array.
pub(crate) fn run(steps: u64) -> Counts {
    let mut desk = Desk::new(1);
    let (mut interrupted, mut started) = (Vec::new(), Vec::new());
    let mut ends = [u64::MAX; ATTENDANTS];
    for step in 1..=steps {
        desk.step(&mut interrupted, &mut started);
        for attendant in interrupted.drain(..) {
            ends[attendant] = u64::MAX;
        }
        for attendant in started.drain(..) {
            let service = desk.busy[attendant].map_or(1, |request| request.service);
            ends[attendant] = step + service - 1;
        }
        for (attendant, end) in ends.iter_mut().enumerate() {
            if *end == step {
                *end = u64::MAX;
                desk.complete(attendant);
            }
        }
    }
    desk.counts
}
