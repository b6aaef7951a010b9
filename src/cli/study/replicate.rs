//! `filas replicate FILE`: many independent replications, and an interval for every measure.

use super::options::{GoalOptions, StudyOptions};
use super::{By, End, Study, Telling, carry_out, failed, of_share};
use crate::cli::progress::Progress;
use crate::cli::text::{self, Paper, StudyTelling};
use crate::cli::{Exit, Failure};
use crate::report::study::{Replications, json};
use crate::report::tables::{self, Formats};
use crate::report::{Draft, Folder};
use crate::scenario::Loaded;
use crate::study::answer::Asked;
use crate::study::ledger::Ledger;
use crate::study::warm_up::{self, WarmUp};
use crate::study::{self, ClosedForm, Conditions, Layout, Replicated, Share};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The scenario, the number of replications, and the use of the results.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    goal: GoalOptions,

    /// Leave out this many first customers of each run, or `auto` to find out by MSER-5 on pilot
    /// runs [default: the scenario's]
    #[arg(long, value_name = "CUSTOMERS", value_parser = warm_up_option)]
    warm_up: Option<WarmUpOption>,

    #[command(flatten)]
    study: StudyOptions,
}

/// A warm-up as requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WarmUpOption {
    Auto,
    Customers(u64),
}

fn warm_up_option(text: &str) -> Result<WarmUpOption, String> {
    match text.parse() {
        _ if text == "auto" => Ok(WarmUpOption::Auto),
        Ok(customers) => Ok(WarmUpOption::Customers(customers)),
        Err(_) => Err("a warm-up is a number of customers, or `auto`".to_owned()),
    }
}

/// The question put to the replications.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    goal: GoalOptions,
    confidence: f64,
    /// The warm-up found on pilot runs, in customers; it is in the scenario.
    #[serde(skip)]
    warm_up_found: Option<u64>,
}

/// Replications of a scenario.
pub(super) struct Replicate {
    loaded: Loaded,
    layout: Layout,
    question: Question,
    fit: ClosedForm,
}

/// The name of this kind of study in its rows.
pub(super) const ROWS: &str = "replicate";

pub(in crate::cli) fn replicate(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = arguments.study.load()?;
    let question = Question {
        goal: arguments.goal.clone(),
        confidence: arguments.study.confidence,
        warm_up_found: None,
    };
    let mut study = Replicate::new(loaded, question)?;
    carry_out(&arguments.study, |conditions| {
        study.warm_up(arguments, conditions)?;
        Ok(study)
    })
}

impl Replicate {
    /// Replications of this scenario.
    pub(super) fn new(loaded: Loaded, question: Question) -> Result<Replicate, Failure> {
        let layout = Layout::of(&loaded.scenario).map_err(|error| failed(error.into()))?;
        for key in &question.goal.measure {
            layout.find(key)?;
        }
        Ok(Replicate {
            fit: ClosedForm::of(&loaded.scenario),
            layout,
            loaded,
            question,
        })
    }

    /// Sets the warm-up requested, and reports one that was found on pilot runs.
    fn warm_up(
        &mut self,
        arguments: &Arguments,
        conditions: Conditions<'_>,
    ) -> Result<(), Failure> {
        let Some(asked) = arguments.warm_up else {
            return Ok(());
        };
        let Some(line) = self.loaded.scenario.line() else {
            let text = "`--warm-up` counts customers of a line or a network; a desk in continuous time has a time, \
                        as in `--set horizon.warm_up=60`";
            return Err(Failure::Usage(text.to_owned()));
        };
        if line.has_population() {
            let text = "`--warm-up` counts customers, and those of a population do not arrive; give a time, as in \
                        `--set 'horizon.warm_up={ time = 60 }'`";
            return Err(Failure::Usage(text.to_owned()));
        }
        let customers = match asked {
            WarmUpOption::Customers(customers) => customers,
            WarmUpOption::Auto => {
                let found =
                    warm_up::find(line, conditions).map_err(|error| failed(error.into()))?;
                match found {
                    WarmUp::Customers(customers) => {
                        self.question.warm_up_found = Some(customers);
                        customers
                    }
                    WarmUp::TooShort(short) => {
                        let text = format!("no warm-up was found: {short}; set a longer `horizon`");
                        return Err(Failure::Usage(text));
                    }
                    // The study that follows will be interrupted too.
                    WarmUp::Interrupted => return Ok(()),
                }
            }
        };
        let set = ("horizon.warm_up".to_owned(), customers.to_string());
        let options = &arguments.study;
        self.loaded = options.scenario.load_with(&[set])?;
        self.fit = ClosedForm::of(&self.loaded.scenario);
        Ok(())
    }

    /// The document of the findings.
    fn of(&self, found: &Replicated, by: By) -> Replications {
        let asked = Asked {
            measures: self.question.goal.measure.clone(),
            confidence: self.question.confidence,
            precision: self.question.goal.precision,
        };
        let (scenario, found) = (&self.loaded.scenario, (found, &self.fit));
        Replications::new(scenario, (by.engine, by.share), &self.layout, found, &asked)
    }
}

impl Study for Replicate {
    type Found = Replicated;

    fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    fn rows(&self) -> Value {
        json!({ ROWS: {} })
    }

    fn question(&self) -> Value {
        serde_json::to_value(&self.question).expect("it is plain data")
    }

    fn found_out(&self) -> Option<(&'static str, String)> {
        let found = self.question.warm_up_found?;
        Some(("--warm-up", found.to_string()))
    }

    fn confidence(&self) -> f64 {
        self.question.confidence
    }

    fn run(&self, conditions: Conditions<'_>, _progress: &Progress) -> Result<Replicated, Failure> {
        let goal = self.question.goal.goal();
        study::replicate(&self.loaded.scenario, &self.layout, &goal, conditions).map_err(failed)
    }

    fn end(&self, found: &Replicated) -> End {
        let blocked = self.layout.blocked(|measure| found.intervals[measure].n);
        End {
            // A share is not judged before it is joined with the others.
            deadlocked: blocked > 0 && found.completion.missing.is_empty(),
            ..End::of(&found.completion, &self.question.goal)
        }
    }

    fn document(&self, found: &Replicated, by: By) -> String {
        json(&self.of(found, by))
    }

    fn text(&self, found: &Replicated, telling: &Telling, paper: &Paper) -> String {
        let said = StudyTelling {
            by: &telling.who,
            took: telling.took,
            warm_up_found: self.question.warm_up_found,
            share: of_share(telling.by, found.completion.missing.len(), paper),
        };
        let document = self.of(found, telling.by);
        text::replications(&self.loaded.scenario, &document, &said, paper)
    }

    fn tables(
        &self,
        found: &Replicated,
        folder: &Folder,
        formats: Formats,
        (ledger, share): (&dyn Ledger, Share),
    ) -> Result<Vec<Draft>, Failure> {
        let end = match found.completion.missing.is_empty() {
            true => found.completion.replications,
            false => found.wanted,
        };
        let rows = (ledger, 0..end, share);
        Ok(tables::study::replications(
            folder,
            formats,
            &self.layout,
            rows,
        )?)
    }

    fn reproduce(&self, found: &Replicated, scenario: &str) -> String {
        format!(
            "filas replicate {scenario} -n {} --confidence {}",
            found.completion.replications, self.question.confidence
        )
    }
}
