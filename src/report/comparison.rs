//! The document of `filas compare`, shown by the terminal, the report and the web page, and its table.

use super::page::Table as Listing;
use super::study::{Head, Keyed};
use super::tables::{Cell, Formats, Kind, Table};
use super::{Draft, Folder, WriteError};
use crate::number::{column, percent, with_error};
use crate::scenario::{Change, Scenario};
use crate::stats::Interval;
use crate::study::answer::{self, Answer, Asked};
use crate::study::compare::{Compared, Difference};
use crate::study::{Layout, Share};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The document of `filas compare`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// Its subject: the first scenario.
    #[serde(flatten)]
    pub head: Head,
    /// The share of a study that it covers, if it is a shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The name of the first scenario, as given.
    pub a: String,
    /// The name of the second.
    pub b: String,
    /// Number of pairs of runs.
    pub replications: u64,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// The digests of both, folded in order.
    pub digest: String,
    /// Whether it was stopped before the goal.
    pub interrupted: bool,
    /// The answer in words.
    pub answer: Answer,
    /// Whether the requested precision was reached; null if none was requested.
    pub precision_reached: Option<bool>,
    /// The keys in which the scenarios differ, with both values.
    pub changed: Keyed<String, (Value, Value)>,
    /// Number of measures that differ in some pair, among which some may seem to differ by chance.
    pub looked_at: u64,
    /// All measures of both.
    pub measures: Keyed<String, Compare>,
}

/// A measure in both scenarios.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compare {
    /// Its mean in the first.
    pub a: Option<f64>,
    /// Its mean in the second.
    pub b: Option<f64>,
    /// The second minus the first, pair by pair.
    pub difference: Interval,
    /// The ends of the interval that holds simultaneously with those of all other differences.
    pub together: Together,
    /// Whether the difference is more than chance, with all measures judged together.
    pub clear: bool,
}

/// An interval that holds simultaneously with others.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Together {
    low: Option<f64>,
    high: Option<f64>,
}

impl Comparison {
    /// The document of a comparison made by an engine, all or a share of it; `named` are the names of the two.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        (engine, share): (&str, Share),
        named: [&str; 2],
        (layout, found, changed): (&Layout, &Compared, &[Change]),
        asked: &Asked,
    ) -> Comparison {
        let known = asked.measures.iter();
        let known = known.filter_map(|key| Some((&layout.keys()[layout.place(key)?], key)));
        let known: Vec<(&String, &String)> = known.collect();
        // Requested measures keep the keys by which they were requested.
        let as_asked = |key: &String| {
            let found = known.iter().find(|(known, _)| *known == key);
            found.map_or(key, |(_, asked)| asked).clone()
        };
        let asked = &Asked {
            measures: known.iter().map(|(known, _)| (*known).clone()).collect(),
            ..asked.clone()
        };
        let mut answer = answer::comparison(scenario, found, changed, asked);
        answer.measure = answer.measure.as_ref().map(as_asked);
        let is_wanted = |measure: &&Difference| {
            asked.measures.is_empty() || asked.measures.contains(&measure.key)
        };
        let measures = found.measures.iter().filter(is_wanted).map(|measure| {
            let compare = Compare {
                a: measure.sides[0].mean,
                b: measure.sides[1].mean,
                difference: measure.difference,
                together: Together {
                    low: measure.together.low,
                    high: measure.together.high,
                },
                clear: measure.is_clear() && !measure.is_none(),
            };
            (as_asked(&measure.key), compare)
        });
        let changes = changed.iter().map(|change| {
            let values = (change.old.clone(), change.new.clone());
            (change.key.clone(), values)
        });
        Comparison {
            head: Head::of(scenario, engine),
            shard: (!share.is_whole()).then(|| share.to_string()),
            a: named[0].to_owned(),
            b: named[1].to_owned(),
            replications: found.completion.replications,
            confidence: asked.confidence,
            digest: found.completion.digest.to_string(),
            interrupted: found.completion.interrupted,
            answer,
            precision_reached: asked.precision.map(|_| found.completion.met),
            changed: Keyed(changes.collect()),
            looked_at: found.looked_at as u64,
            measures: Keyed(measures.collect()),
        }
    }

    /// A row for each of these measures: first those that clearly differ, in descending order of change.
    #[must_use]
    pub fn table(&self, is_shown: impl Fn(&str, &Compare) -> bool) -> Listing {
        let mut shown: Vec<&(String, Compare)> = self
            .measures
            .0
            .iter()
            .filter(|(key, seen)| is_shown(key, seen))
            .collect();
        shown.sort_by(|(_, a), (_, b)| {
            let size = |seen: &Compare| seen.relative().map_or(0.0, f64::abs);
            let by_size = size(b).total_cmp(&size(a));
            b.clear.cmp(&a.clear).then(by_size)
        });
        let rows = shown.into_iter().map(|(key, seen)| {
            let sides = column(&[seen.a, seen.b], "–");
            vec![
                key.clone(),
                sides[0].trim().to_owned(),
                sides[1].trim().to_owned(),
                with_error(seen.difference.mean, seen.difference.half_width),
                seen.change(),
                match seen.clear {
                    true => "clear".to_owned(),
                    false if seen.is_clear_alone() => "by itself".to_owned(),
                    false => String::new(),
                },
            ]
        });
        let caption =
            "B less A, pair by pair; clear: more than chance, all measures judged together";
        Listing::new(caption, 1, "measure|A|B|difference|change|", rows.collect())
    }

    /// The keys in which the scenarios differ.
    #[must_use]
    pub fn changes(&self) -> Listing {
        let text = |value: &Value| match value {
            Value::Null => "–".to_owned(),
            value => super::study::text(value),
        };
        let changed = self.changed.0.iter();
        let rows = changed.map(|(key, (old, new))| vec![key.clone(), text(old), text(new)]);
        Listing::new("What was changed", 3, "key|A|B", rows.collect())
    }
}

impl Compare {
    /// The change as a share of the first scenario's value.
    #[must_use]
    pub fn relative(&self) -> Option<f64> {
        let base = self.a?.abs();
        (base > 0.0).then_some(self.difference.mean? / base)
    }

    fn is_clear_alone(&self) -> bool {
        self.difference.holds(0.0) == Some(false)
    }

    fn change(&self) -> String {
        match self.relative() {
            Some(share) if share != 0.0 => {
                let sign = if share < 0.0 { '-' } else { '+' };
                format!("{sign}{}", percent(share.abs()))
            }
            _ => String::new(),
        }
    }
}

/// Writes the table `differences`: a row per measure.
///
/// # Errors
/// If the system will not write.
pub fn differences_table(
    folder: &Folder,
    formats: Formats,
    found: &Compared,
) -> Result<Vec<Draft>, WriteError> {
    let columns = [
        ("measure", Kind::Text),
        ("n", Kind::Whole),
        ("a", Kind::Number),
        ("b", Kind::Number),
        ("difference", Kind::Number),
        ("half_width", Kind::Number),
        ("low", Kind::Number),
        ("high", Kind::Number),
        ("together_low", Kind::Number),
        ("together_high", Kind::Number),
    ];
    let mut table = Table::begin(folder, "differences", &columns, (formats, None))?;
    for measure in &found.measures {
        let Interval {
            n,
            mean,
            half_width,
            low,
            high,
            ..
        } = measure.difference;
        let numbers = [
            measure.sides[0].mean,
            measure.sides[1].mean,
            mean,
            half_width,
            low,
            high,
            measure.together.low,
            measure.together.high,
        ];
        let mut row = vec![Cell::Text(&measure.key), Cell::Whole(n)];
        row.extend(numbers.map(|value| value.map_or(Cell::Empty, Cell::Number)));
        table.push_all(&row)?;
    }
    table.finish()
}
