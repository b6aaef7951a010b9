//! The phase-type law: the time until a Markov chain ends (Neuts 1981), drawn phase by phase.
//!
//! Its properties are expected rewards until the end, which solve a linear system; it is solved by the elimination
//! of Grassmann, Taksar and Heyman (1985), which subtracts nothing and so loses no digits. The distribution
//! function is computed by uniformisation, which subtracts nothing either.

use super::*;
use crate::number::{agreeing, of_them};

/// The maximum mean number of phases that a value may pass through from any of them on: more than 10,000 then have
/// a probability of the order of e^-40.
const VISITS_MAX: f64 = 250.0;

/// The maximum number of jumps over which a distribution is followed jump by jump.
const JUMPS_MAX: f64 = 1e4;

/// The number of halvings of its tail that bounds a value: only one in 2^128 is longer.
const HALVINGS: f64 = 128.0;

/// The time until a chain of phases ends.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct PhaseType {
    /// The probabilities of the first phase, which add up to 1.
    #[schemars(length(min = 1, max = 200), inner(range(min = 0.0, max = 1.0)))]
    pub initial: Vec<f64>,
    /// A row for each phase: its rates to the others, and in its own place the rate of ending there.
    #[schemars(length(min = 1, max = 200), extend("items" = serde_json::json!({ "type": "array", "items": { "type": "number", "minimum": 0.0, "x-quantity": "rate" } })))]
    pub rates: Vec<Vec<f64>>,
}

impl<R> Check<R> for PhaseType {
    fn check(mut self, at: &KeyPath, _: &mut Read<'_, R>) -> Result<Law, Problem> {
        let phases = self.initial.len();
        sums_to_one("initial probabilities", &self.initial, &at.key("initial"))?;
        paired(["initial", "rates"], (phases, self.rates.len()), at)?;
        let rates = at.key("rates");
        for (phase, row) in self.rates.iter_mut().enumerate() {
            let path = rates.index(phase);
            if row.len() != phases {
                let message = format!(
                    "`{path}` has {}, but there {} {}",
                    of_them(row.len() as u64, "rate"),
                    agreeing(phases as u64, "is", "are"),
                    of_them(phases as u64, "phase")
                );
                return Err(Problem::value(&path, message)
                    .help("`rates` is a square matrix, a row for each phase"));
            }
            each(row, positive_zero);
        }
        each(&mut self.initial, positive_zero);
        let reached = self.reached();
        let stuck = reached.iter().find(|phase| !self.ends(**phase));
        if let Some(&phase) = stuck {
            let path = rates.index(phase);
            let message =
                format!("`{path}` is a phase that can be reached, and from which no end is");
            return Err(Problem::value(&path, message).help(format!(
                "`{path}.{phase}` is the rate of ending there; it, or that of a phase that can follow, must be above 0"
            )));
        }
        let chain = Chain::of(&self);
        let visits = chain.solve(0.0, &chain.totals());
        let most = visits.iter().copied().fold(0.0, f64::max);
        if visits.iter().any(|visits| visits.is_nan()) || most > VISITS_MAX {
            let message = format!(
                "`{at}` passes through {most:.0} phases in the mean before it ends, from one of them on"
            );
            return Err(Problem::value(&rates, message).help(format!(
                "at most {VISITS_MAX} are allowed: choose greater rates of ending, or smaller ones between phases"
            )));
        }
        Ok(self.into())
    }
}

impl PhaseType {
    /// The phases that can be reached from the first, in ascending order.
    fn reached(&self) -> Vec<usize> {
        let first = (0..self.initial.len()).filter(|&phase| self.initial[phase] > 0.0);
        self.following(first.collect())
    }

    /// These phases and all that can follow them.
    fn following(&self, mut found: Vec<usize>) -> Vec<usize> {
        let mut next = 0;
        while let Some(&phase) = found.get(next) {
            for (to, rate) in self.rates[phase].iter().enumerate() {
                if *rate > 0.0 && !found.contains(&to) {
                    found.push(to);
                }
            }
            next += 1;
        }
        found.sort_unstable();
        found
    }

    /// Whether the end can be reached from a phase.
    fn ends(&self, phase: usize) -> bool {
        let following = self.following(vec![phase]);
        following
            .iter()
            .any(|&phase| self.rates[phase][phase] > 0.0)
    }
}

impl Distribution for PhaseType {
    fn parameters(&self) -> Parameters<'_> {
        vec![
            ("initial", Numbers(&self.initial)),
            ("rates", Rows(&self.rates)),
        ]
    }

    fn moments(&self) -> [f64; 3] {
        let chain = Chain::of(self);
        let mut moments = [0.0; 3];
        let mut below = vec![1.0; chain.ends.len()];
        for (order, moment) in (1u8..).zip(&mut moments) {
            let rewards: Vec<f64> = below.iter().map(|x| f64::from(order) * x).collect();
            below = chain.solve(0.0, &rewards);
            *moment = chain.expected(&below);
        }
        let [mean, second, third] = moments;
        // A product of 0 and infinity on the way stands for a moment beyond the range of floats.
        [mean, second - mean * mean, third].map(|moment| {
            if moment.is_nan() {
                f64::INFINITY
            } else {
                moment
            }
        })
    }

    fn cdf(&self, x: f64) -> f64 {
        if x == 0.0 {
            return 0.0;
        }
        (1.0 - Chain::of(self).lasts(x)).max(0.0)
    }

    fn laplace(&self, s: f64) -> f64 {
        let chain = Chain::of(self);
        chain.expected(&chain.solve(s, &chain.ends))
    }

    /// From any phase, more than twice the longest mean remains with probability at most 1/2 (Markov).
    fn ceiling(&self) -> f64 {
        let chain = Chain::of(self);
        let means = chain.solve(0.0, &vec![1.0; chain.ends.len()]);
        2.0 * HALVINGS * extremes(&means).1
    }

    fn is_exponential(&self) -> bool {
        self.reached().len() == 1
    }

    #[inline(always)]
    fn fill(&self, _: usize, stream: &mut Stream, block: &mut [f64]) {
        let total: f64 = self.initial.iter().sum();
        one_by_one(block, || {
            let mut phase = fallen_on(&self.initial, stream.open() * total);
            let mut time = 0.0;
            loop {
                let row = &self.rates[phase];
                let rate: f64 = row.iter().sum();
                time += (0.0 - ln(stream.open())) / rate;
                let next = fallen_on(row, stream.open() * rate);
                if next == phase {
                    return time;
                }
                phase = next;
            }
        });
    }
}

/// The phases that can be reached: the initial probabilities, the rates between the phases, and those of ending.
struct Chain {
    initial: Vec<f64>,
    between: Vec<Vec<f64>>,
    ends: Vec<f64>,
}

impl Chain {
    fn of(law: &PhaseType) -> Chain {
        let phases = law.reached();
        let total: f64 = law.initial.iter().sum();
        let rate = |from: usize, to: usize| if from == to { 0.0 } else { law.rates[from][to] };
        Chain {
            initial: phases
                .iter()
                .map(|&phase| law.initial[phase] / total)
                .collect(),
            between: phases
                .iter()
                .map(|&from| phases.iter().map(|&to| rate(from, to)).collect())
                .collect(),
            ends: phases
                .iter()
                .map(|&phase| law.rates[phase][phase])
                .collect(),
        }
    }

    /// The rate at which each phase is left.
    fn totals(&self) -> Vec<f64> {
        let both = self.between.iter().zip(&self.ends);
        both.map(|(row, end)| row.iter().sum::<f64>() + end)
            .collect()
    }

    /// The mean over the first phase.
    fn expected(&self, values: &[f64]) -> f64 {
        weighted(&self.initial, values, |value| value)
    }

    /// The expected rewards until the end from each phase, if a phase earns at a rate, and every phase also ends at
    /// the rate `killing`.
    fn solve(&self, killing: f64, rewards: &[f64]) -> Vec<f64> {
        let phases = self.ends.len();
        let mut between = self.between.clone();
        let mut ends: Vec<f64> = self.ends.iter().map(|end| end + killing).collect();
        let mut earned = rewards.to_vec();
        let mut totals = vec![0.0; phases];
        for last in (0..phases).rev() {
            let (before, row) = between.split_at_mut(last);
            let row = &row[0][..last];
            totals[last] = row.iter().sum::<f64>() + ends[last];
            for (phase, onward) in before.iter_mut().enumerate() {
                let share = onward[last] / totals[last];
                for (to, rate) in row.iter().enumerate().filter(|(to, _)| *to != phase) {
                    onward[to] += share * rate;
                }
                ends[phase] += share * ends[last];
                earned[phase] += share * earned[last];
            }
        }
        let mut values = Vec::with_capacity(phases);
        for (phase, row) in between.iter().enumerate() {
            let after = weighted(row, &values, |value| value);
            values.push((earned[phase] + after) / totals[phase]);
        }
        values
    }

    /// The probability that the chain has not ended by time `x`.
    fn lasts(&self, x: f64) -> f64 {
        const STRETCH: f64 = 50.0;
        let totals = self.totals();
        let pace = extremes(&totals).1;
        if pace * x > JUMPS_MAX {
            return self.lasts_long(x, pace);
        }
        let (mut now, mut left) = (self.initial.clone(), pace * x);
        // Jumps come at one rate from every phase, some of them to itself: their number is Poisson.
        while left > 0.0 && now.iter().sum::<f64>() > 1e-18 {
            let jumps = left.min(STRETCH);
            left -= jumps;
            let mut weight = libm::exp(-jumps);
            let mut then: Vec<f64> = now.iter().map(|mass| weight * mass).collect();
            for count in 1..200 {
                let mut moved: Vec<f64> = Vec::with_capacity(now.len());
                for to in 0..now.len() {
                    let from = |(mass, row): (&f64, &Vec<f64>)| mass * row[to] / pace;
                    let arrived: f64 = now.iter().zip(&self.between).map(from).sum();
                    moved.push(arrived + now[to] * (1.0 - totals[to] / pace));
                }
                now = moved;
                weight *= jumps / f64::from(count);
                then.iter_mut()
                    .zip(&now)
                    .for_each(|(sum, mass)| *sum += weight * mass);
            }
            now = then;
        }
        now.iter().sum()
    }

    /// The same by doubling the time, for rates so far apart that there are too many jumps to follow one by one.
    /// Each row of the matrix, whose last column is the probability of having ended, is normalised to 1 each time,
    /// so that errors add up and do not double.
    fn lasts_long(&self, x: f64, pace: f64) -> f64 {
        let phases = self.ends.len();
        let doublings = (libm::log2(pace) + libm::log2(x)).ceil() + 30.0;
        let time = libm::exp2(libm::log2(x) - doublings);
        let of = |from: usize, to: usize| match to {
            _ if to == from => 1.0,
            _ if to == phases => self.ends[from] * time,
            _ => self.between[from][to] * time,
        };
        let mut moved: Vec<Vec<f64>> = (0..phases)
            .map(|from| shares((0..=phases).map(|to| of(from, to)).collect()))
            .collect();
        for _ in 0..doublings as u32 {
            let twice = moved.iter().map(|row| {
                let mut then = vec![0.0; phases + 1];
                then[phases] = row[phases];
                for (mass, onward) in row.iter().zip(&moved) {
                    then.iter_mut()
                        .zip(onward)
                        .for_each(|(sum, share)| *sum += mass * share);
                }
                shares(then)
            });
            moved = twice.collect();
        }
        let left: Vec<f64> = moved.iter().map(|row| row[..phases].iter().sum()).collect();
        self.expected(&left)
    }
}

/// These masses divided by their sum.
fn shares(mut masses: Vec<f64>) -> Vec<f64> {
    let total: f64 = masses.iter().sum();
    each(&mut masses, |mass| mass / total);
    masses
}
