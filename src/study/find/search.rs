//! A search among more settings than can all be run.
//!
//! If the value of a setting needs no run, the search starts from a setting that theory recommends, or from the
//! first on the path from the smallest to the largest values that seems to meet the requirements. It takes steps
//! that cost less as long as one seems to meet them, changing one key or moving from one key to another. If the
//! value is a measure, steps are taken as long as one seems better. Steps are compared on a few common replications
//! of the search's own; the final settings race on others, so that the verdict is not biased by the choice. A
//! search cannot know the best of all settings.

use super::field::Field;
use super::space::Setting;
use super::{FindError, Progress};
use crate::scenario::Scenario;
use std::collections::BTreeMap;

/// The first replication number of the search, apart from those of the race.
const FIRST_REPLICATION: u64 = 1 << 40;

/// Common replications on which settings are compared.
const REPLICATIONS: u64 = 8;

/// The maximum number of settings that a search tries.
const TRIED_MAX: usize = 1500;

/// Points on the path from the smallest values to the largest.
const POINTS: usize = 9;

/// The number of settings that race in the end.
const FINALISTS: usize = 64;

/// The score of a setting: less is better.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Score {
    /// The amount by which it misses the requirements.
    short: f64,
    /// Its value.
    value: f64,
}

impl Score {
    fn is_below(self, other: Score) -> bool {
        match (self.short > 0.0, other.short > 0.0) {
            (false, false) => self.value < other.value,
            (true, true) => self.short < other.short,
            (one, _) => !one,
        }
    }
}

/// The settings tried, by their index in the field.
struct Search<'f, 'a, L> {
    field: &'f mut Field<'a, L>,
    scores: BTreeMap<Setting, Score>,
}

/// Searches for good settings: returns those that are worth a race, and the number tried.
pub(super) fn search<E, L: Fn(&[i64]) -> Result<Scenario, E>>(
    field: &mut Field<'_, L>,
    watch: &mut dyn FnMut(Progress),
) -> Result<(Vec<Setting>, u64), FindError<E>> {
    let mut search = Search {
        field,
        scores: BTreeMap::new(),
    };
    let mut here = search.start()?;
    let mut path = vec![here.clone()];
    let mut size = search.widest();
    while size >= 1 && !search.is_over() {
        let moves = search.moves(&here, size);
        search.score(&moves)?;
        let before = search.scores.get(&here).copied();
        let better = moves.into_iter().filter(|next| {
            let score = search.scores.get(next);
            score.is_some_and(|score| before.is_none_or(|before| score.is_below(before)))
        });
        let best = better.reduce(|a, b| match search.scores[&b].is_below(search.scores[&a]) {
            true => b,
            false => a,
        });
        match best {
            Some(next) => {
                here = next;
                path.push(here.clone());
            }
            None => size /= 2,
        }
        watch(Progress {
            runs: search.field.runs,
            settings: search.scores.len(),
            settled: 0,
            searching: true,
        });
    }
    Ok((search.finalists(&here, &path), search.scores.len() as u64))
}

impl<E, L: Fn(&[i64]) -> Result<Scenario, E>> Search<'_, '_, L> {
    fn is_over(&self) -> bool {
        self.field.interrupted || self.scores.len() >= TRIED_MAX
    }

    /// The first step: half of the widest range, as a power of two.
    fn widest(&self) -> i64 {
        let choices = self.field.question.space.choices().iter();
        let steps = choices.map(|choice| (choice.high - choice.low) / choice.step);
        let widest = steps.max().unwrap_or(1).max(1);
        1 << (63 - (widest as u64).leading_zeros()).saturating_sub(2)
    }

    /// The starting point of the search.
    fn start(&mut self) -> Result<Setting, FindError<E>> {
        let space = &self.field.question.space;
        let points = (0..POINTS).filter_map(|at| space.between(at as f64 / (POINTS - 1) as f64));
        let mut points: Vec<Setting> = points.collect();
        points.dedup();
        if points.is_empty() {
            // Steps that do not divide the sum: take the first setting there is.
            points.extend(space.all().into_iter().next());
        }
        if let Some(by_theory) = self.by_theory(&points)? {
            self.score(std::slice::from_ref(&by_theory))?;
            return Ok(by_theory);
        }
        self.score(&points)?;
        let best = points.iter().min_by(|a, b| {
            let of = |setting: &Setting| self.scores.get(setting).copied();
            match (of(a), of(b)) {
                (Some(a), Some(b)) if a.is_below(b) => std::cmp::Ordering::Less,
                (Some(a), Some(b)) if b.is_below(a) => std::cmp::Ordering::Greater,
                _ => std::cmp::Ordering::Equal,
            }
        });
        Ok(best.expect("there is a setting").clone())
    }

    /// The smallest setting that meets the requirements according to theory, from the largest values downwards;
    /// only if theory covers every requirement and values need no run.
    fn by_theory(&mut self, points: &[Setting]) -> Result<Option<Setting>, FindError<E>> {
        let question = self.field.question;
        if question.aim.measure().is_some() || question.requirements.is_empty() {
            return Ok(None);
        }
        let mut meets = |setting: &Setting| -> Result<Option<bool>, FindError<E>> {
            let at = self.field.add(setting.clone());
            let meets = self.field.by_theory(at);
            self.field.entrants.pop();
            meets
        };
        let mut here = None;
        for point in points {
            match meets(point)? {
                None => return Ok(None),
                Some(true) => {
                    here = Some(point.clone());
                    break;
                }
                Some(false) => {}
            }
        }
        let Some(mut here) = here else {
            return Ok(None);
        };
        let cost = |setting: &Setting| question.aim.cost(setting).unwrap_or(0.0);
        loop {
            let mut next: Option<Setting> = None;
            for near in question.space.neighbours(&here, 1) {
                let is_cheaper = cost(&near) < next.as_ref().map_or(cost(&here), cost);
                if is_cheaper && meets(&near)? == Some(true) {
                    next = Some(near);
                }
            }
            match next {
                Some(near) => here = near,
                None => return Ok(Some(here)),
            }
        }
    }

    /// The steps from a setting: of one key, from key to key, and of one key up with another down.
    fn moves(&self, here: &Setting, size: i64) -> Vec<Setting> {
        let space = &self.field.question.space;
        let mut moves = space.neighbours(here, size);
        let choices = space.choices();
        for (up, more) in choices.iter().enumerate() {
            for (down, less) in choices.iter().enumerate() {
                let mut next = here.clone();
                next[up] += more.step;
                next[down] -= size * less.step;
                if up != down && space.holds(&next) {
                    moves.push(next);
                }
            }
        }
        moves.sort();
        moves.dedup();
        moves
    }

    /// Runs settings that have no score yet; if values need no run, only those worth it.
    fn score(&mut self, settings: &[Setting]) -> Result<(), FindError<E>> {
        let fresh = settings
            .iter()
            .filter(|next| !self.scores.contains_key(*next));
        let fresh: Vec<Setting> = fresh.cloned().collect();
        let begun = self.field.entrants.len();
        let replications = FIRST_REPLICATION..FIRST_REPLICATION + REPLICATIONS;
        let places: Vec<usize> = fresh
            .iter()
            .map(|next| self.field.add(next.clone()))
            .collect();
        let runs = replications.flat_map(|number| places.iter().map(move |&at| (at, number)));
        let runs: Vec<(usize, u64)> = runs.collect();
        let made = self.field.run(&runs)?;
        for (&(at, _), made) in runs.iter().zip(made) {
            made.into_iter()
                .for_each(|made| self.field.entrants[at].take(made));
        }
        let question = self.field.question;
        for (setting, at) in fresh.into_iter().zip(places) {
            let entrant = &self.field.entrants[at];
            if entrant.runs() < REPLICATIONS {
                continue;
            }
            let value = match entrant.cost {
                Some(cost) => cost,
                None => self.field.aim_of(at),
            };
            let short = entrant.shortfall(&question.requirements);
            self.scores.insert(setting, Score { short, value });
        }
        self.field.entrants.truncate(begun);
        Ok(())
    }

    /// The settings that race: the best found, its neighbours, the last on the path, and the next best.
    fn finalists(&self, here: &Setting, path: &[Setting]) -> Vec<Setting> {
        let mut finalists = vec![here.clone()];
        finalists.extend(self.field.question.space.neighbours(here, 1));
        finalists.extend(path.iter().rev().take(4).cloned());
        let mut rest: Vec<(&Setting, &Score)> = self.scores.iter().collect();
        rest.sort_by(|(_, a), (_, b)| {
            let key = |score: &Score| (score.short > 0.0, score.short);
            let by_value = a.value.total_cmp(&b.value);
            let (x, y) = (key(a), key(b));
            x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then(by_value)
        });
        let mut kept: Vec<Setting> = Vec::new();
        let rest = rest.into_iter().map(|(setting, _)| setting.clone());
        for setting in finalists.into_iter().chain(rest) {
            if kept.len() < FINALISTS && !kept.contains(&setting) {
                kept.push(setting);
            }
        }
        kept.sort();
        kept
    }
}
