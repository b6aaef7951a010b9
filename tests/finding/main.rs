//! Acceptance tests of `find`, too slow for the suite: `cargo test --release --test finding -- --nocapture`.
//!
//! Repeated studies of cases whose answer is known by a formula or by a Markov chain must be right at least as
//! often as they say, and spend at most a third of what equal spending would. `FILAS_STUDIES` sets the number of
//! studies of each case, `FILAS_CASES=erlang` takes those with the word in their name.
#![allow(
    clippy::print_stdout,
    reason = "figures for the README, with --nocapture"
)]

use filas::scenario::{Origin, Overrides, Scenario, ScenarioError, load};
use filas::study::find::{Aim, Choice, Found, Question, Requirement, Space, find};
use filas::study::{Conditions, InMemory, Workers};

mod cases;
mod centre;

use cases::cases;

const CONFIDENCE: f64 = 0.95;

fn studies() -> u64 {
    let named = std::env::var("FILAS_STUDIES").ok();
    named.and_then(|text| text.parse().ok()).unwrap_or(200)
}

/// A case: a scenario, what is asked, and the right answer.
struct Case {
    name: &'static str,
    text: String,
    choose: Vec<String>,
    sum: Vec<String>,
    require: Vec<String>,
    aim: String,
    greatest: bool,
    /// The difference that does not matter, where it is not the usual one.
    indifference: Option<f64>,
    /// The settings that are right; several where they tie within what does not matter.
    right: Vec<Vec<i64>>,
}

impl Case {
    fn question(&self) -> Question {
        let choices = self.choose.iter().map(|text| Choice::parse(text).unwrap());
        let space = Space::new(choices.collect(), &self.sum, &str::to_owned).unwrap();
        let requirements = self.require.iter();
        Question {
            requirements: requirements
                .map(|text| Requirement::parse(text).unwrap())
                .collect(),
            aim: Aim::parse(&self.aim, self.greatest, &space, &str::to_owned).unwrap(),
            indifference: self.indifference,
            max: None,
            space,
        }
    }

    fn scenario(&self, setting: &[i64], seed: u64) -> Result<Scenario, ScenarioError> {
        self.scenario_as(&self.text, setting, seed)
    }

    fn scenario_as(
        &self,
        text: &str,
        setting: &[i64],
        seed: u64,
    ) -> Result<Scenario, ScenarioError> {
        let keys = self
            .choose
            .iter()
            .map(|text| text.split('=').next().unwrap());
        let set = keys
            .zip(setting)
            .map(|(key, value)| (key.to_owned(), value.to_string()));
        let overrides = Overrides {
            set: set.collect(),
            seed: Some(seed),
            ..Overrides::default()
        };
        let origin = Origin::Embedded { name: "case", text };
        load(origin, &overrides).map(|loaded| loaded.scenario)
    }

    fn study(&self, seed: u64, workers: &Workers) -> Found {
        let rows = InMemory::default();
        let conditions = Conditions {
            confidence: CONFIDENCE,
            ..Conditions::by(workers, &rows)
        };
        let load = |setting: &[i64]| self.scenario(setting, seed);
        find(&self.question(), load, conditions, &mut |_| {}).unwrap()
    }
}

#[test]
fn studies_are_right_as_often_as_they_say_and_spend_a_third_of_equal_spending() {
    let workers = Workers::new(0).unwrap();
    let mut failed = Vec::new();
    let word = std::env::var("FILAS_CASES")
        .unwrap_or_default()
        .to_lowercase();
    let mut cases = cases();
    cases.retain(|case| case.name.to_lowercase().contains(&word));
    assert!(!cases.is_empty(), "no case is called {word}");
    for case in cases {
        let (mut right, mut settled, mut runs, mut equal) = (0, 0, 0, 0);
        for seed in 1..=studies() {
            let found = case.study(seed, &workers);
            let best = &found.tried[found.best];
            right += u64::from(found.meets() && case.right.contains(&best.setting));
            settled += u64::from(found.settled);
            runs += found.runs;
            let most = found
                .tried
                .iter()
                .map(|tried| tried.replications)
                .max()
                .unwrap_or(0);
            equal += most * found.settings as u64;
        }
        println!(
            "{right} of {} right, {settled} settled, {} runs a study, {:.0} % of equal spending: {}",
            studies(),
            runs / studies(),
            100.0 * runs as f64 / equal as f64,
            case.name
        );
        let enough = right as f64 >= CONFIDENCE * studies() as f64;
        if !enough || 3 * runs > equal {
            failed.push(case.name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
