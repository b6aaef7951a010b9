//! The measures of a model as a row of numbers, each under its dotted key (`stages.0.waiting.mean`).
//!
//! A summary is walked as it would be written to JSON, but its numbers go directly into a vector: no text, no tree.
//! A value that is null in one replication is NaN in its row, and that replication is left out of the measure;
//! names and flags are not measures. The keys are built once for a scenario: the shape of its summary does not
//! depend on random values.

use super::flatten::{Flatten, Leaf};
use super::ledger::Row;
use crate::actor::{RunError, Runtime};
use crate::digest::Digest;
use crate::model::{Model, Outcome};
use crate::scenario::{Entries, Scenario};
use crate::stats::{Interval, Sample};
use std::collections::BTreeMap;

/// The last part of keys that hold a name, a limit or a group if they hold anything: a null there is not a measure
/// without observations.
const NOT_MEASURES: [&str; 4] = ["stage", "max_stage", "service_level", "capacity"];

/// The beginning of the keys of measures of intervals.
const INTERVALS: &str = "intervals.";

/// The measure that a study answers for if none is asked for: the mean wait, or the mean cycle of the first class
/// that stays if no customer ever leaves.
#[must_use]
pub fn usual(scenario: &Scenario) -> String {
    let closed = scenario.line().filter(|line| line.is_closed());
    let class = closed.and_then(|line| (0..line.classes.len()).find(|&class| line.stays(class)));
    match class {
        Some(class) => format!("classes.{class}.cycle_time.mean"),
        None => "waiting.mean".to_owned(),
    }
}

/// The measure that only those runs of a network have that ended in a deadlock.
pub(super) const BLOCKED: &str = "deadlock.time";

/// The keys of a scenario's measures, in the order of its summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    keys: Vec<String>,
    /// The index of each key.
    index: BTreeMap<String, usize>,
    /// The leaf of the summary for each measure.
    places: Vec<usize>,
    leaves: usize,
    /// The index after the last leaf of measures of intervals: replications may have fewer or more intervals than
    /// the layout.
    intervals_end: Option<usize>,
    /// The named entries of its lists.
    entries: Entries,
}

impl Layout {
    /// The measures of a scenario, from a run of it cut to its first customer or step; from its first replication,
    /// if only that determines the number of intervals.
    ///
    /// # Errors
    /// If that run does not finish.
    pub fn of(scenario: &Scenario) -> Result<Layout, RunError> {
        let intervals = Model::of(scenario).intervals();
        let sample = match intervals {
            Some(intervals) if intervals.end.is_none() => scenario.clone(),
            _ => Model::of(scenario).shortest(),
        };
        let mut flatten = Flatten::naming();
        let ran = super::replication::run(&sample, 0, Runtime::Inline, &super::NEVER)?;
        super::replication::flatten(&ran, &mut flatten);
        let mut named = flatten.named.unwrap_or_default();
        if let Some(end) = intervals.and_then(|one| one.end.map(|_| one.count(0.0))) {
            list_intervals(&mut named, end);
        }
        let last = named
            .iter()
            .rposition(|(key, _)| key.starts_with(INTERVALS));
        let leaves = named.len();
        // For an interval it is a share of the requests that arrived in it, null if there were none.
        let classes = scenario.desk().map_or(&[][..], |desk| &desk.classes);
        let has_levels = classes.iter().any(|class| class.service_level.is_some());
        let is_level = |key: &str| {
            let interval = key.strip_prefix(INTERVALS);
            has_levels && interval.is_some_and(|key| key.ends_with(".service_level"))
        };
        // It is 0 in every run of a network that no customer leaves, and distinguishes no settings.
        let tells = |key: &str| key != "throughput" || usual(scenario) == "waiting.mean";
        let measures = named
            .into_iter()
            .enumerate()
            .filter(|(_, (key, leaf))| match leaf {
                Leaf::Number => tells(key),
                Leaf::Word => false,
                Leaf::Null => {
                    let last = key.rsplit('.').next().unwrap_or(key);
                    !NOT_MEASURES.contains(&last) || is_level(key)
                }
            });
        let (places, keys): (Vec<usize>, Vec<String>) =
            measures.map(|(place, (key, _))| (place, key)).unzip();
        Ok(Layout {
            index: keys.iter().cloned().zip(0..).collect(),
            keys,
            places,
            leaves,
            intervals_end: last.map(|last| last + 1),
            entries: Entries::of(scenario),
        })
    }

    /// The number of runs of a network that ended in a deadlock; `seen` returns the number of runs in which the
    /// measure with this index was observed.
    #[must_use]
    pub fn blocked(&self, seen: impl Fn(usize) -> u64) -> u64 {
        self.place(BLOCKED).map_or(0, seen)
    }

    /// The keys, in order.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The index of a key. An entry of a list is named by its index or its name, and an index takes precedence over
    /// a name; a name with a dot is quoted.
    ///
    /// # Errors
    /// [`UnknownMeasure`], with the nearest keys.
    pub fn find(&self, key: &str) -> Result<usize, UnknownMeasure> {
        self.place(key)
            .ok_or_else(|| UnknownMeasure::new(key, &self.keys))
    }

    /// The index of a key, as [`Layout::find`] finds it, if there is such a measure.
    #[must_use]
    pub fn place(&self, key: &str) -> Option<usize> {
        let place = |key: &str| self.index.get(key).copied();
        place(key).or_else(|| place(&self.entries.numbered(key)))
    }

    /// These keys as the layout has them: indexes in place of names. Unknown keys are left out.
    #[must_use]
    pub fn known(&self, keys: &[String]) -> Vec<String> {
        let known = |key: &String| Some(self.keys[self.place(key)?].clone());
        keys.iter().filter_map(known).collect()
    }

    /// A key of the layout with the names of entries in place of their numbers.
    #[must_use]
    pub fn named(&self, key: &str) -> String {
        self.entries.named(key)
    }

    /// The row of a summary: a number for every key, NaN if it is null.
    ///
    /// # Panics
    /// If the summary has another shape, which is a bug.
    pub(super) fn row(&self, outcome: &Outcome) -> Vec<f64> {
        let mut flatten = Flatten::with_room(self.leaves);
        super::replication::flatten(outcome, &mut flatten);
        if let Some(end) = self.intervals_end {
            let (seen, all) = (flatten.leaves.len(), self.leaves);
            if seen < all {
                let at = end - (all - seen);
                let none = std::iter::repeat_n(f64::NAN, all - seen);
                flatten.leaves.splice(at..at, none);
            } else {
                flatten.leaves.drain(end..end + (seen - all));
            }
        }
        assert_eq!(
            flatten.leaves.len(),
            self.leaves,
            "a summary changed its shape from one replication to the next"
        );
        self.places.iter().map(|&at| flatten.leaves[at]).collect()
    }
}

/// Replaces the listed measures of intervals by those of `count` intervals.
fn list_intervals(named: &mut Vec<(String, Leaf)>, count: usize) {
    let listed = |(key, _): &(String, Leaf)| key.starts_with(INTERVALS);
    let Some(begin) = named.iter().position(listed) else {
        return;
    };
    let end = begin + named.iter().filter(|one| listed(one)).count();
    let first = format!("{INTERVALS}0.");
    let of_first = named.iter();
    let of_first = of_first.filter_map(|(key, leaf)| Some((key.strip_prefix(&first)?, *leaf)));
    let of_first: Vec<(&str, Leaf)> = of_first.collect();
    let key = |index: usize, rest: &str| format!("{INTERVALS}{index}.{rest}");
    let all = (0..count).flat_map(|index| {
        let of_one = of_first.iter();
        of_one.map(move |&(rest, leaf)| (key(index, rest), leaf))
    });
    let all: Vec<(String, Leaf)> = all.collect();
    named.splice(begin..end, all);
}

/// The statistics of a study's rows, folded in the order of their numbers; a row is left out of a measure that is
/// null in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// Number of rows.
    pub rows: u64,
    /// The fold of their digests.
    pub digest: Digest,
    /// A sample for each measure.
    pub samples: Vec<Sample>,
    /// The digest of the first row.
    first: Option<Digest>,
    /// Whether all rows have that digest.
    is_alike: bool,
}

impl Fold {
    /// A fold without rows, for this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Fold {
        Fold {
            rows: 0,
            digest: Digest::EMPTY,
            samples: vec![Sample::default(); layout.keys.len()],
            first: None,
            is_alike: true,
        }
    }

    /// Adds the next row.
    pub fn take(&mut self, row: &Row) {
        self.rows += 1;
        self.digest.fold(row.digest.value());
        self.is_alike &= *self.first.get_or_insert(row.digest) == row.digest;
        for (sample, &value) in self.samples.iter_mut().zip(&row.values) {
            if !value.is_nan() {
                sample.add(value);
            }
        }
    }

    /// Whether there are several rows and all are of the same run, as they are if nothing is random.
    #[must_use]
    pub fn is_one_run(&self) -> bool {
        self.rows > 1 && self.is_alike
    }

    /// The interval of every measure.
    #[must_use]
    pub fn intervals(&self, confidence: f64) -> Vec<Interval> {
        let samples = self.samples.iter();
        samples.map(|sample| sample.interval(confidence)).collect()
    }
}

/// The error for a key that is not a measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` is no measure of this scenario; {nearest}")]
pub struct UnknownMeasure {
    key: String,
    nearest: String,
}

impl UnknownMeasure {
    fn new(key: &str, keys: &[String]) -> UnknownMeasure {
        const SHOWN: usize = 3;
        let likeness = |known: &String| {
            // A key without its end stands for those that begin with it.
            let begins = known.starts_with(key) || known.ends_with(key);
            strsim::jaro_winkler(key, known) + if begins { 1.0 } else { 0.0 }
        };
        let mut near: Vec<&String> = keys.iter().collect();
        near.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
        near.truncate(SHOWN);
        let near: Vec<String> = near.iter().map(|key| format!("`{key}`")).collect();
        UnknownMeasure {
            key: key.chars().filter(|c| !c.is_control()).take(80).collect(),
            nearest: format!("the nearest are {}", near.join(", ")),
        }
    }
}
