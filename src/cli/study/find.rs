//! `filas find FILE --choose KEY=LO..HI --require "KEY >= VALUE" --minimise EXPR`: the best setting.

use super::options::StudyOptions;
use super::{By, End, Study, Telling, carry_out, failed, of_share};
use crate::cli::options::whole;
use crate::cli::progress::Progress;
use crate::cli::publish::quoted;
use crate::cli::text::{self, Paper, StudyTelling};
use crate::cli::{Exit, Failure};
use crate::number::of_them;
use crate::report::finding::{Finding, settings_table};
use crate::report::study::{Head, OrderShare, json as written};
use crate::report::tables::Formats;
use crate::report::{Draft, Folder};
use crate::scenario::Loaded;
use crate::study::answer::setting as named;
use crate::study::find::{
    self, Aim, Choice, FindError, Found, Question, Requirement, Space, Verdict,
};
use crate::study::ledger::Ledger;
use crate::study::measures::usual;
use crate::study::{Conditions, Layout, Share, StudyError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The scenario, the keys to choose, what must hold and what is made best.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("aim").required(true).args(["minimise", "maximise"])))]
pub(in crate::cli) struct Arguments {
    /// Choose a whole-number key: KEY=LO..HI or KEY=LO..HI:STEP; repeatable
    #[arg(long, value_name = "KEY=LO..HI", required = true, value_parser = parsed_choice)]
    choose: Vec<String>,

    /// Keep a sum of chosen keys fixed: "KEY+KEY=20"; repeatable
    #[arg(long, value_name = "KEY+KEY=TOTAL")]
    sum: Vec<String>,

    /// Require of a measure's mean: "KEY >= VALUE", also <=, > and <; repeatable
    #[arg(long, value_name = "KEY >= VALUE", value_parser = parsed_requirement)]
    require: Vec<String>,

    /// Make a measure least, or a sum of chosen keys with factors: "21*KEY + 30*KEY"
    #[arg(
        long,
        alias = "minimize",
        value_name = "EXPR",
        allow_hyphen_values = true
    )]
    minimise: Option<String>,

    /// Make a measure greatest, or a sum of chosen keys
    #[arg(
        long,
        alias = "maximize",
        value_name = "EXPR",
        allow_hyphen_values = true
    )]
    maximise: Option<String>,

    /// Of a measure, the difference from the best that does not matter [default: 1 % of the best]
    #[arg(long, value_name = "D", value_parser = super::order::not_negative)]
    indifference: Option<f64>,

    /// The most replications of a setting [default: what two minutes or so allow]
    #[arg(long, value_name = "N", value_parser = whole(2..=u64::MAX))]
    max: Option<u64>,

    /// Show every setting that was run in the text
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    study: StudyOptions,
}

fn parsed_choice(text: &str) -> Result<String, String> {
    Choice::parse(text).map(|_| text.to_owned())
}

fn parsed_requirement(text: &str) -> Result<String, String> {
    Requirement::parse(text).map(|_| text.to_owned())
}

/// The options that determine the runs made of each setting, and therefore the rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RaceOptions {
    choose: Vec<String>,
    sum: Vec<String>,
    require: Vec<String>,
    aim: String,
    greatest: bool,
    confidence: f64,
    indifference: Option<f64>,
    max: Option<u64>,
}

/// The options of the report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    all: bool,
}

/// Loads the scenario with some settings.
type Load<'a> = Box<dyn Fn(&[(String, String)]) -> Result<Loaded, Failure> + Sync + 'a>;

/// A search among settings.
pub(super) struct Settings<'a> {
    base: Loaded,
    load: Load<'a>,
    race: RaceOptions,
    question: Question,
    /// The same, with measures by the keys by which they were requested.
    asked: Question,
    shown: Shown,
}

/// The results so far.
pub(super) enum Sought {
    /// The whole result.
    Study(Box<Found>),
    /// A share of a round, with the jobs left to others.
    Round(Vec<u64>),
}

/// The name of this kind of study in its rows.
pub(super) const ROWS: &str = "find";

pub(in crate::cli) fn find(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.study;
    let (aim, greatest) = match (&arguments.minimise, &arguments.maximise) {
        (Some(aim), _) => (aim, false),
        (None, aim) => (aim.as_ref().expect("one of the two is required"), true),
    };
    let race = RaceOptions {
        choose: arguments.choose.clone(),
        sum: arguments.sum.clone(),
        require: arguments.require.clone(),
        aim: aim.clone(),
        greatest,
        confidence: options.confidence,
        indifference: arguments.indifference,
        max: arguments.max,
    };
    let shown = Shown { all: arguments.all };
    let load = |set: &[(String, String)]| options.scenario.load_with(set);
    let study = Settings::new(race, shown, Box::new(load))?;
    options.accept(&study.base)?;
    carry_out(options, |_| Ok(study))
}

impl<'a> Settings<'a> {
    /// A search over the scenario that `load` returns for some settings.
    pub(super) fn new(
        race: RaceOptions,
        shown: Shown,
        load: Load<'a>,
    ) -> Result<Settings<'a>, Failure> {
        let base = load(&[])?;
        let choices: Result<Vec<Choice>, String> =
            race.choose.iter().map(|text| Choice::parse(text)).collect();
        let place = |key: &str| base.place(key);
        let space = choices.and_then(|choices| Space::new(choices, &race.sum, &place));
        let space = space.map_err(Failure::Usage)?;
        let requirements = race.require.iter().map(|text| Requirement::parse(text));
        let requirements: Result<Vec<Requirement>, String> = requirements.collect();
        let aim = Aim::parse(&race.aim, race.greatest, &space, &place).map_err(Failure::Usage)?;
        let question = Question {
            requirements: requirements.map_err(Failure::Usage)?,
            aim,
            indifference: race.indifference,
            max: race.max,
            space,
        };
        let mut study = Settings {
            base,
            load,
            race,
            asked: question.clone(),
            question,
            shown,
        };
        study.check()?;
        Ok(study)
    }

    /// Refuses a key that does not exist or also takes numbers that are not whole, a setting that is not a valid
    /// scenario, and a measure that does not exist.
    fn check(&mut self) -> Result<(), Failure> {
        if self.question.requirements.is_empty() && self.question.aim.measure().is_none() {
            let text = format!(
                "nothing is required, so `{}` is best where its keys end; give --require \"KEY >= VALUE\"",
                self.question.aim.text
            );
            return Err(Failure::Usage(text));
        }
        let space = &self.question.space;
        let low: Vec<i64> = space.choices().iter().map(|choice| choice.low).collect();
        let high: Vec<i64> = space.choices().iter().map(|choice| choice.high).collect();
        for choice in space.choices() {
            let set = |value: String| (self.load)(&[(choice.key.clone(), value)]);
            set(choice.low.to_string())
                .map_err(|failure| with(&format!("{}={}", choice.key, choice.low), failure))?;
            if set(format!("{}.5", choice.low)).is_ok() {
                return Err(Failure::Usage(format!(
                    "`--choose {choice}`: `{}` takes numbers that are not whole; `filas sweep --vary` runs a grid \
                     over such a key",
                    choice.key
                )));
            }
        }
        for (at, _) in space.choices().iter().enumerate() {
            for (others, own) in [(&low, &high), (&high, &low)] {
                let mut setting = others.clone();
                setting[at] = own[at];
                self.scenario(&setting)?;
            }
        }
        let (first, last) = (self.scenario(&low)?, self.scenario(&high)?);
        let layout =
            |loaded: &Loaded| Layout::of(&loaded.scenario).map_err(|error| failed(error.into()));
        let layouts = [layout(&first)?, layout(&last)?];
        let numbered = |key: &str| -> Result<String, Failure> {
            let known = layouts[0].keys()[layouts[0].find(key)?].clone();
            layouts[1].find(&known)?;
            Ok(known)
        };
        for requirement in &mut self.question.requirements {
            requirement.measure = numbered(&requirement.measure)?;
        }
        if let Some(key) = self.question.aim.measure() {
            let known = numbered(key)?;
            self.question.aim.subject = find::Subject::Measure(known.clone());
            self.question.aim.text = known;
        }
        Ok(())
    }

    /// The failure if a measure had no value in all these runs.
    fn no_value(&self, measure: &str, runs: u64) -> Failure {
        let asked = self.question.requirements.iter();
        let asked = asked.zip(&self.asked.requirements);
        let asked = asked.map(|(one, asked)| (&one.measure, &asked.measure));
        let found = asked.into_iter().find(|(one, _)| *one == measure);
        let asked = found.map_or(&self.asked.aim.text, |(_, asked)| asked);
        let instead = usual(&self.base.scenario);
        let remedy = match instead == measure {
            true => "choose a measure that has observations here".to_owned(),
            false => format!("choose a measure that has observations here, such as `{instead}`"),
        };
        Failure::NoValue {
            measure: asked.clone(),
            runs,
            remedy,
        }
    }

    /// The scenario of a setting.
    fn scenario(&self, setting: &[i64]) -> Result<Loaded, Failure> {
        let keys = self.question.space.choices().iter();
        let set = keys
            .zip(setting)
            .map(|(choice, value)| (choice.key.clone(), value.to_string()));
        let set: Vec<(String, String)> = set.collect();
        (self.load)(&set).map_err(|failure| with(&named(&self.question.space, setting), failure))
    }

    fn of(&self, found: &Found, by: By) -> Finding {
        let scenario = &self.base.scenario;
        Finding::new(
            scenario,
            by.engine,
            &self.asked,
            found,
            self.race.confidence,
        )
    }
}

/// An error in a scenario, which names the setting.
fn with(setting: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Scenario(error) => Failure::Setting {
            setting: setting.to_owned(),
            error,
        },
        other => other,
    }
}

impl Study for Settings<'_> {
    type Found = Sought;

    fn loaded(&self) -> &Loaded {
        &self.base
    }

    fn rows(&self) -> Value {
        json!({ ROWS: self.race })
    }

    fn question(&self) -> Value {
        serde_json::to_value(&self.shown).expect("it is plain data")
    }

    fn confidence(&self) -> f64 {
        self.race.confidence
    }

    fn run(&self, conditions: Conditions<'_>, progress: &Progress) -> Result<Sought, Failure> {
        let mut watch = |seen: find::Progress| {
            progress.say(match seen.searching {
                true => format!(
                    "searching, {} tried",
                    of_them(seen.settings as u64, "setting")
                ),
                false => format!(
                    "{} of {} settled",
                    seen.settled,
                    of_them(seen.settings as u64, "setting")
                ),
            });
        };
        let load = |setting: &[i64]| self.scenario(setting).map(|loaded| loaded.scenario);
        match find::find(&self.question, load, conditions, &mut watch) {
            Ok(found) => Ok(Sought::Study(Box::new(found))),
            Err(FindError::Missing(jobs)) => Ok(Sought::Round(jobs)),
            Err(FindError::Setting(failure)) => Err(failure),
            Err(FindError::NoValue { measure, runs }) => Err(self.no_value(&measure, runs)),
            Err(FindError::Run(error)) => Err(failed(StudyError::Run(error))),
            Err(FindError::Keep(error)) => Err(failed(StudyError::Keep(error))),
            Err(FindError::Interrupted) => Err(Failure::NothingYet),
        }
    }

    fn end(&self, found: &Sought) -> End {
        let found = match found {
            Sought::Study(found) => found,
            Sought::Round(missing) => {
                return End {
                    missing: missing.clone(),
                    ..End::default()
                };
            }
        };
        let unmet = match found.tried[found.best].verdict {
            Verdict::Yes => None,
            Verdict::No => {
                Some("no setting meets the requirements: choose from more, or require less")
            }
            Verdict::Open => {
                Some("whether a setting meets the requirements is not settled: raise --max")
            }
        };
        End {
            digest: found.digest,
            interrupted: found.interrupted,
            unmet: unmet.map(str::to_owned),
            ..End::default()
        }
    }

    fn document(&self, found: &Sought, by: By) -> String {
        match found {
            Sought::Study(found) => written(&self.of(found, by)),
            Sought::Round(missing) => written(&OrderShare {
                head: Head::of(&self.base.scenario, by.engine),
                shard: by.share.to_string(),
                for_others: missing.len() as u64,
            }),
        }
    }

    fn text(&self, found: &Sought, telling: &Telling, paper: &Paper) -> String {
        match found {
            Sought::Study(found) => {
                let said = StudyTelling {
                    by: &telling.who,
                    took: telling.took,
                    warm_up_found: None,
                    share: String::new(),
                };
                let document = self.of(found, telling.by);
                text::finding(&self.base.scenario, &document, self.shown.all, &said, paper)
            }
            Sought::Round(missing) => of_share(telling.by, missing.len(), paper),
        }
    }

    fn tables(
        &self,
        found: &Sought,
        folder: &Folder,
        formats: Formats,
        _rows: (&dyn Ledger, Share),
    ) -> Result<Vec<Draft>, Failure> {
        match found {
            Sought::Study(found) => {
                let by = By {
                    engine: "",
                    share: Share::WHOLE,
                };
                Ok(settings_table(folder, formats, &self.of(found, by))?)
            }
            Sought::Round(_) => Ok(Vec::new()),
        }
    }

    fn reproduce(&self, _found: &Sought, scenario: &str) -> String {
        let race = &self.race;
        let option = |name: &str, values: &[String]| -> String {
            let each = values
                .iter()
                .map(|value| format!(" --{name} {}", quoted(value)));
            each.collect()
        };
        let number = |name: &str, value: Option<String>| {
            value.map_or(String::new(), |value| format!(" --{name} {value}"))
        };
        format!(
            "filas find {scenario}{}{}{} --{} {} --confidence {}{}{}",
            option("choose", &race.choose),
            option("sum", &race.sum),
            option("require", &race.require),
            if race.greatest {
                "maximise"
            } else {
                "minimise"
            },
            quoted(&race.aim),
            race.confidence,
            number("indifference", race.indifference.map(|d| d.to_string())),
            number("max", race.max.map(|n| n.to_string())),
        )
    }
}
