//! Settings under observation: their runs, and the verdicts on the requirements.
//!
//! Runs are numbered through the rounds. The runs of a round follow from the results of those before, so the
//! numbers are the same wherever the rows are computed.

use super::asked::{Comparison, Requirement};
use super::space::Setting;
use super::{Bounds, FindError, Question};
use crate::actor::RunError;
use crate::digest::Digest;
use crate::scenario::{Scenario, estimate};
use crate::stats::Interval;
use crate::study::answer::{Measure, possible};
use crate::study::ledger::Row;
use crate::study::measures::{BLOCKED, Layout};
use crate::study::replication;
use crate::study::round::{Conditions, Filled, fill};
use crate::study::selection::{Paired, reach, times};

/// Whether a setting meets the requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It meets all of them.
    Yes,
    /// It does not meet all of them.
    No,
    /// Not known yet.
    Open,
}

/// The probability allowed for each kind of false verdict.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowances {
    /// A setting that fails is found to meet all requirements.
    pub(super) yes: f64,
    /// A setting that meets all is found to fail a given one.
    pub(super) no: f64,
    /// A setting is found worse than another, although it is not.
    pub(super) worse: f64,
}

/// A setting and the observations of it.
#[derive(Clone, Debug)]
pub(super) struct Entrant {
    pub(super) setting: Setting,
    /// Its value, if it needs no run; smaller is better.
    pub(super) cost: Option<f64>,
    scenario: Option<(Scenario, Layout)>,
    /// For each measure whether it is a share; filled once there is a scenario.
    shares: Vec<bool>,
    /// Estimated seconds per run.
    seconds: f64,
    /// A list for each requirement, then one for the aim if that is a measure; NaN for a missing value.
    pub(super) values: Vec<Vec<f64>>,
    pub(super) verdict: Verdict,
    /// The number of its replications at the time of the verdict.
    judged: usize,
    /// Whether it is out of the race: a better setting meets the requirements, or it does not itself.
    pub(super) is_out: bool,
    /// Whether it has had the maximum number of runs.
    pub(super) is_spent: bool,
}

impl Entrant {
    /// Adds a replication.
    pub(super) fn take(&mut self, values: Vec<f64>) {
        let columns = self.values.iter_mut().zip(values);
        columns.for_each(|(column, value)| column.push(value));
    }

    /// Whether the aim may depend on rare events: its values are mostly equal.
    pub(super) fn may_be_rare(&self) -> bool {
        let values = self.values.last().map(|values| known(values));
        values.is_some_and(|values| usual(&values).is_some())
    }

    /// Number of its replications.
    pub(super) fn runs(&self) -> u64 {
        self.values.first().map_or(0, |values| values.len() as u64)
    }

    /// The mean of a measure.
    pub(super) fn mean(&self, measure: usize) -> Option<f64> {
        Interval::of(&known(&self.values[measure]), 0.5).mean
    }

    /// Whether the means so far meet all requirements.
    pub(super) fn seems_to_meet(&self, requirements: &[Requirement]) -> bool {
        let meets = |(at, requirement): (usize, &Requirement)| {
            let margin = self.mean(at).map(|mean| requirement.margin(mean));
            margin
                .is_some_and(|margin| margin > 0.0 || margin == 0.0 && requirement.holds_at_value())
        };
        self.runs() > 0 && requirements.iter().enumerate().all(meets)
    }

    /// The amount by which the means so far miss the requirements, each as a share of its value.
    pub(super) fn shortfall(&self, requirements: &[Requirement]) -> f64 {
        let short = requirements.iter().enumerate().map(|(at, requirement)| {
            let scale = match requirement.value.abs() {
                0.0 => 1.0,
                value => value,
            };
            let margin = self
                .mean(at)
                .map_or(f64::NEG_INFINITY, |mean| requirement.margin(mean));
            (-margin / scale).max(0.0)
        });
        short.fold(0.0, f64::max)
    }
}

/// The values that are not NaN.
pub(super) fn known(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect()
}

/// Mean and standard deviation of values.
fn summed(values: &[f64]) -> Option<Paired> {
    let seen = Interval::of(values, 0.5);
    Some(Paired {
        n: values.len(),
        mean: seen.mean?,
        sd: seen.sd.unwrap_or(0.0),
    })
}

/// The verdict on a requirement from the values of its measure, with these allowances.
fn judged(
    values: &[f64],
    requirement: &Requirement,
    is_share: bool,
    allowances: Allowances,
) -> Verdict {
    let values = known(values);
    let margins = values.iter().map(|&value| requirement.margin(value));
    let margins: Vec<f64> = margins.collect();
    let Some(seen) = summed(&margins).filter(|seen| seen.n > 1) else {
        return Verdict::Open;
    };
    let is_most = matches!(
        requirement.comparison,
        Comparison::AtMost | Comparison::Less
    );
    let is_above = |meets: bool, allowance: f64| {
        let reach = reach(seen.n, allowance);
        let sign = if meets { 1.0 } else { -1.0 };
        let end = rare_end(
            &values,
            requirement.value,
            is_share,
            (meets == is_most, allowance),
        );
        reach.is_finite()
            && sign * seen.mean > reach * seen.sd
            && end.is_none_or(|end| sign * requirement.margin(end) > 0.0)
    };
    let is_exact = seen.mean == 0.0
        && seen.sd == 0.0
        && seen.n >= DIFFER
        && reach(seen.n, allowances.yes).is_finite();
    match () {
        () if is_exact && requirement.holds_at_value() => Verdict::Yes,
        () if is_exact => Verdict::No,
        () if is_above(true, allowances.yes) => Verdict::Yes,
        () if is_above(false, allowances.no) => Verdict::No,
        () => Verdict::Open,
    }
}

/// The multiple of the usual value, or of the required one, that a future replication may reach.
const SWING: f64 = 10.0;

/// The number of equal replications from which their mean is taken for the mean: if one in ten differed, this many
/// would be equal once in a thousand times.
pub(super) const DIFFER: usize = 64;

/// The number of replications that must differ from the others for their standard deviation to be meaningful.
const MANY: usize = 10;

/// The largest, or the smallest, possible mean if most values are equal and few are beyond them, except with this
/// probability; none if they are not like that.
///
/// Rare events (a customer is lost, a deadline missed) may by chance have happened seldom, or not at all yet, and
/// then the standard deviation of the values is too small. So the number of values beyond the usual one is treated
/// as a Poisson number: there may be as many as its largest plausible mean, each as far off as the furthest
/// observed; or as many as are plausible when none was observed, as far off as [`SWING`] says, but no further than
/// possible. Each case uses half the probability, since the values are examined repeatedly.
fn rare_end(
    values: &[f64],
    required: f64,
    is_share: bool,
    (is_greatest, probability): (bool, f64),
) -> Option<f64> {
    let usual = usual(values)?;
    let sign = if is_greatest { 1.0 } else { -1.0 };
    let beyond = values.iter().map(|value| sign * (value - usual));
    let beyond: Vec<f64> = beyond.filter(|&distance| distance > 0.0).collect();
    if beyond.len() >= MANY {
        return None;
    }
    let swing = SWING * usual.abs().max(required.abs());
    let unseen = match (is_greatest, is_share) {
        (true, true) => swing.min(1.0 - usual),
        (true, false) => swing,
        // A measure is not negative.
        (false, _) => swing.min(usual.max(0.0)),
    };
    let furthest = beyond.iter().copied().fold(0.0, f64::max);
    let n = values.len() as f64;
    let share = |seen: usize| {
        let more = greatest_mean(seen, probability / 2.0) - seen as f64;
        (more / n).min(1.0)
    };
    let more = (share(beyond.len()) * furthest).max(share(0) * unseen);
    Some(usual + sign * (beyond.iter().sum::<f64>() / n + more))
}

/// The value of more than half of these, if there is one.
fn usual(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = *sorted.get(values.len() / 2)?;
    let alike = values.iter().filter(|&&value| value == middle).count();
    (2 * alike > values.len()).then_some(middle)
}

/// The mean of a Poisson number that is at most `seen` with this probability.
fn greatest_mean(seen: usize, probability: f64) -> f64 {
    let at_most = |mean: f64| {
        let mut term = libm::exp(-mean);
        let mut sum = term;
        for k in 1..=seen {
            term *= mean / k as f64;
            sum += term;
        }
        sum
    };
    let (mut low, mut high) = (0.0, 1000.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        match at_most(middle) > probability {
            true => low = middle,
            false => high = middle,
        }
    }
    high
}

/// The settings that are run.
pub(super) struct Field<'a, L> {
    pub(super) question: &'a Question,
    pub(super) conditions: Conditions<'a>,
    load: L,
    pub(super) entrants: Vec<Entrant>,
    jobs: u64,
    pub(super) runs: u64,
    /// The number of runs that ended in a deadlock.
    pub(super) blocked: u64,
    /// Estimated seconds spent.
    pub(super) seconds: f64,
    pub(super) digest: Digest,
    pub(super) interrupted: bool,
}

impl<'a, E, L: Fn(&[i64]) -> Result<Scenario, E>> Field<'a, L> {
    pub(super) fn new(question: &'a Question, conditions: Conditions<'a>, load: L) -> Self {
        Field {
            question,
            conditions,
            load,
            entrants: Vec::new(),
            jobs: 0,
            runs: 0,
            blocked: 0,
            seconds: 0.0,
            digest: Digest::EMPTY,
            interrupted: false,
        }
    }

    /// Adds a setting and returns its index.
    pub(super) fn add(&mut self, setting: Setting) -> usize {
        let measures = self.measures().len();
        self.entrants.push(Entrant {
            cost: self.question.aim.cost(&setting),
            setting,
            scenario: None,
            seconds: 0.0,
            shares: Vec::new(),
            values: vec![Vec::new(); measures],
            verdict: match self.question.requirements.is_empty() {
                true => Verdict::Yes,
                false => Verdict::Open,
            },
            judged: 0,
            is_out: false,
            is_spent: false,
        });
        self.entrants.len() - 1
    }

    /// The measures examined: those of the requirements, then that of the aim.
    fn measures(&self) -> Vec<&str> {
        let required = self.question.requirements.iter();
        let required = required.map(|requirement| requirement.measure.as_str());
        required.chain(self.question.aim.measure()).collect()
    }

    /// The scenario of a setting.
    pub(super) fn scenario(&mut self, at: usize) -> Result<&Scenario, FindError<E>> {
        if self.entrants[at].scenario.is_none() {
            let scenario = (self.load)(&self.entrants[at].setting).map_err(FindError::Setting)?;
            let layout = Layout::of(&scenario).map_err(FindError::Run)?;
            let shares = self.measures().into_iter();
            let shares = shares.map(|key| Measure::of(key, &scenario).is_share());
            self.entrants[at].shares = shares.collect();
            self.entrants[at].seconds = estimate(&scenario).seconds;
            self.entrants[at].scenario = Some((scenario, layout));
        }
        let loaded = self.entrants[at].scenario.as_ref();
        Ok(&loaded.expect("it has just been loaded").0)
    }

    /// Makes these runs, each a setting and a replication; returns the values of each that was made.
    pub(super) fn run(
        &mut self,
        wanted: &[(usize, u64)],
    ) -> Result<Vec<Option<Vec<f64>>>, FindError<E>> {
        for &(at, _) in wanted {
            self.scenario(at)?;
        }
        let measures: Vec<String> = self.measures().into_iter().map(str::to_owned).collect();
        let blocked = BLOCKED.to_owned();
        let first = self.jobs;
        let numbers = first..first + wanted.len() as u64;
        let Conditions { runtime, stop, .. } = self.conditions;
        let entrants = &self.entrants;
        let job = |number: u64| -> Result<Option<Row>, RunError> {
            let (at, replication) = wanted[(number - first) as usize];
            let loaded = entrants[at].scenario.as_ref();
            let (scenario, layout) = loaded.expect("it was loaded before the round");
            let run = replication::run(scenario, replication, runtime, stop)?;
            if run.interrupted() {
                return Ok(None);
            }
            let row = layout.row(&run);
            let value = |key: &String| layout.place(key).map_or(f64::NAN, |place| row[place]);
            Ok(Some(Row {
                digest: run.digest(),
                // The measure for deadlocks comes last.
                values: measures.iter().chain([&blocked]).map(value).collect(),
            }))
        };
        match fill(numbers.clone(), self.conditions, job)? {
            Filled::Missing(missing) => return Err(FindError::Missing(missing)),
            Filled::Interrupted => self.interrupted = true,
            Filled::Whole => {}
        }
        let mut made = vec![None; wanted.len()];
        let (digest, blocked) = (&mut self.digest, &mut self.blocked);
        self.conditions
            .ledger
            .each(numbers, &mut |number, row| {
                digest.fold(row.digest.value());
                let (values, ended) = row.values.split_at(measures.len());
                *blocked += ended.iter().filter(|time| !time.is_nan()).count() as u64;
                made[(number - first) as usize] = Some(values.to_vec());
            })
            .map_err(FindError::Keep)?;
        if first == 0 && !self.interrupted {
            for (at, measure) in measures.iter().enumerate() {
                let mut values = made.iter().flatten().map(|values| values[at]);
                if made.len() > 1 && values.all(f64::is_nan) {
                    let (measure, runs) = (measure.clone(), made.len() as u64);
                    return Err(FindError::NoValue { measure, runs });
                }
            }
        }
        self.jobs += wanted.len() as u64;
        self.runs += made.iter().flatten().count() as u64;
        let seconds = wanted.iter().map(|&(at, _)| self.entrants[at].seconds);
        self.seconds += seconds.sum::<f64>();
        Ok(made)
    }

    /// Adds this many replications to settings, each the next ones it has not had.
    pub(super) fn observe(&mut self, more: &[(usize, u64)]) -> Result<(), FindError<E>> {
        let most = more.iter().map(|&(_, count)| count).max().unwrap_or(0);
        let mut wanted = Vec::new();
        // Replication by replication, so that an interruption leaves all with nearly the same number.
        for round in 0..most {
            let due = more.iter().filter(|(_, count)| round < *count);
            wanted.extend(due.map(|&(at, _)| (at, self.entrants[at].runs() + round)));
        }
        let made = self.run(&wanted)?;
        for ((at, replication), values) in wanted.into_iter().zip(made) {
            let entrant = &mut self.entrants[at];
            // Results after a gap are left for another time.
            if let Some(made) = values.filter(|_| replication == entrant.runs()) {
                entrant.take(made);
            }
        }
        Ok(())
    }

    /// Judges a setting by the requirements.
    pub(super) fn judge(&mut self, at: usize, allowances: Allowances) {
        let entrant = &mut self.entrants[at];
        if entrant.verdict != Verdict::Open {
            return;
        }
        if entrant.scenario.is_none() {
            return;
        }
        let required = self.question.requirements.iter().zip(&entrant.values);
        let verdicts: Vec<Verdict> = required
            .zip(&entrant.shares)
            .map(|((requirement, values), &is_share)| {
                judged(values, requirement, is_share, allowances)
            })
            .collect();
        entrant.verdict = match () {
            () if verdicts.contains(&Verdict::No) => Verdict::No,
            () if verdicts.iter().all(|&verdict| verdict == Verdict::Yes) => Verdict::Yes,
            () => Verdict::Open,
        };
        if entrant.verdict != Verdict::Open {
            entrant.judged = entrant.values.first().map_or(0, Vec::len);
        }
        entrant.is_out |= entrant.verdict == Verdict::No;
    }

    /// A measure of a setting: its mean, and the ends of the interval from which the verdict on its requirement
    /// follows, limited to the possible range of the measure. Replications after a verdict are left out if the
    /// interval would no longer show it: the verdict holds whatever comes later.
    pub(super) fn bounds(&self, at: usize, place: usize, allowances: Allowances) -> Bounds {
        let entrant = &self.entrants[at];
        let values = &entrant.values[place];
        let required = self.question.requirements.get(place);
        let is_share = entrant.shares.get(place) == Some(&true);
        let [mean, low, high] = match required {
            None => bounds(values, allowances.worse),
            Some(requirement) => {
                let read = &values[..entrant.judged];
                let of = |values| judged(values, requirement, is_share, allowances);
                let verdict = of(read);
                let is_lost = verdict != Verdict::Open && of(values) != verdict;
                let shown = if is_lost { read } else { values };
                let allowance = match verdict {
                    Verdict::No => allowances.no,
                    Verdict::Yes | Verdict::Open => allowances.yes,
                };
                with_rare(shown, requirement, is_share, allowance)
            }
        };
        let [low, high] = match mean {
            Some(mean) => possible(is_share, [low, high], [mean, mean]),
            None => [low, high],
        };
        Bounds { mean, low, high }
    }

    /// The value of the aim of one setting minus that of another, in their common replications; less is better.
    pub(super) fn against(&self, one: usize, other: usize) -> Paired {
        let sign = self.question.aim.sign();
        let column = |at: usize| {
            self.entrants[at]
                .values
                .last()
                .map_or(&[][..], Vec::as_slice)
        };
        let pairs = column(one).iter().zip(column(other));
        let differences = pairs.map(|(a, b)| sign * (a - b));
        let differences: Vec<f64> = differences.filter(|value| !value.is_nan()).collect();
        summed(&differences).unwrap_or(Paired {
            n: 0,
            mean: 0.0,
            sd: 0.0,
        })
    }

    /// The mean of the aim of a setting; less is better.
    pub(super) fn aim_of(&self, at: usize) -> f64 {
        let values = self.entrants[at].values.last();
        let mean = values.and_then(|values| Interval::of(&known(values), 0.5).mean);
        mean.map_or(f64::INFINITY, |mean| self.question.aim.sign() * mean)
    }
}

/// The mean and the interval that holds it at all looks at once.
fn bounds(values: &[f64], allowance: f64) -> [Option<f64>; 3] {
    let Some(seen) = summed(&known(values)) else {
        return [None; 3];
    };
    let half = times(reach(seen.n, allowance), seen.sd);
    let end = |end: f64| (seen.n > 1 && half.is_finite()).then_some(end);
    [
        Some(seen.mean),
        end(seen.mean - half),
        end(seen.mean + half),
    ]
}

/// The same if rare events may not have been observed yet: as wide as a verdict on this requirement assumes.
fn with_rare(
    values: &[f64],
    requirement: &Requirement,
    is_share: bool,
    allowance: f64,
) -> [Option<f64>; 3] {
    let [mean, low, high] = bounds(values, allowance);
    let values = known(values);
    if values.iter().all(|&value| value == requirement.value) {
        let is_known = |_: &f64| values.len() >= DIFFER;
        return [mean, low.filter(is_known), high.filter(is_known)];
    }
    let end = |is_greatest| {
        let end = (is_greatest, allowance);
        rare_end(&values, requirement.value, is_share, end)
    };
    [
        mean,
        low.map(|low| end(false).map_or(low, |least| low.min(least))),
        high.map(|high| end(true).map_or(high, |greatest| high.max(greatest))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_may_be_more_than_was_seen() {
        // Poisson limits from textbooks: 2.996 and 4.744 at 95 % if 0 and 1 were observed.
        assert!((greatest_mean(0, 0.05) - 2.9957).abs() < 1e-4);
        assert!((greatest_mean(1, 0.05) - 4.7439).abs() < 1e-4);
        assert!((greatest_mean(5, 0.05) - 10.5130).abs() < 1e-4);
        let end = |values: &[f64], required, is_share, is_greatest| {
            rare_end(values, required, is_share, (is_greatest, 0.1)).unwrap()
        };
        let close = |found: f64, right: f64| assert!((found - right).abs() < 1e-5, "{found}");
        // The unobserved values may be ten times the value required; those of a share at most 1.
        let mut values = vec![0.0; 100];
        close(end(&values, 0.01, true, true), 0.0029957);
        close(end(&values, 0.5, false, true), 0.149787);
        close(end(&values, 0.5, true, true), 0.029957);
        close(end(&values, 0.01, true, false), 0.0);
        // One that is further off, and then possible unobserved ones.
        values[3] = 0.25;
        close(end(&values, 0.01, false, true), 0.0025 + 0.037439 * 0.25);
        values[3] = 1e-6;
        close(end(&values, 0.01, false, true), 1e-8 + 0.0029957);
        let mixed: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(rare_end(&mixed, 0.5, false, (true, 0.1)), None);
    }
}
