//! `filas compare A B`: two scenarios, or two folders of replications, pair by pair. The folder of a run stands for its
//! scenario.

use super::options::{GoalOptions, StudyOptions, folder_of};
use super::{By, End, Study, Telling, carry_out, failed, of_share, same_kind};
use crate::cli::progress::Progress;
use crate::cli::publish::{inputs, quoted};
use crate::cli::source::Source;
use crate::cli::text::{self, Paper, StudyTelling};
use crate::cli::{Exit, Failure};
use crate::report::comparison::{Comparison, differences_table};
use crate::report::filed::Filed;
use crate::report::rows::{self, AboutError};
use crate::report::study::json as written;
use crate::report::tables::Formats;
use crate::report::{Draft, Folder, InputFile};
use crate::scenario::{Change, Limits, Loaded, Origin, Overrides, changes, load};
use crate::study::answer::Asked;
use crate::study::compare::{ByTurns, Compared, compare as run_pairs};
use crate::study::ledger::Ledger;
use crate::study::pairing::Pairing;
use crate::study::{Conditions, Goal, Layout, RowSource, Share};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The two, the number of pairs of runs, and the use of the results.
#[derive(Debug, clap::Args)]
#[command(mut_arg("scenario_file", |a| a.index(1).value_name("A").required(true).help(FIRST).long_help(FIRST_LONG)))]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    goal: GoalOptions,

    #[command(flatten)]
    study: StudyOptions,

    /// The second of them, of the same kind
    #[arg(index = 2, value_name = "B", required = true, value_hint = clap::ValueHint::AnyPath)]
    second_scenario: PathBuf,
}

const FIRST: &str =
    "The first: a scenario file, the name of a shipped scenario, or a results folder";

const FIRST_LONG: &str = "The first: a scenario file, the name of a shipped scenario, - for stdin, or a \
                          results folder of `filas run` or `filas replicate`\n\nScenarios run pair by pair \
                          from the seed of the first, --set and --patch change both. The folder of a run \
                          stands for its scenario. Of folders of `filas replicate` the replications that are \
                          there are compared; they must be of one seed and equally many.";

/// The question put to the pairs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    goal: GoalOptions,
    confidence: f64,
    /// The names of the two.
    named: [String; 2],
    /// Path of the second scenario's file.
    file: PathBuf,
}

/// The second scenario, on which the rows depend.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Other {
    scenario: String,
    inputs: Vec<InputFile>,
}

/// Two scenarios.
pub(super) struct Pair {
    loaded: Loaded,
    other: Loaded,
    pairing: Pairing,
    changed: Vec<Change>,
    question: Question,
    /// Their replications, if they are read from two folders.
    filed: Option<[Filed; 2]>,
}

/// The name of this kind of study in its rows.
pub(super) const ROWS: &str = "compare";

pub(in crate::cli) fn compare(arguments: &Arguments) -> Result<Exit, Failure> {
    let options = &arguments.study;
    let first = options.scenario.word().unwrap_or(Path::new(""));
    let second = arguments.second_scenario.as_path();
    let named = [first, second].map(|word| word.display().to_string());
    let [one, other] = [first, second].map(run_in);
    let of_replications = [
        is_folder(first) && one.is_none(),
        is_folder(second) && other.is_none(),
    ];
    if let Some(source) = one {
        options.scenario.stands_for(source);
    }
    let pair = match (of_replications[0], of_replications[1]) {
        (true, true) => of_folders(arguments, named)?,
        (false, false) => of_scenarios(arguments, other, named)?,
        (is_first, _) => {
            let (folder, scenario) = match is_first {
                true => (first, second),
                false => (second, first),
            };
            let text = format!(
                "`{}` holds replications and `{}` is a scenario; name two folders of replications, or two \
                 scenarios, as in {}",
                folder.display(),
                scenario.display(),
                folder.join("scenario.toml").display()
            );
            return Err(Failure::Usage(text));
        }
    };
    carry_out(options, |_| Ok(pair))
}

/// Whether a word names a results folder: a folder, unless it is also the name of a shipped scenario and the folder
/// holds no results.
fn is_folder(word: &Path) -> bool {
    let shipped = crate::scenario::shipped::Shipped::or_file(word);
    let is_shipped = matches!(shipped, Ok(Some(_)));
    word.is_dir() && (!is_shipped || word.join("manifest.json").exists())
}

/// The scenario of the run in a folder, if the word names one.
fn run_in(word: &Path) -> Option<Source> {
    let holds_rows = !matches!(rows::about(word), Err(AboutError::None(_)));
    let source = Source::of_run(word);
    source.filter(|_| is_folder(word) && !holds_rows)
}

fn of_scenarios(
    arguments: &Arguments,
    other: Option<Source>,
    named: [String; 2],
) -> Result<Pair, Failure> {
    let options = &arguments.study;
    let loaded = options.load()?;
    let seed = loaded.scenario.seed();
    let second = arguments.second_scenario.as_path();
    let (file, other) = options.scenario.load_other(second, other, seed)?;
    options.output.warn(&other.warnings);
    let question = Question {
        goal: arguments.goal.clone(),
        confidence: options.confidence,
        named,
        file,
    };
    Pair::new(loaded, other, question)
}

fn of_folders(arguments: &Arguments, named: [String; 2]) -> Result<Pair, Failure> {
    let options = &arguments.study;
    if options.scenario.changes_it() {
        let text = "folders hold the replications of scenarios as they were: --set, --patch and --seed \
                    are for scenarios";
        return Err(Failure::Usage(text.to_owned()));
    }
    if arguments.goal.precision.is_some() || options.spread.is_asked_for() {
        let text = "folders hold the replications they hold: --precision, --shard, --on and --resume are \
                    for scenarios";
        return Err(Failure::Usage(text.to_owned()));
    }
    let first = options.scenario.word().unwrap_or(Path::new(""));
    let read = [first, &arguments.second_scenario];
    options.results.spare(read.into_iter())?;
    let filed = [
        Filed::open(first)?,
        Filed::open(&arguments.second_scenario)?,
    ];
    let [a, b] = &filed;
    let differ = |what: &str,
                  a: &dyn std::fmt::Display,
                  b: &dyn std::fmt::Display,
                  remedy: &str| {
        let text = format!(
            "the replications in {} and {} have different {what}, {a} and {b}, so that they are no pairs; {remedy}",
            filed[0].folder.display(),
            filed[1].folder.display()
        );
        Err(Failure::Usage(text))
    };
    if a.about.seed != b.about.seed {
        let remedy = format!("replicate one of them again with --seed {}", a.about.seed);
        return differ("seeds", &a.about.seed, &b.about.seed, &remedy);
    }
    if a.replications != b.replications {
        let most = a.replications.max(b.replications);
        let remedy = format!("go on with the shorter study: -n {most} --resume");
        return differ("numbers", &a.replications, &b.replications, &remedy);
    }
    let question = Question {
        goal: GoalOptions {
            n: a.replications,
            ..arguments.goal.clone()
        },
        confidence: options.confidence,
        named,
        file: b.about.file.clone(),
    };
    let pair = Pair::new(kept(a)?, kept(b)?, question)?;
    for (filed, layout) in filed.iter().zip(pair.pairing.layouts()) {
        let mut fits = true;
        filed.rows.each(0..1, &mut |_, row| {
            fits = row.values.len() == layout.keys().len();
        })?;
        if !fits {
            let text = format!(
                "{} was made by another version of filas, which had other measures; replicate it again",
                filed.folder.display()
            );
            return Err(Failure::Usage(text));
        }
    }
    Ok(Pair {
        filed: Some(filed),
        ..pair
    })
}

/// The scenario of the replications in a folder.
fn kept(filed: &Filed) -> Result<Loaded, Failure> {
    let about = &filed.about;
    load_kept(&about.file, &about.scenario, &folder_of(&about.file))
}

/// A scenario that was accepted before.
fn load_kept(path: &Path, text: &str, folder: &Path) -> Result<Loaded, Failure> {
    let origin = Origin::Kept { path, text, folder };
    let overrides = Overrides {
        limits: Limits {
            max_actors: u64::MAX,
            max_events: u64::MAX,
            max_memory: u64::MAX,
        },
        ..Overrides::default()
    };
    Ok(load(origin, &overrides)?)
}

impl Pair {
    /// A pair of scenarios of one model.
    pub(super) fn new(loaded: Loaded, other: Loaded, question: Question) -> Result<Pair, Failure> {
        let named = question.named.each_ref().map(String::as_str);
        same_kind(named, [&loaded.scenario, &other.scenario])?;
        let layout =
            |loaded: &Loaded| Layout::of(&loaded.scenario).map_err(|error| failed(error.into()));
        let pairing = Pairing::of([layout(&loaded)?, layout(&other)?]);
        for key in &question.goal.measure {
            pairing.find(key)?;
        }
        Ok(Pair {
            changed: changes(&loaded, &other),
            loaded,
            other,
            pairing,
            question,
            filed: None,
        })
    }

    /// The pair as it was begun, from the identity of its rows.
    pub(super) fn again(
        loaded: Loaded,
        rows: &Other,
        question: Question,
        data: Option<&Path>,
    ) -> Result<Pair, Failure> {
        let own = folder_of(&question.file);
        let folder = data.unwrap_or(&own);
        let other = load_kept(&question.file, &rows.scenario, folder)?;
        for (mine, theirs) in inputs(&other).iter().zip(&rows.inputs) {
            if mine != theirs {
                let text = format!(
                    "`{}` is not the file that the shards read; say with --inputs where that is",
                    mine.path
                );
                return Err(Failure::Usage(text));
            }
        }
        Pair::new(loaded, other, question)
    }

    /// The document of the findings.
    fn of(&self, found: &Compared, by: By) -> Comparison {
        let asked = Asked {
            measures: self.question.goal.measure.clone(),
            confidence: self.question.confidence,
            precision: self.question.goal.precision,
        };
        let named = self.question.named.each_ref().map(String::as_str);
        let layout = &self.pairing.layouts()[0];
        let found = (layout, found, self.changed.as_slice());
        let scenario = &self.loaded.scenario;
        Comparison::new(scenario, (by.engine, by.share), named, found, &asked)
    }
}

impl Study for Pair {
    type Found = Compared;

    fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    fn rows(&self) -> Value {
        let other = Other {
            scenario: self.other.text.clone(),
            inputs: inputs(&self.other),
        };
        json!({ ROWS: other })
    }

    fn question(&self) -> Value {
        serde_json::to_value(&self.question).expect("it is plain data")
    }

    fn confidence(&self) -> f64 {
        self.question.confidence
    }

    fn run(&self, conditions: Conditions<'_>, _progress: &Progress) -> Result<Compared, Failure> {
        let scenarios = [&self.loaded.scenario, &self.other.scenario];
        let Some([a, b]) = &self.filed else {
            let goal = self.question.goal.goal();
            return run_pairs(scenarios, &self.pairing, &goal, conditions).map_err(failed);
        };
        let (rows, nobody) = (ByTurns([&a.rows, &b.rows]), |_: &[u64]| ());
        let conditions = Conditions {
            source: RowSource::Others(&nobody),
            ledger: &rows,
            ..conditions
        };
        let goal = Goal::Count(a.replications);
        run_pairs(scenarios, &self.pairing, &goal, conditions).map_err(failed)
    }

    fn end(&self, found: &Compared) -> End {
        End::of(&found.completion, &self.question.goal)
    }

    fn document(&self, found: &Compared, by: By) -> String {
        written(&self.of(found, by))
    }

    fn text(&self, found: &Compared, telling: &Telling, paper: &Paper) -> String {
        let said = StudyTelling {
            by: match self.filed {
                Some(_) => "from their folders",
                None => &telling.who,
            },
            took: telling.took,
            warm_up_found: None,
            share: of_share(telling.by, found.completion.missing.len(), paper),
        };
        let document = self.of(found, telling.by);
        text::comparison(&self.loaded.scenario, &document, &said, paper)
    }

    fn tables(
        &self,
        found: &Compared,
        folder: &Folder,
        formats: Formats,
        _rows: (&dyn Ledger, Share),
    ) -> Result<Vec<Draft>, Failure> {
        Ok(differences_table(folder, formats, found)?)
    }

    fn beside(&self, folder: &Folder) -> Result<Vec<Draft>, Failure> {
        let mut draft = folder.draft("other.toml")?;
        draft.write_text(&self.other.text)?;
        Ok(vec![draft])
    }

    fn reproduce(&self, found: &Compared, scenario: &str) -> String {
        let other = match self.other.files.is_empty() {
            true => "other.toml".to_owned(),
            false => quoted(&self.question.file.display().to_string()),
        };
        format!(
            "filas compare {scenario} {other} -n {} --confidence {}",
            found.completion.replications, self.question.confidence
        )
    }
}
