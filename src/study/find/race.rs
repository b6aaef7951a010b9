//! The race of settings until the best one that meets the requirements is known.
//!
//! A verdict on a requirement is a test that may be applied after every round (`selection`). If the value of a
//! setting needs no run, settings cheaper than the cheapest that seems to meet all requirements are run until each
//! is known to fail, and that one until it is known to meet all. It is found by trying a few settings at a time,
//! from theory's guess upwards if there is one; no other settings that cost more are run. If the value is itself a
//! measure, all run (`by_measure`).

use super::field::{Allowances, Field, Verdict};
use super::{FindError, Progress, Question};
use crate::scenario::Scenario;
use crate::study::ClosedForm;

/// Replications of a setting before the first look.
pub(super) const FIRST: u64 = 8;

/// Settings tried for the first time in one round: minimum and maximum.
const PROBES: usize = 4;
const BATCH: usize = 32;

/// Estimated seconds after which no setting has more than [`ENOUGH`] replications, unless asked otherwise.
const SECONDS: f64 = 120.0;
const ENOUGH: u64 = 64;
const MOST: u64 = 100_000;

/// The maximum number of settings for which theory is consulted.
const THEORY: usize = 512;

/// The default zone of indifference of a measure: this share of the best.
pub(super) const INDIFFERENCE_SHARE: f64 = 0.01;

/// The allowances of a race of this many settings.
///
/// The answer is wrong if a setting that fails is found to meet all requirements (one of the settings), if the
/// truly best one is found to fail (a requirement), or to be worse than another (one of the others): these share 1
/// - confidence.
pub(super) fn allowances(question: &Question, settings: usize, confidence: f64) -> Allowances {
    let requirements = question.requirements.len();
    let parts = match (requirements, question.aim.measure()) {
        (0, _) => 1.0,
        (_, None) => 2.0,
        (_, Some(_)) => 3.0,
    };
    let part = (1.0 - confidence) / parts;
    Allowances {
        yes: part / settings.max(1) as f64,
        no: part / requirements.max(1) as f64,
        worse: part / settings.saturating_sub(1).max(1) as f64,
    }
}

/// The end of a race.
#[derive(Clone, Debug)]
pub(super) struct Raced {
    /// The best setting, if any was run.
    pub(super) best: Option<usize>,
    /// Whether no better setting is left open.
    pub(super) settled: bool,
    /// The zone of indifference, if the aim is a measure.
    pub(super) zone: Option<f64>,
}

impl<E, L: Fn(&[i64]) -> Result<Scenario, E>> Field<'_, L> {
    /// Lets the first `settings` entrants race.
    pub(super) fn race(
        &mut self,
        allowances: Allowances,
        watch: &mut dyn FnMut(Progress),
    ) -> Result<Raced, FindError<E>> {
        match self.question.aim.measure() {
            None => self.race_by_cost(allowances, watch),
            Some(_) => self.race_by_measure(allowances, watch),
        }
    }

    /// The current maximum number of replications of a setting.
    fn most(&self) -> u64 {
        let usual = if self.seconds >= SECONDS {
            ENOUGH
        } else {
            MOST
        };
        self.question.max.unwrap_or(usual)
    }

    /// The number of replications to add to a setting; 0 marks it as spent.
    pub(super) fn step(&mut self, at: usize) -> u64 {
        let (n, most) = (self.entrants[at].runs(), self.most());
        let step = if n == 0 { FIRST } else { (n / 4).max(4) };
        let step = step.min(most.saturating_sub(n));
        self.entrants[at].is_spent |= step == 0;
        step
    }

    pub(super) fn tell(&self, searching: bool, watch: &mut dyn FnMut(Progress)) {
        let is_open = |at: &usize| {
            let entrant = &self.entrants[*at];
            !entrant.is_out && entrant.verdict == Verdict::Open
        };
        watch(Progress {
            runs: self.runs,
            settings: self.entrants.len(),
            settled: self.entrants.len() - (0..self.entrants.len()).filter(is_open).count(),
            searching,
        });
    }

    fn race_by_cost(
        &mut self,
        allowances: Allowances,
        watch: &mut dyn FnMut(Progress),
    ) -> Result<Raced, FindError<E>> {
        let cost = |field: &Self, at: usize| field.entrants[at].cost.unwrap_or(f64::INFINITY);
        let mut order: Vec<usize> = (0..self.entrants.len()).collect();
        order.sort_by(|&a, &b| cost(self, a).total_cmp(&cost(self, b)).then(a.cmp(&b)));
        let guess = self.guess(&order)?;
        while !self.interrupted {
            let wanted = self.next_by_cost(&order, guess);
            if wanted.is_empty() {
                break;
            }
            self.observe(&wanted)?;
            wanted
                .iter()
                .for_each(|&(at, _)| self.judge(at, allowances));
            // A setting that costs no less than one that meets all requirements is not needed.
            let meets = order
                .iter()
                .position(|&at| self.entrants[at].verdict == Verdict::Yes);
            if let Some(place) = meets {
                let least = cost(self, order[place]);
                for &at in &order {
                    if at != order[place] && cost(self, at) >= least {
                        self.entrants[at].is_out = true;
                    }
                }
            }
            self.tell(false, watch);
        }
        let of = |verdict: Verdict| {
            let mut all = order.iter().copied();
            all.find(|&at| self.entrants[at].verdict == verdict && !self.entrants[at].is_out)
        };
        let seems = |at: &usize| {
            let entrant = &self.entrants[*at];
            !entrant.is_out && entrant.seems_to_meet(&self.question.requirements)
        };
        let best = of(Verdict::Yes)
            .or_else(|| order.iter().copied().find(|at| seems(at)))
            .or_else(|| self.nearest());
        let is_open = |at: &usize| {
            let entrant = &self.entrants[*at];
            Some(*at) != best && !entrant.is_out && entrant.verdict == Verdict::Open
        };
        let settled = !self.interrupted
            && !order.iter().any(is_open)
            && best.is_some_and(|at| self.entrants[at].verdict != Verdict::Open);
        Ok(Raced {
            best,
            settled,
            zone: None,
        })
    }

    /// The next runs, if values need none.
    fn next_by_cost(&mut self, order: &[usize], guess: Option<usize>) -> Vec<(usize, u64)> {
        let requirements = &self.question.requirements;
        let open: Vec<usize> = order
            .iter()
            .copied()
            .filter(|&at| {
                let entrant = &self.entrants[at];
                !entrant.is_out && !entrant.is_spent && entrant.verdict == Verdict::Open
            })
            .collect();
        let hopeful = open
            .iter()
            .position(|&at| self.entrants[at].seems_to_meet(requirements));
        let is_met = order
            .iter()
            .any(|&at| self.entrants[at].verdict == Verdict::Yes);
        let below = &open[..hopeful.unwrap_or(open.len())];
        let untried: Vec<usize> = below
            .iter()
            .copied()
            .filter(|&at| self.entrants[at].runs() == 0)
            .collect();
        let mut next = match guess.filter(|&at| self.entrants[at].runs() == 0) {
            Some(guess) if hopeful.is_none() && !is_met => {
                let place = untried.iter().position(|&at| at == guess).unwrap_or(0);
                let mut next = spread(&untried[..place], BATCH - 1);
                next.push(guess);
                next
            }
            _ if hopeful.is_none() && !is_met => self.upwards(order, &untried, guess),
            _ => between(&untried, probes(untried.len())),
        };
        if next.is_empty() {
            next = below.to_vec();
            next.extend(hopeful.map(|place| open[place]));
        }
        let steps = next.into_iter().map(|at| (at, self.step(at)));
        let steps: Vec<(usize, u64)> = steps.filter(|(_, step)| *step > 0).collect();
        match steps.is_empty() && !open.is_empty() {
            // Those are spent: continue with the rest.
            true => self.next_by_cost(order, guess),
            false => steps,
        }
    }

    /// Settings to try if none of those tried seems to meet the requirements: more expensive ones, at growing
    /// distances from the guess of theory, or evenly spaced if there is none.
    fn upwards(&self, order: &[usize], untried: &[usize], guess: Option<usize>) -> Vec<usize> {
        let tried = |at: usize| self.entrants[at].runs() > 0;
        let dearest = order.iter().rposition(|&at| tried(at));
        let above = order
            .iter()
            .copied()
            .skip(dearest.map_or(0, |place| place + 1));
        let above: Vec<usize> = above.filter(|&at| !self.entrants[at].is_out).collect();
        let place = |at: usize| order.iter().position(|&other| other == at);
        match (guess.and_then(place), dearest) {
            _ if above.is_empty() => between(untried, probes(untried.len())),
            (Some(guess), Some(dearest)) => {
                let first = dearest.saturating_sub(guess).max(1);
                let steps = (0..PROBES).filter_map(|step| above.get((first << step) - 1));
                let next: Vec<usize> = steps.copied().collect();
                if next.is_empty() {
                    between(&above, PROBES)
                } else {
                    next
                }
            }
            _ => between(&above, probes(above.len())),
        }
    }

    /// The cheapest setting that meets all requirements according to theory. Settings for which theory has no
    /// answer, such as overloaded ones, are left out.
    fn guess(&mut self, order: &[usize]) -> Result<Option<usize>, FindError<E>> {
        let dearest = order.last().filter(|_| order.len() <= THEORY);
        let Some(&dearest) = dearest.filter(|_| !self.question.requirements.is_empty()) else {
            return Ok(None);
        };
        if self.by_theory(dearest)?.is_none() {
            return Ok(None);
        }
        for &at in order {
            if self.by_theory(at)? == Some(true) {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Whether a setting meets all requirements according to theory, if it covers each. It is a guess of where to
    /// begin, for which a run may be too short for theory to be exact.
    pub(super) fn by_theory(&mut self, at: usize) -> Result<Option<bool>, FindError<E>> {
        let requirements = self.question.requirements.clone();
        let fit = ClosedForm::in_the_long_run(self.scenario(at)?);
        let meets = requirements.iter().map(|requirement| {
            let value = fit.measure(&requirement.measure)?;
            Some(requirement.margin(value) >= 0.0)
        });
        let meets: Option<Vec<bool>> = meets.collect();
        Ok(meets
            .filter(|_| fit.applies)
            .map(|meets| !meets.contains(&false)))
    }

    /// The setting whose means miss the requirements least.
    pub(super) fn nearest(&self) -> Option<usize> {
        let tried = (0..self.entrants.len()).filter(|&at| self.entrants[at].runs() > 0);
        let short = |at: usize| self.entrants[at].shortfall(&self.question.requirements);
        tried.min_by(|&a, &b| short(a).total_cmp(&short(b)).then(a.cmp(&b)))
    }

    /// The settings that can still be the best.
    pub(super) fn racing(&self) -> Vec<usize> {
        let all = 0..self.entrants.len();
        all.filter(|&at| !self.entrants[at].is_out).collect()
    }
}

/// At most `most` items of a list, evenly spaced, including its last.
fn spread(list: &[usize], most: usize) -> Vec<usize> {
    if list.len() <= most {
        return list.to_vec();
    }
    let place = |at: usize| (at + 1) * list.len() / most - 1;
    (0..most).map(|at| list[place(at)]).collect()
}

/// The number of settings, out of `settings`, that are tried in one round while it is not known which are needed.
fn probes(settings: usize) -> usize {
    (settings / 8).clamp(PROBES, BATCH)
}

/// At most `most` items of a list, evenly spaced and equally far from its ends.
fn between(list: &[usize], most: usize) -> Vec<usize> {
    if list.len() <= most {
        return list.to_vec();
    }
    let place = |at: usize| (at + 1) * list.len() / (most + 1);
    (0..most).map(|at| list[place(at)]).collect()
}
