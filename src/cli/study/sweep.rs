//! `filas sweep FILE --vary KEY=LIST`: a grid over scenario keys, replicated and compared.

use super::options::{GoalOptions, StudyOptions};
use super::{By, End, Study, Telling, carry_out, failed, of_share, same_kind};
use crate::cli::progress::Progress;
use crate::cli::publish::quoted;
use crate::cli::text::{self, Paper, StudyTelling};
use crate::cli::{Exit, Failure};
use crate::report::study::{Sweep, json};
use crate::report::tables::{self, Formats};
use crate::report::{Draft, Folder};
use crate::scenario::{Loaded, Scenario};
use crate::study::answer::{Asked, cell as named};
use crate::study::keys::twice;
use crate::study::ledger::Ledger;
use crate::study::measures::usual;
use crate::study::sweep::{Axis, Swept, grid, sweep as run_grid};
use crate::study::{Conditions, Layout, Share};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The scenario, the keys to vary, the number of replications, and the use of the results.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Vary a key over values: KEY=1..5, KEY=0.5,0.7,0.9 or KEY=0.5..0.9/0.1; repeatable, for a grid
    #[arg(long, value_name = "KEY=LIST", required = true, value_parser = Axis::parse)]
    vary: Vec<Axis>,

    #[command(flatten)]
    goal: GoalOptions,

    #[command(flatten)]
    study: StudyOptions,
}

/// The question put to every cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    goal: GoalOptions,
    confidence: f64,
}

/// A grid of scenarios.
pub(super) struct Grid {
    base: Loaded,
    vary: Vec<Axis>,
    settings: Vec<Vec<(String, String)>>,
    cells: Vec<Scenario>,
    question: Question,
}

/// The name of this kind of study in its rows.
pub(super) const ROWS: &str = "sweep";

pub(in crate::cli) fn sweep(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.study;
    let question = Question {
        goal: arguments.goal.clone(),
        confidence: options.confidence,
    };
    let load = |set: &[(String, String)]| options.scenario.load_with(set);
    let study = Grid::new(arguments.vary.clone(), question, load)?;
    options.accept(&study.base)?;
    carry_out(options, |_| Ok(study))
}

impl Grid {
    /// A grid over the scenario that `load` returns for some settings.
    pub(super) fn new(
        vary: Vec<Axis>,
        question: Question,
        load: impl Fn(&[(String, String)]) -> Result<Loaded, Failure>,
    ) -> Result<Grid, Failure> {
        let settings = grid(&vary).map_err(Failure::Usage)?;
        let base = load(&[])?;
        let keys = vary.iter().map(|axis| axis.key.as_str());
        if let Some(twice) = twice(keys, "varied", &|key| base.place(key)) {
            return Err(Failure::Usage(twice));
        }
        // An error in a cell names the cell.
        let cell = |set: &Vec<(String, String)>| match load(set) {
            Ok(loaded) => {
                same_kind(
                    [base.scenario.name(), &named(set)],
                    [&base.scenario, &loaded.scenario],
                )?;
                Ok(loaded.scenario)
            }
            Err(Failure::Scenario(error)) => Err(Failure::Cell {
                cell: named(set),
                error,
            }),
            Err(other) => Err(other),
        };
        let cells = settings.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
        let study = Grid {
            base,
            vary,
            settings,
            cells,
            question,
        };
        study.know_measures()?;
        Ok(study)
    }

    /// Refuses a measure that some cell does not have.
    fn know_measures(&self) -> Result<(), Failure> {
        let measures = &self.question.goal.measure;
        if measures.is_empty() {
            return Ok(());
        }
        for scenario in &self.cells {
            let layout = Layout::of(scenario).map_err(|error| failed(error.into()))?;
            for measure in measures {
                layout.find(measure)?;
            }
        }
        Ok(())
    }

    /// The document of the findings.
    fn of(&self, found: &Swept, by: By) -> Sweep {
        let asked = Asked {
            measures: self.question.goal.measure.clone(),
            confidence: self.question.confidence,
            precision: self.question.goal.precision,
        };
        let (engine, found) = ((by.engine, by.share), (self.settings.as_slice(), found));
        Sweep::new(&self.base.scenario, engine, found, &asked)
    }
}

impl Study for Grid {
    type Found = Swept;

    fn loaded(&self) -> &Loaded {
        &self.base
    }

    fn rows(&self) -> Value {
        json!({ ROWS: self.vary })
    }

    fn question(&self) -> Value {
        serde_json::to_value(&self.question).expect("it is plain data")
    }

    fn confidence(&self) -> f64 {
        self.question.confidence
    }

    fn run(&self, conditions: Conditions<'_>, _progress: &Progress) -> Result<Swept, Failure> {
        let goal = &self.question.goal;
        let default = [usual(&self.base.scenario)];
        let measures = match goal.measure.as_slice() {
            [] => &default,
            named => named,
        };
        run_grid(&self.cells, &goal.goal(), measures, conditions).map_err(failed)
    }

    fn end(&self, found: &Swept) -> End {
        End::of(&found.completion, &self.question.goal)
    }

    fn document(&self, found: &Swept, by: By) -> String {
        json(&self.of(found, by))
    }

    fn text(&self, found: &Swept, telling: &Telling, paper: &Paper) -> String {
        let said = StudyTelling {
            by: &telling.who,
            took: telling.took,
            warm_up_found: None,
            share: of_share(telling.by, found.completion.missing.len(), paper),
        };
        text::sweep(
            &self.base.scenario,
            &self.of(found, telling.by),
            &said,
            paper,
        )
    }

    fn tables(
        &self,
        found: &Swept,
        folder: &Folder,
        formats: Formats,
        _rows: (&dyn Ledger, Share),
    ) -> Result<Vec<Draft>, Failure> {
        let named = &self.question.goal.measure;
        let drafts = tables::study::cells(folder, formats, &self.settings, found, named)?;
        Ok(drafts)
    }

    fn reproduce(&self, found: &Swept, scenario: &str) -> String {
        let vary = self.vary.iter().map(|axis| {
            let list = format!("{}={}", axis.key, axis.values.join(","));
            format!(" --vary {}", quoted(&list))
        });
        format!(
            "filas sweep {scenario}{} -n {} --confidence {}",
            vary.collect::<String>(),
            found.completion.replications,
            self.question.confidence
        )
    }
}
