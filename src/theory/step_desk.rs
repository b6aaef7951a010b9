//! A desk in steps: whole numbers of arrivals per step, geometric services, identical attendants.
//!
//! In a step the requests that fit into the buffer enter it; the server takes requests over while
//! it holds fewer than its capacity; each request in service ends in this step with probability p.
//! The next arrivals find the requests left in the buffer. The number M of requests present once
//! the server has taken over is thus a Markov chain: of M, h = min(M, capacity) are at the server,
//! s = min(h, attendants) in service, and M' = M - D + min(A, buffer - (M - h)) with D binomial (s,
//! p). It is solved by elimination without subtractions (see [`super::saturated_line`]); unlimited
//! sizes are cut where less than 1e-13 of the probability lies beyond. Mean times follow from
//! Little's law.

use super::chain::stationary;
use super::{NoAnswer, positive, stable};

/// Largest number of states solved: about a second.
const MOST_STATES: usize = 1024;

/// Probability that may lie beyond a cut.
const TAIL: f64 = 1e-13;

/// The desk.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDesk {
    /// P(A = k), for k = 0, 1, ...; adds up to 1.
    pub arrivals: Vec<f64>,
    /// Mean of a geometric service, in steps, >= 1.
    pub service_mean: f64,
    /// Number of attendants, >= 1.
    pub attendants: usize,
    /// Largest number of requests at the server, in service and waiting; `None` for no limit.
    pub capacity: Option<usize>,
    /// Largest number of requests in the buffer; `None` for no limit.
    pub buffer: Option<usize>,
}

/// The steady state of a [`StepDesk`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Requests generated per step.
    pub generated: f64,
    /// Requests per step that enter the buffer, all of which are eventually completed.
    pub completed: f64,
    /// The share of requests rejected.
    pub rejected_share: f64,
    /// Mean steps from arrival to the first step of service.
    pub waiting_mean: f64,
    /// Mean steps from arrival to completion, both steps counted.
    pub sojourn_mean: f64,
    /// Mean share of attendants busy.
    pub utilisation: f64,
    /// Mean number at the server, before completions.
    pub held_mean: f64,
    /// Mean number in the buffer at the end of a step.
    pub buffer_mean: f64,
}

impl StepDesk {
    /// Solves the chain.
    ///
    /// # Errors
    /// If an argument is out of range, the desk is unstable, or its chain has too many states.
    pub fn solve(&self) -> Result<Steady, NoAnswer> {
        if self.attendants == 0 || self.capacity == Some(0) {
            return Err(NoAnswer::OutOfRange {
                name: "attendants",
                value: 0.0,
            });
        }
        positive("service", self.service_mean - 1.0 + f64::MIN_POSITIVE)?;
        let generated: f64 = weighted(&self.arrivals, |k| k as f64);
        let servers = self
            .capacity
            .map_or(self.attendants, |c| c.min(self.attendants));
        match (self.capacity, self.buffer) {
            (Some(capacity), Some(buffer)) => self.cut_at(capacity + buffer, generated),
            _ => {
                let entering = match self.buffer {
                    Some(most) => weighted(&self.arrivals, |k| k.min(most) as f64),
                    None => generated,
                };
                stable(entering * self.service_mean, servers as f64)?;
                let mut most = 64.max(4 * self.arrivals.len());
                loop {
                    let (steady, beyond) = self.solve_to(most, generated)?;
                    if beyond < TAIL {
                        return Ok(steady);
                    }
                    most *= 2;
                }
            }
        }
    }

    fn cut_at(&self, most: usize, generated: f64) -> Result<Steady, NoAnswer> {
        Ok(self.solve_to(most, generated)?.0)
    }

    /// The steady state with at most `most` requests present, and the probability of the upper
    /// eighth.
    fn solve_to(&self, most: usize, generated: f64) -> Result<(Steady, f64), NoAnswer> {
        if most > MOST_STATES {
            return Err(NoAnswer::TooLarge { limit: MOST_STATES });
        }
        let chain: Vec<Vec<f64>> = (0..=most).map(|m| self.moves(m, most)).collect();
        let pi = long_run(&chain);
        let mean = |of: &dyn Fn(usize) -> f64| weighted(&pi, of);
        let present = mean(&|m| m as f64);
        let held = mean(&|m| self.held(m) as f64);
        let busy = mean(&|m| self.busy(m) as f64);
        let completed = busy / self.service_mean;
        let per = |whole: f64| {
            if completed > 0.0 {
                whole / completed
            } else {
                0.0
            }
        };
        let steady = Steady {
            generated,
            completed,
            rejected_share: if generated > 0.0 {
                mean(&|m| self.rejected(m)) / generated
            } else {
                0.0
            },
            waiting_mean: per(present - busy),
            sojourn_mean: per(present),
            utilisation: busy / self.attendants as f64,
            held_mean: held,
            buffer_mean: present - held,
        };
        Ok((steady, pi[most - most / 8..].iter().sum()))
    }

    fn held(&self, present: usize) -> usize {
        self.capacity.map_or(present, |most| present.min(most))
    }

    fn busy(&self, present: usize) -> usize {
        self.held(present).min(self.attendants)
    }

    /// Places of the buffer for new requests, with this number present before them.
    fn room(&self, present: usize) -> usize {
        let in_buffer = present - self.held(present);
        self.buffer
            .map_or(usize::MAX, |most| most.saturating_sub(in_buffer))
    }

    /// Mean number rejected in a step; 0 if all arrivals find places, since all its terms are 0.
    fn rejected(&self, present: usize) -> f64 {
        let room = self.room(present);
        weighted(&self.arrivals, |new| new.saturating_sub(room) as f64)
    }

    /// Distribution of the next state.
    fn moves(&self, present: usize, most: usize) -> Vec<f64> {
        let room = self.room(present);
        let mut next = vec![0.0; most + 1];
        for (done, chance) in binomial(self.busy(present), 1.0 / self.service_mean).enumerate() {
            for (new, &probability) in self.arrivals.iter().enumerate() {
                let to = (present - done + new.min(room)).min(most);
                next[to] += chance * probability;
            }
        }
        next
    }
}

pub(super) fn weighted(probabilities: &[f64], of: impl Fn(usize) -> f64) -> f64 {
    let terms = probabilities.iter().enumerate();
    terms.map(|(k, probability)| probability * of(k)).sum()
}

/// P(D = 0), P(D = 1), ... of a binomial law.
pub(super) fn binomial(n: usize, p: f64) -> impl Iterator<Item = f64> {
    let mut law = vec![0.0; n + 1];
    law[0] = 1.0;
    for trials in 1..=n {
        for k in (0..=trials).rev() {
            let less = if k > 0 { law[k - 1] } else { 0.0 };
            law[k] = law[k] * (1.0 - p) + less * p;
        }
    }
    law.into_iter()
}

/// The long-run distribution of a chain that begins empty; transient states have probability 0.
pub(super) fn long_run(chain: &[Vec<f64>]) -> Vec<f64> {
    // After many steps the likeliest state is a recurrent one.
    let mut now = vec![0.0; chain.len()];
    now[0] = 1.0;
    for _ in 0..256 {
        let mut next = vec![0.0; chain.len()];
        for (row, &weight) in chain.iter().zip(&now).filter(|&(_, &weight)| weight > 0.0) {
            for (to, probability) in next.iter_mut().zip(row) {
                *to += weight * probability;
            }
        }
        now = next;
    }
    let likeliest = (0..now.len()).fold(0, |best, at| if now[at] > now[best] { at } else { best });
    let mut class = vec![likeliest];
    let mut known = vec![false; chain.len()];
    known[likeliest] = true;
    let mut from = 0;
    while from < class.len() {
        for (to, &probability) in chain[class[from]].iter().enumerate() {
            if probability > 0.0 && !known[to] {
                known[to] = true;
                class.push(to);
            }
        }
        from += 1;
    }
    let rates = class
        .iter()
        .map(|&row| class.iter().map(|&to| chain[row][to]).collect())
        .collect();
    let mut pi = vec![0.0; chain.len()];
    for (&state, probability) in class.iter().zip(stationary(rates)) {
        pi[state] = probability;
    }
    pi
}
