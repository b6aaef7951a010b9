//! The question put to a study, and its checks before the study starts.

use super::scenarios::{Draft, Shelf};
use crate::scenario::{Loaded, Overrides, Scenario};
use crate::study::order::Objective;
use crate::study::sweep::{Axis, grid};
use crate::study::{Layout, comparable};
use serde::Deserialize;

/// The maximum number of replications of one scenario.
const REPLICATIONS_MAX: u64 = 100_000;
/// The maximum number of cells of a grid.
const CELLS_MAX: usize = 400;

/// The question sent by the page.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Question {
    /// Confidence intervals of every measure.
    Replicate { replications: u64, measure: String },
    /// The effect of one key, run at several values.
    Sweep {
        replications: u64,
        measure: String,
        key: String,
        values: String,
    },
    /// The best order of a line's stages.
    Order { objective: String },
}

/// A checked question with all that its study needs.
pub(super) enum Task {
    Replicate(Loaded, Layout, u64, String),
    Sweep(Axis, Loaded, Vec<Scenario>, u64, String),
    Order(Loaded, Objective),
}

/// Checks a question and loads its scenarios.
pub(super) fn prepared(shelf: &Shelf, draft: &Draft, question: &Question) -> Result<Task, String> {
    let load = |set: &[(String, String)]| {
        let overrides = Overrides {
            set: set.to_vec(),
            ..Overrides::default()
        };
        let loaded = shelf.load(draft, &overrides);
        loaded.map_err(|error| {
            // The page has no options of the command line.
            let text = error.to_string();
            let text = text.strip_prefix("--set ").unwrap_or(&text).to_owned();
            match error.remedy() {
                Some(remedy) => format!("{text}; {remedy}"),
                None => text,
            }
        })
    };
    let layout = |scenario: &Scenario, measure: &str| {
        let layout = Layout::of(scenario).map_err(|error| error.to_string())?;
        layout.find(measure).map_err(|error| error.to_string())?;
        Ok::<_, String>(layout)
    };
    let enough = |replications: u64| match replications {
        1..=REPLICATIONS_MAX => Ok(replications),
        _ => Err(format!("replications are 1 to {REPLICATIONS_MAX} here")),
    };
    match question {
        Question::Replicate {
            replications,
            measure,
        } => {
            let loaded = load(&[])?;
            let layout = layout(&loaded.scenario, measure)?;
            let count = enough(*replications)?;
            Ok(Task::Replicate(loaded, layout, count, measure.clone()))
        }
        Question::Sweep {
            replications,
            measure,
            key,
            values,
        } => {
            let axis = Axis::parse(&format!("{key}={values}"))?;
            if axis.values.len() > CELLS_MAX {
                return Err(format!(
                    "more than {CELLS_MAX} values need the command line"
                ));
            }
            let settings = grid(std::slice::from_ref(&axis))?;
            let mut cells = Vec::new();
            for set in &settings {
                let loaded = load(set)?;
                layout(&loaded.scenario, measure)?;
                cells.push(loaded.scenario);
            }
            Ok(Task::Sweep(
                axis,
                load(&[])?,
                cells,
                enough(*replications)?,
                measure.clone(),
            ))
        }
        Question::Order { objective } => {
            let known = Objective::ALL.into_iter();
            let mut named = known.filter(|known| known.key() == objective);
            let objective = named.next().ok_or("this objective does not exist")?;
            let loaded = load(&[])?;
            let line = loaded.scenario.line();
            let line = line.ok_or("only the stages of a line have an order")?;
            comparable::comparable(line).map_err(|error| error.to_string())?;
            Ok(Task::Order(loaded, objective))
        }
    }
}
