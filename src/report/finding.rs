//! The document of `filas find`, shown by the terminal, the report and the web page, and its table.

use super::page::Table as Listing;
use super::study::{Head, Keyed};
use super::tables::{Cell, Formats, Kind, Table};
use super::{Draft, Folder, WriteError};
use crate::number::{plain, plain_beside};
use crate::scenario::Scenario;
use crate::study::answer::{self, Answer};
use crate::study::find::{Bounds, Found, Question, Standing, Tried, Verdict};
use serde::{Deserialize, Serialize};

/// The document of `filas find`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Its subject: the scenario as filed.
    #[serde(flatten)]
    pub head: Head,
    /// The best setting; if none meets the requirements, the one that comes nearest.
    pub best: Keyed<String, i64>,
    /// Whether it meets all requirements with the confidence.
    pub meets: bool,
    /// Its value of the aim.
    pub value: Option<f64>,
    /// Confidence of the whole answer.
    pub confidence: f64,
    /// Whether all settings raced; otherwise only those that a search ended with.
    pub exhaustive: bool,
    /// Whether no better setting is left open.
    pub settled: bool,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// A fingerprint of all runs.
    pub digest: String,
    /// The answer in words.
    pub answer: Answer,
    /// The measure or key that was minimised or maximised.
    pub aim: String,
    /// Whether it was maximised.
    pub greatest: bool,
    /// The requirements.
    pub requirements: Vec<Required>,
    /// The difference of the measure that is considered irrelevant.
    pub indifference: Option<f64>,
    /// Number of possible settings.
    pub settings_count: u64,
    /// Number of settings that a search tried.
    pub searched: Option<u64>,
    /// Number of runs of all settings together.
    pub runs: u64,
    /// The measures in question, of the best setting.
    pub measures: Keyed<String, Seen>,
    /// The settings one step from the best, as indexes into `settings`.
    pub beside: Vec<usize>,
    /// Every setting that raced, and those beside the best.
    pub settings: Vec<SettingRow>,
}

/// A requirement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Required {
    /// The key of the measure.
    pub measure: String,
    /// The requirement as given.
    pub text: String,
    /// The value it is compared with.
    pub value: f64,
}

/// A measure: its mean, and the ends of the interval used for its verdict, limited to possible values of the measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The mean.
    pub mean: Option<f64>,
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// A setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettingRow {
    /// Its values.
    pub choice: Keyed<String, i64>,
    /// Its value of the aim.
    pub value: Option<f64>,
    /// Whether it meets the requirements: `yes`, `no` or `open`.
    pub meets: String,
    /// Number of its replications.
    pub replications: u64,
    /// Its place in the answer: `best`, `fails`, `not needed`, `as good` or `open`.
    pub standing: String,
    /// The measures in question.
    pub measures: Keyed<String, Seen>,
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Yes => "yes",
        Verdict::No => "no",
        Verdict::Open => "open",
    }
}

fn place(standing: Standing) -> &'static str {
    match standing {
        Standing::Best => "best",
        Standing::Fails => "fails",
        Standing::NotNeeded => "not needed",
        Standing::AsGood => "as good",
        Standing::Open => "open",
    }
}

impl Finding {
    /// The document of a search made by an engine.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        engine: &str,
        question: &Question,
        found: &Found,
        confidence: f64,
    ) -> Finding {
        let choice = |tried: &Tried| {
            let keys = question
                .space
                .choices()
                .iter()
                .map(|choice| choice.key.clone());
            Keyed(keys.zip(tried.setting.iter().copied()).collect())
        };
        let required = question.requirements.iter();
        let keys: Vec<&str> = required
            .map(|requirement| requirement.measure.as_str())
            .chain(question.aim.measure())
            .collect();
        let measures = |tried: &Tried| {
            let mut seen: Vec<(String, Seen)> = Vec::new();
            for (key, bounds) in keys.iter().zip(&tried.measures) {
                if seen.iter().all(|(known, _)| known != key) {
                    let &Bounds { mean, low, high } = bounds;
                    seen.push(((*key).to_owned(), Seen { mean, low, high }));
                }
            }
            Keyed(seen)
        };
        let best = &found.tried[found.best];
        let settings = found.tried.iter().map(|tried| SettingRow {
            choice: choice(tried),
            value: tried.value,
            meets: word(tried.verdict).to_owned(),
            replications: tried.replications,
            standing: place(tried.standing).to_owned(),
            measures: measures(tried),
        });
        Finding {
            head: Head::of(scenario, engine),
            best: choice(best),
            meets: found.meets(),
            value: best.value,
            confidence,
            exhaustive: found.searched.is_none(),
            settled: found.settled,
            interrupted: found.interrupted,
            digest: found.digest.to_string(),
            answer: answer::finding(scenario, question, found, confidence),
            aim: question.aim.text.clone(),
            greatest: question.aim.greatest,
            requirements: question
                .requirements
                .iter()
                .map(|requirement| Required {
                    measure: requirement.measure.clone(),
                    text: requirement.to_string(),
                    value: requirement.value,
                })
                .collect(),
            indifference: found.zone,
            settings_count: u64::try_from(found.settings).unwrap_or(u64::MAX),
            searched: found.searched,
            runs: found.runs,
            measures: measures(best),
            beside: found.beside.clone(),
            settings: settings.collect(),
        }
    }

    /// A row for each of the settings that were run: the best, then those beside it, then the others by value.
    #[must_use]
    pub fn table(&self) -> Listing {
        let mut shown: Vec<usize> = (0..self.settings.len()).collect();
        shown.retain(|&at| self.settings[at].replications > 0);
        let rank = |at: usize| match &self.settings[at].standing {
            standing if standing == "best" => 0,
            standing if standing == "open" || standing == "as good" => 1,
            _ if self.beside.contains(&at) => 2,
            _ => 3,
        };
        let sign = if self.greatest { -1.0 } else { 1.0 };
        // Among worse settings, the nearest to the best first.
        let value = |at: usize| {
            self.settings[at]
                .value
                .map_or(f64::INFINITY, |value| sign * value)
        };
        let best = self.value.map_or(0.0, |value| sign * value);
        let distance = |at: usize| (value(at) - best).abs();
        shown.sort_by(|&a, &b| {
            rank(a)
                .cmp(&rank(b))
                .then(distance(a).total_cmp(&distance(b)))
                .then(a.cmp(&b))
        });
        // An aim that is a key needs no column of its own.
        let is_key = self.best.get(&self.aim).is_some();
        let rows = shown.into_iter().map(|at| {
            let row = &self.settings[at];
            let mut cells: Vec<String> = row
                .choice
                .0
                .iter()
                .map(|(_, value)| value.to_string())
                .collect();
            let figure = |value: Option<f64>| value.map_or("–".to_owned(), plain);
            if !is_key {
                cells.push(figure(row.value));
            }
            let is_aim = |key: &str| key == self.aim;
            let measures = row.measures.0.iter().filter(|(key, _)| !is_aim(key));
            cells.extend(measures.map(|(key, seen)| {
                let required = self.requirements.iter();
                let required = required.filter(|required| required.measure == *key);
                let required: Vec<f64> = required.map(|required| required.value).collect();
                seen.mean
                    .map_or("–".to_owned(), |mean| plain_beside(mean, &required))
            }));
            cells.push(row.replications.to_string());
            cells.push(row.meets.clone());
            cells.push(row.standing.clone());
            cells
        });
        let keys = self.best.0.iter().map(|(key, _)| key.clone());
        let measures = self.measures.0.iter().map(|(key, _)| key.clone());
        let measures = measures.filter(|key| *key != self.aim);
        let head = keys
            .chain((!is_key).then(|| self.aim.clone()))
            .chain(measures)
            .chain(["runs", "meets", ""].map(str::to_owned));
        Listing {
            caption: "The settings that were run; the best, those beside it, then by value"
                .to_owned(),
            words: 0,
            head: head.collect(),
            rows: rows.collect(),
        }
    }
}

/// Writes the table `settings`: a row per setting, a column per key and measure.
///
/// # Errors
/// If the system will not write.
pub fn settings_table(
    folder: &Folder,
    formats: Formats,
    finding: &Finding,
) -> Result<Vec<Draft>, WriteError> {
    let keys = finding.best.0.iter().map(|(key, _)| key.as_str());
    let mut columns: Vec<(&str, Kind)> = keys.map(|key| (key, Kind::Number)).collect();
    columns.extend([
        ("value", Kind::Number),
        ("meets", Kind::Text),
        ("standing", Kind::Text),
        ("replications", Kind::Whole),
    ]);
    let ends: Vec<[String; 3]> = finding
        .measures
        .0
        .iter()
        .map(|(key, _)| ["", "_low", "_high"].map(|end| format!("{key}{end}")))
        .collect();
    columns.extend(
        ends.iter()
            .flatten()
            .map(|name| (name.as_str(), Kind::Number)),
    );
    let mut table = Table::begin(folder, "settings", &columns, (formats, None))?;
    let number = |value: Option<f64>| value.map_or(Cell::Empty, Cell::Number);
    for setting in &finding.settings {
        let values = setting.choice.0.iter();
        let mut row: Vec<Cell<'_>> = values
            .map(|(_, value)| Cell::Number(*value as f64))
            .collect();
        row.extend([
            number(setting.value),
            Cell::Text(&setting.meets),
            Cell::Text(&setting.standing),
            Cell::Whole(setting.replications),
        ]);
        for (_, seen) in &setting.measures.0 {
            row.extend([seen.mean, seen.low, seen.high].map(number));
        }
        table.push_all(&row)?;
    }
    table.finish()
}
