//! `filas order FILE`: the best order of a line's stages.

use super::options::{StudyOptions, folder_of};
use super::{By, End, Study, Telling, carry_out, failed, of_share};
use crate::cli::options::whole;
use crate::cli::progress::Progress;
use crate::cli::text::{self, Paper, StudyTelling};
use crate::cli::{Exit, Failure};
use crate::number::of_them;
use crate::report::study::{Head, OrderShare, json as written};
use crate::report::tables::Formats;
use crate::report::{Draft, Folder, OrderReport, order_table};
use crate::scenario::edit::reorder;
use crate::scenario::{Loaded, Origin, Overrides, Tandem, load, normalised};
use crate::study::comparable::comparable;
use crate::study::ledger::Ledger;
use crate::study::order::{self, Objective, OrderError, OrderStudy, Question as Asked};
use crate::study::permutation::reordered;
use crate::study::{Conditions, Share, StudyError};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The line, and the question.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The measure to minimise; repeatable
    #[arg(
        long = "objective",
        value_name = "KEY",
        value_enum,
        default_value = "waiting.mean"
    )]
    objectives: Vec<Objective>,

    /// Difference from the best that does not matter, in the objective's unit [default: 1 % of the best]
    #[arg(long, value_name = "D", value_parser = not_negative)]
    indifference: Option<f64>,

    /// The most replications of an order [default: what a minute or so allows]
    #[arg(long, value_name = "N", value_parser = whole(1..=u64::MAX))]
    max: Option<u64>,

    /// Show every order in the text
    #[arg(long)]
    all: bool,

    /// Write the scenario in its best order to a new file; in a tie that is the order it has
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["shard", "dry_run"])]
    write: Option<PathBuf>,

    #[command(flatten)]
    study: StudyOptions,
}

impl ValueEnum for Objective {
    fn value_variants<'a>() -> &'a [Self] {
        &Objective::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.key()))
    }
}

pub(super) fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..f64::INFINITY).contains(&value) => Ok(value),
        _ => Err("a difference is 0 or more, in the unit of what is compared".to_owned()),
    }
}

/// The options that determine the runs made of each order, and therefore the rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RaceOptions {
    objectives: Vec<String>,
    confidence: f64,
    indifference: Option<f64>,
}

/// The limit of the race, and the options of its report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    max: Option<u64>,
    all: bool,
}

/// The orders of a line.
pub(super) struct Orders {
    loaded: Loaded,
    race: RaceOptions,
    question: Question,
    objectives: Vec<Objective>,
    /// The file to which the scenario is written in its best order.
    write: Option<PathBuf>,
}

/// Their ranking so far.
pub(super) enum Ordered {
    /// The whole result.
    Study(Box<OrderStudy>),
    /// A share of a round, with the jobs left to others.
    Round(Vec<u64>),
}

/// The name of this kind of study in its rows.
pub(super) const ROWS: &str = "order";

pub(in crate::cli) fn order(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = arguments.study.load()?;
    let mut objectives: Vec<String> = Vec::new();
    for objective in &arguments.objectives {
        if !objectives.iter().any(|key| key == objective.key()) {
            objectives.push(objective.key().to_owned());
        }
    }
    let race = RaceOptions {
        objectives,
        confidence: arguments.study.confidence,
        indifference: arguments.indifference,
    };
    let question = Question {
        max: arguments.max,
        all: arguments.all,
    };
    let mut study = Orders::new(loaded, race, question)?;
    study.write.clone_from(&arguments.write);
    study.writable()?;
    carry_out(&arguments.study, |_| Ok(study))
}

impl Orders {
    /// The orders of this scenario's stages.
    pub(super) fn new(
        loaded: Loaded,
        race: RaceOptions,
        question: Question,
    ) -> Result<Orders, Failure> {
        let Some(line) = loaded.scenario.line().filter(|line| !line.is_network()) else {
            return Err(Failure::OtherModel {
                command: "order",
                model: "tandem",
            });
        };
        comparable(line).map_err(OrderError::from)?;
        let known = Objective::ALL.into_iter();
        let asked = |key: &String| known.clone().find(|objective| objective.key() == key);
        Ok(Orders {
            objectives: race.objectives.iter().filter_map(asked).collect(),
            loaded,
            race,
            question,
            write: None,
        })
    }

    /// Refuses a file that exists, or from whose folder the scenario would not find its data files.
    fn writable(&self) -> Result<(), Failure> {
        let Some(file) = &self.write else {
            return Ok(());
        };
        let shown = file.display();
        let folder = folder_of(file);
        if file.exists() {
            let text = format!("--write {shown} is there already; name a new file");
            return Err(Failure::Usage(text));
        }
        if file.file_name().is_none() || !folder.is_dir() {
            let text = format!("--write {shown} is in no folder; make the folder first");
            return Err(Failure::Usage(text));
        }
        let own = self
            .loaded
            .folder
            .as_ref()
            .filter(|_| !self.loaded.files.is_empty());
        let is_same = |own: &PathBuf| own.canonicalize().ok() == folder.canonicalize().ok();
        match own {
            Some(own) if !is_same(own) => Err(Failure::Usage(format!(
                "--write {shown} would not find the files that the scenario reads; name a file in {}",
                own.display()
            ))),
            _ => Ok(()),
        }
    }

    /// Writes the scenario with its stages in this order; with its comments, if its text can be rearranged.
    fn write_ordered(&self, file: &Path, order: &[u16]) -> Result<(), Failure> {
        let mut wanted = self.loaded.scenario.clone();
        if let Some(line) = wanted.line_mut() {
            *line = reordered(line, order);
        }
        let own = folder_of(file);
        let folder = self.loaded.folder.as_deref().unwrap_or(&own);
        let gives = |text: &String| {
            let origin = Origin::Kept {
                path: file,
                text,
                folder,
            };
            let loaded = load(origin, &Overrides::default());
            loaded.is_ok_and(|loaded| loaded.scenario == wanted)
        };
        let text = reorder(&self.loaded.text, order).ok().filter(gives);
        let text = text.unwrap_or_else(|| normalised(&wanted));
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut draft = Draft::begin(&own, &name)?;
        draft.write_text(&text)?;
        draft.publish()?;
        Ok(())
    }

    fn line(&self) -> &Tandem {
        let line = self.loaded.scenario.line();
        line.expect("a desk was refused at the beginning")
    }
}

impl Study for Orders {
    type Found = Ordered;

    fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    fn rows(&self) -> Value {
        json!({ ROWS: self.race })
    }

    fn question(&self) -> Value {
        serde_json::to_value(&self.question).expect("it is plain data")
    }

    fn confidence(&self) -> f64 {
        self.race.confidence
    }

    fn run(&self, conditions: Conditions<'_>, progress: &Progress) -> Result<Ordered, Failure> {
        let asked = Asked {
            objectives: self.objectives.clone(),
            indifference: self.race.indifference,
            max: self.question.max,
        };
        let mut watch = |seen: order::Progress| {
            progress.say(match seen.searching {
                true => format!("searching, {} tried", of_them(seen.orders as u64, "order")),
                false => format!(
                    "{}, {} of {} orders can still be the best",
                    of_them(seen.replications, "replication"),
                    seen.racing,
                    seen.orders
                ),
            });
        };
        match order::order(self.line(), &asked, conditions, &mut watch) {
            Ok(study) => Ok(Ordered::Study(Box::new(study))),
            Err(OrderError::Missing(jobs)) => Ok(Ordered::Round(jobs)),
            Err(OrderError::Run(error)) => Err(failed(StudyError::Run(error))),
            Err(OrderError::Keep(error)) => Err(failed(StudyError::Keep(error))),
            Err(error) => Err(Failure::Order(error)),
        }
    }

    fn end(&self, found: &Ordered) -> End {
        match found {
            Ordered::Study(study) => End {
                digest: study.digest,
                interrupted: study.interrupted,
                ..End::default()
            },
            Ordered::Round(missing) => End {
                missing: missing.clone(),
                ..End::default()
            },
        }
    }

    fn document(&self, found: &Ordered, by: By) -> String {
        match found {
            Ordered::Study(study) => written(&OrderReport::new(self.line(), study)),
            Ordered::Round(missing) => written(&OrderShare {
                head: Head::of(&self.loaded.scenario, by.engine),
                shard: by.share.to_string(),
                for_others: missing.len() as u64,
            }),
        }
    }

    fn text(&self, found: &Ordered, telling: &Telling, paper: &Paper) -> String {
        match found {
            Ordered::Study(study) => {
                let said = StudyTelling {
                    by: "",
                    took: telling.took,
                    warm_up_found: None,
                    share: String::new(),
                };
                let report = OrderReport::new(self.line(), study);
                text::orders(
                    &self.loaded.scenario,
                    &report,
                    self.question.all,
                    &said,
                    paper,
                )
            }
            Ordered::Round(missing) => of_share(telling.by, missing.len(), paper),
        }
    }

    fn leave(&self, found: &Ordered) -> Result<Option<String>, Failure> {
        let (Some(file), Ordered::Study(study)) = (&self.write, found) else {
            return Ok(None);
        };
        let (ranking, shown) = (&study.rankings[0], file.display());
        if study.interrupted {
            return Ok(Some(format!(
                "{shown} is not written: the study was stopped"
            )));
        }
        self.write_ordered(file, &ranking.orders[0].order)?;
        Ok(Some(match (ranking.as_filed, ranking.settled) {
            (0, _) => format!("{shown} has the scenario in the order it had"),
            (_, true) => format!("{shown} has the scenario in this order"),
            (_, false) => format!("{shown} has the scenario in the order that is ahead"),
        }))
    }

    fn tables(
        &self,
        found: &Ordered,
        folder: &Folder,
        formats: Formats,
        _rows: (&dyn Ledger, Share),
    ) -> Result<Vec<Draft>, Failure> {
        match found {
            Ordered::Study(study) => Ok(order_table(study, folder, formats)?),
            Ordered::Round(_) => Ok(Vec::new()),
        }
    }

    fn reproduce(&self, _found: &Ordered, scenario: &str) -> String {
        let objectives = self.race.objectives.iter();
        let objectives: String = objectives
            .map(|objective| format!(" --objective {objective}"))
            .collect();
        let option = |name: &str, value: Option<String>| {
            value.map_or(String::new(), |value| format!(" --{name} {value}"))
        };
        format!(
            "filas order {scenario}{objectives} --confidence {}{}{}",
            self.race.confidence,
            option(
                "indifference",
                self.race.indifference.map(|d| d.to_string())
            ),
            option("max", self.question.max.map(|n| n.to_string())),
        )
    }
}
