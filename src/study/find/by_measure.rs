//! A race in which the value of a setting is a measure, so that every setting runs.
//!
//! The best guess so far leads. A setting that is known not to be better than the leader by more than the zone of
//! indifference rests: it gets no further runs as long as that leader leads. So each setting costs what it takes to
//! distinguish it from the leader, and not what the nearest one takes. All of this uses the same tests of pairs,
//! which hold at any number of runs, so resting does not weaken any guarantee. Settings that fail a requirement, or
//! are worse than one that meets all, are dropped. The race ends when the leader meets all requirements and every
//! other setting rests or is out.

use super::field::{Allowances, DIFFER, Field, Verdict};
use super::race::{FIRST, INDIFFERENCE_SHARE, Raced};
use super::{FindError, Progress};
use crate::scenario::Scenario;
use crate::study::selection::{Paired, reach, times};

/// The number of better settings each one is compared with.
const RIVALS: usize = 8;

impl<E, L: Fn(&[i64]) -> Result<Scenario, E>> Field<'_, L> {
    pub(super) fn race_by_measure(
        &mut self,
        allowances: Allowances,
        watch: &mut dyn FnMut(Progress),
    ) -> Result<Raced, FindError<E>> {
        let mut zone = self.question.indifference;
        let mut settled = false;
        let mut best = None;
        let mut wanted = self.racing();
        while !self.interrupted && !settled {
            let steps = self.steps(&wanted);
            if steps.is_empty() {
                break;
            }
            self.observe(&steps)?;
            let racing = self.racing().into_iter();
            racing.for_each(|at| self.judge(at, allowances));
            self.drop_worse(allowances);
            best = self.leader_of(&wanted);
            let Some(leader) = best else {
                break;
            };
            let zone = *zone.get_or_insert((INDIFFERENCE_SHARE * self.aim_of(leader)).abs());
            wanted = self.racing();
            wanted.retain(|&at| !self.rests(at, leader, zone, allowances));
            settled = wanted.is_empty() && self.entrants[leader].verdict == Verdict::Yes;
            wanted.push(leader);
            self.tell(false, watch);
        }
        let none_left = self.racing().is_empty() && !self.interrupted;
        Ok(Raced {
            best: best.or_else(|| self.nearest()),
            settled: settled || none_left,
            zone,
        })
    }

    /// The next runs of these settings: those with fewer runs first catch up with the others, since only common
    /// replications can be compared.
    fn steps(&mut self, wanted: &[usize]) -> Vec<(usize, u64)> {
        let level = wanted.iter().map(|&at| self.entrants[at].runs()).max();
        let level = level.unwrap_or(0);
        let behind = |&at: &usize| {
            let runs = self.entrants[at].runs();
            (at, runs.max(FIRST).min(level - runs))
        };
        let catching_up: Vec<(usize, u64)> = wanted.iter().map(behind).collect();
        if catching_up.iter().any(|(_, step)| *step > 0) {
            let steps = catching_up.into_iter();
            return steps.filter(|(_, step)| *step > 0).collect();
        }
        let steps = wanted.iter().map(|&at| (at, self.step(at)));
        steps.filter(|(_, step)| *step > 0).collect()
    }

    /// Whether a setting is known not to be better than the leader by more than the zone, or is the leader.
    fn rests(&self, at: usize, leader: usize, zone: f64, allowances: Allowances) -> bool {
        let seen = self.against(leader, at);
        let better = seen.mean + times(reach(seen.n, allowances.worse), seen.sd);
        at == leader || seen.n > 1 && better <= zone && !self.is_early(seen, leader)
    }

    /// Whether equal differences are not conclusive yet, because rare values may still come.
    fn is_early(&self, seen: Paired, rival: usize) -> bool {
        seen.sd == 0.0 && seen.n < DIFFER && self.entrants[rival].may_be_rare()
    }

    /// The leader: among the settings that were run last or, if none of those seems to meet the requirements, among
    /// all that can still be the best. So one that rests does not take the lead, which would make the others run
    /// again.
    fn leader_of(&self, last: &[usize]) -> Option<usize> {
        let is_racing = |at: &usize| !self.entrants[*at].is_out;
        let last: Vec<usize> = last.iter().copied().filter(is_racing).collect();
        let leader = self.least(&last).filter(|&at| self.is_hopeful(at));
        leader.or_else(|| self.least(&self.racing()))
    }

    fn is_hopeful(&self, at: usize) -> bool {
        let entrant = &self.entrants[at];
        entrant.verdict == Verdict::Yes || entrant.seems_to_meet(&self.question.requirements)
    }

    /// The setting with the smallest value: among those that meet all requirements or seem to, otherwise among all
    /// that were run.
    fn least(&self, settings: &[usize]) -> Option<usize> {
        let mut tried = settings.to_vec();
        tried.retain(|&at| self.entrants[at].runs() > 0);
        let runs = |at: usize| self.entrants[at].runs();
        let most = tried
            .iter()
            .copied()
            .reduce(|a, b| if runs(b) > runs(a) { b } else { a });
        let most = most?;
        let ranked = tried
            .iter()
            .map(|&at| (!self.is_hopeful(at), self.value_by(at, most), at));
        let least =
            ranked.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        least.map(|(_, _, at)| at)
    }

    /// The aim of a setting; if another has a different number of runs, estimated through that one. Less is better.
    pub(super) fn value_by(&self, at: usize, other: usize) -> f64 {
        let seen = self.against(at, other);
        if self.entrants[at].runs() == self.entrants[other].runs() || seen.n == 0 {
            return self.aim_of(at);
        }
        self.aim_of(other) + seen.mean
    }

    /// Drops settings that are worse than one that meets all requirements.
    fn drop_worse(&mut self, allowances: Allowances) {
        let mut good: Vec<usize> = self.racing();
        good.retain(|&at| self.entrants[at].verdict == Verdict::Yes);
        good.sort_by(|&a, &b| self.aim_of(a).total_cmp(&self.aim_of(b)).then(a.cmp(&b)));
        good.truncate(RIVALS);
        for at in self.racing() {
            let is_worse = |&rival: &usize| {
                let seen = self.against(at, rival);
                let reach = reach(seen.n, allowances.worse);
                let is_known = reach.is_finite() && !self.is_early(seen, rival);
                rival != at && is_known && seen.mean > reach * seen.sd
            };
            if good.iter().any(is_worse) {
                self.entrants[at].is_out = true;
            }
        }
    }
}
