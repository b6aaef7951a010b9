//! Loading: from a file to a checked scenario.

use super::clock::{Clock, time_of_day};
use super::data::origin::Moment;
use super::data::series::Take;
use super::data::{Files, ReadFile, line_of, read_at_most, reason};
use super::error::{ScenarioError, Source};
use super::shape::{self, Model};
use super::tree::{Node, Tree};
use super::write::{self, References};
use super::{Patch, Scenario, check, desk, edit, input, line, network, patch, set};
use crate::number::of_them;
use crate::problem::{KeyPath, Place, Problem, printable};
use std::io::Read;
use std::path::{Path, PathBuf};
use toml_edit::{Document, Item};

/// The maximum size of a scenario, in bytes: some hundred thousand recorded times.
pub const SCENARIO_FILE_MAX: u64 = 4 * 1024 * 1024;

/// The seed of a scenario without one.
const SEED_DEFAULT: u64 = 1;

/// The changes that options make to a scenario, and its size limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Dotted keys and values: each is read as a TOML value or, if it is none, taken as text.
    pub set: Vec<(String, String)>,
    /// Applied to the scenario in this order, before anything is set.
    pub patches: Vec<Patch>,
    /// Replaces the scenario's seed.
    pub seed: Option<u64>,
    /// A scenario that exceeds these is refused.
    pub limits: Limits,
}

/// The size limits above which a scenario is refused, so that a typing error does not exhaust the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of actors, each on a thread of its own in the `threads` runtime: stages of a line;
    /// attendants and servers of a desk.
    pub max_actors: u64,
    /// The maximum number of expected events: visits of a line, or steps of attendants of a desk.
    pub max_events: u64,
    /// The maximum expected memory, in bytes.
    pub max_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_actors: 1024,
            max_events: 100_000_000_000,
            max_memory: 16 << 30,
        }
    }
}

/// The source of a scenario's text.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// A file; CSV files are looked for in its folder.
    File(&'a Path),
    /// The text of a scenario that was stored, or is being written; CSV files are looked for in this folder.
    Kept {
        /// The file it came from, or is to become.
        path: &'a Path,
        /// The text.
        text: &'a str,
        /// The folder of its CSV files.
        folder: &'a Path,
    },
    /// A text that comes with the program; it cannot name files.
    Embedded {
        /// Its name in errors.
        name: &'a str,
        /// The text.
        text: &'a str,
    },
}

/// A checked scenario, and how it was obtained.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario; every value is valid.
    pub scenario: Scenario,
    /// The text as run: that of the file with the overrides applied, comments kept.
    pub text: String,
    /// Warnings about what is allowed but probably a mistake, in sentences.
    pub warnings: Vec<String>,
    /// The CSV files read.
    pub files: Vec<ReadFile>,
    /// The folder in which they were looked for.
    pub folder: Option<PathBuf>,
    pub(super) references: References,
}

impl Loaded {
    /// The place in the scenario of a dotted key, as `--set` takes it: the same for all spellings of one key.
    #[must_use]
    pub fn place(&self, key: &str) -> String {
        set::place(&self.text, key)
    }

    /// The scenario with every default filled in, as TOML text that loads again to an equal one. Columns of files
    /// stay references to the files, whereas [`normalised`](super::normalised) writes their values.
    #[must_use]
    pub fn normalised(&self) -> String {
        write::text(&self.scenario, &self.references)
    }
}

/// Reads and checks a scenario.
///
/// # Errors
/// See [`ScenarioError`]: the first error found.
pub fn load(origin: Origin<'_>, overrides: &Overrides) -> Result<Loaded, ScenarioError> {
    match origin {
        Origin::Embedded { name, text } => {
            let shown = printable(name);
            if text.len() as u64 > SCENARIO_FILE_MAX {
                return Err(too_large(&shown));
            }
            load_text(&shown, text, None, Path::new(name), overrides)
        }
        Origin::Kept { path, text, folder } => {
            let shown = printable(&path.display().to_string());
            if text.len() as u64 > SCENARIO_FILE_MAX {
                return Err(too_large(&shown));
            }
            load_text(&shown, text, Some(folder.to_owned()), path, overrides)
        }
        Origin::File(path) => {
            let shown = printable(&path.display().to_string());
            let text = read(path, &shown)?;
            load_text(&shown, &text, Some(folder_of(path)), path, overrides)
        }
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn too_large(shown: &str) -> ScenarioError {
    too_large_for(shown, SCENARIO_FILE_MAX)
}

/// The error for a scenario of more than this many bytes.
pub(crate) fn too_large_for(shown: &str, most: u64) -> ScenarioError {
    let message = format!(
        "`{shown}` is larger than {most} bytes ({} KiB)",
        most / 1024
    );
    let help = "long lists of numbers belong in a CSV file beside the scenario";
    ScenarioError::new(message, Some(help.to_owned()))
}

pub(super) fn read(path: &Path, shown: &str) -> Result<String, ScenarioError> {
    let cannot = |error: &std::io::Error| {
        let message = format!("cannot read `{shown}`: {}", reason(error));
        ScenarioError::new(message, None)
    };
    // Checked before opening, since opening a pipe would wait for a writer.
    let about = std::fs::metadata(path).map_err(|error| cannot(&error))?;
    if !about.is_file() {
        let (what, help) = if about.is_dir() {
            ("a folder", None)
        } else {
            (
                "not a regular file",
                Some("`-` reads a scenario from stdin"),
            )
        };
        return Err(ScenarioError::new(
            format!("cannot read `{shown}`: it is {what}"),
            help.map(str::to_owned),
        ));
    }
    if about.len() > SCENARIO_FILE_MAX {
        return Err(too_large(shown));
    }
    let bytes = read_at_most(path, SCENARIO_FILE_MAX).map_err(|error| cannot(&error))?;
    decoded(shown, bytes)
}

/// Reads the text of a scenario that is not a file, such as stdin; `name` is its name in errors.
///
/// # Errors
/// If it cannot be read, is too large or is not UTF-8.
pub fn read_from(name: &str, input: impl Read) -> Result<String, ScenarioError> {
    let mut bytes = Vec::new();
    input
        .take(SCENARIO_FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            ScenarioError::new(format!("cannot read {name}: {}", reason(&error)), None)
        })?;
    if bytes.len() as u64 > SCENARIO_FILE_MAX {
        return Err(too_large(name));
    }
    decoded(name, bytes)
}

fn decoded(shown: &str, bytes: Vec<u8>) -> Result<String, ScenarioError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let text = String::from_utf8_lossy(bytes);
        let line = line_of(bytes, valid);
        let start = text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum::<usize>();
        let at = text[start..]
            .find('\u{fffd}')
            .map_or(start, |at| start + at);
        ScenarioError::new(
            format!("`{shown}` is not UTF-8 text"),
            Some("save it with the encoding UTF-8".to_owned()),
        )
        .at(Place::in_text(shown, &text, &(at..at + 1)))
    })
}

fn load_text(
    shown: &str,
    text: &str,
    folder: Option<PathBuf>,
    path: &Path,
    overrides: &Overrides,
) -> Result<Loaded, ScenarioError> {
    let text = text.trim_start_matches('\u{feff}');
    let document = parse(shown, text)?;
    let file = Tree::of(&document);
    let (text_as_run, settings) = apply(document, text, overrides)?;
    let source = Source {
        name: shown,
        text,
        file: &file,
        settings: &settings,
    };
    let open = |first| Door {
        first,
        ..Door::new(folder.clone(), path, overrides.limits)
    };
    let read = |door: &mut Door| {
        let document = parse(shown, &text_as_run)?;
        checked(document, door).map_err(|problem| source.place(problem))
    };
    let mut door = open(None);
    let mut scenario = read(&mut door)?;
    let first = door
        .first_of_all()
        .map_err(|problem| source.place(problem))?;
    if let Some(first) = first {
        door = open(Some(first));
        scenario = read(&mut door)?;
    }
    check::warn(&scenario, &mut door.warnings);
    Ok(Loaded {
        scenario,
        text: text_as_run,
        warnings: door.warnings,
        files: door.files.read,
        folder,
        references: door.references,
    })
}

pub(super) fn parse<'a>(shown: &str, text: &'a str) -> Result<Document<&'a str>, ScenarioError> {
    Document::parse(text).map_err(|error| {
        let what = error.message().trim().replace('\n', "; ");
        let message = format!("this is not TOML: {}", what.trim_end_matches('.'));
        let span = error.span().unwrap_or(0..0);
        let place = Place::in_text(shown, text, &span);
        let line = text.lines().nth(place.line - 1).unwrap_or_default();
        let help = decimal_comma(line).or_else(|| bare_unit(line));
        ScenarioError::new(printable(&message), help).at(place)
    })
}

/// A remedy for a line in which a number has a unit and no quotes.
fn bare_unit(line: &str) -> Option<String> {
    line.split('=').skip(1).find_map(|value| {
        let value = value.split([',', '}', '#']).next()?.trim();
        let (number, unit) = value.split_once(' ')?;
        let is_unit = !unit.is_empty() && unit.chars().all(char::is_alphabetic);
        let remedy = || {
            format!(
                "a number with a unit goes in quotes, where the key takes one: write `\"{value}\"`"
            )
        };
        (number.parse::<f64>().is_ok() && is_unit).then(remedy)
    })
}

/// A remedy for a line in which a value is written with a decimal comma.
fn decimal_comma(line: &str) -> Option<String> {
    let values = line.split('=').skip(1);
    values.map(str::trim_start).find_map(|value| {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = &value[..digits(value)];
        let rest = value[whole.len()..].strip_prefix(',')?;
        let decimals = &rest[..digits(rest)];
        (!whole.is_empty() && !decimals.is_empty())
            .then(|| format!("decimals stand after a point: write `{whole}.{decimals}`"))
    })
}

fn apply(
    document: Document<&str>,
    text: &str,
    overrides: &Overrides,
) -> Result<(String, Vec<set::Setting>), ScenarioError> {
    if overrides.patches.is_empty() && overrides.set.is_empty() && overrides.seed.is_none() {
        return Ok((text.to_owned(), Vec::new()));
    }
    let mut document = document.into_mut();
    let mut settings = Vec::with_capacity(overrides.set.len() + 1);
    for patch in &overrides.patches {
        settings.extend(patch::apply(&mut document, patch)?);
    }
    for (key, value) in &overrides.set {
        settings.push(set::apply(&mut document, key, value)?);
    }
    if let Some(seed) = overrides.seed {
        settings.push(set::apply_seed(&mut document, seed));
    }
    Ok((document.to_string(), settings))
}

fn checked(document: Document<&str>, door: &mut Door) -> Result<Scenario, Problem> {
    let tree = Tree::of(&document);
    door.clock = Clock::of(&tree).map_err(|problem| {
        // A misspelt or wrong `time_unit` is the cause of a `start` without a unit.
        let judged = shape::judge(&tree, &input::SCHEMA, &Clock::default());
        let start = KeyPath::to(&["start"]);
        let is_cause = |at: &KeyPath| at.0.len() == 1 && *at != start;
        let cause = judged
            .err()
            .filter(|cause| cause.path().is_some_and(is_cause));
        cause.unwrap_or(problem)
    })?;
    let (model, meanings) = shape::judge(&tree, &input::SCHEMA, &door.clock)?;
    door.tree = Some(tree);
    let mut document = document.into_mut();
    for meaning in meanings {
        let read = edit::find(document.as_item_mut(), &meaning.path.0);
        *read.expect("it was read there") = Item::Value(meaning.value);
    }
    let beyond = |error: toml_edit::de::Error| {
        let message = format!("this cannot be read: {}", error.message());
        Problem::value(&KeyPath::default(), message)
    };
    let scenario = match model {
        Model::Tandem => {
            let form = toml_edit::de::from_document(document).map_err(beyond)?;
            Scenario::Tandem(line::check(form, door)?)
        }
        Model::Network => {
            let form = toml_edit::de::from_document(document).map_err(beyond)?;
            Scenario::Tandem(network::check(form, door)?)
        }
        Model::Desk => {
            let form = toml_edit::de::from_document(document).map_err(beyond)?;
            Scenario::Desk(desk::check(form, door)?)
        }
    };
    door.limit_size(&scenario)?;
    Ok(scenario)
}

/// A name for a scenario without one: its file's, with invalid characters replaced.
fn name_from(path: &Path) -> String {
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let name: String = stem
        .unwrap_or_default()
        .chars()
        .map(|c| if may_be_in_a_name(c) { c } else { '-' })
        .take(NAME_MAX)
        .collect();
    if name.is_empty() {
        "scenario".to_owned()
    } else {
        name
    }
}

/// The state that the checks share: files, warnings, limits.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) files: Files,
    /// Unit and start of the scenario's time.
    pub(super) clock: Clock,
    /// The document as written.
    tree: Option<Tree>,
    /// The part of a trace that is needed.
    pub(super) take: Take,
    /// The first instant of all recordings, from which those without an origin are counted.
    pub(super) first: Option<Moment>,
    /// The instants from which such recordings were counted.
    pub(super) firsts: Vec<Moment>,
    pub(super) warnings: Vec<String>,
    pub(super) references: References,
    limits: Limits,
    default_name: String,
}

impl Door {
    /// A state with the files of a folder.
    fn new(folder: Option<PathBuf>, path: &Path, limits: Limits) -> Door {
        Door {
            files: Files::beside(folder, limits.max_memory),
            clock: Clock::default(),
            tree: None,
            take: Take::All,
            first: None,
            firsts: Vec::new(),
            warnings: Vec::new(),
            references: References::default(),
            limits,
            default_name: name_from(path),
        }
    }

    /// A state with the files beside a file.
    pub(super) fn beside(path: &Path, limits: Limits) -> Door {
        Door::new(Some(folder_of(path)), path, limits)
    }

    /// The first instant of all recordings without an origin, unless all of them begin with it.
    fn first_of_all(&self) -> Result<Option<Moment>, Problem> {
        let Some(mut first) = self.firsts.first().copied() else {
            return Ok(None);
        };
        for &other in &self.firsts {
            first = first.earlier(other).ok_or_else(|| {
                let message = "instants of some recordings name a zone, and those of others do not";
                Problem::value(&KeyPath::to(&["classes"]), message)
                    .help("give each recording its `origin`, which is time 0")
            })?;
        }
        let begins = |other: &Moment| *other == first;
        Ok((!self.firsts.iter().all(begins)).then_some(first))
    }

    /// Whether the instant at this place of the document is written as a time of day.
    pub(super) fn is_time_of_day(&self, path: &KeyPath) -> bool {
        let value = self.tree.as_ref().and_then(|tree| tree.at(path));
        match value.map(|value| &value.node) {
            Some(Node::Text(text) | Node::Date(text)) => time_of_day(text, false).is_some(),
            _ => false,
        }
    }

    /// Whether the scenario contains times of day, besides those of its arrivals.
    pub(super) fn names_times_of_day(&self) -> bool {
        fn names(value: &Tree) -> bool {
            match &value.node {
                Node::Text(text) | Node::Date(text) => time_of_day(text, false).is_some(),
                Node::List(values) => values.iter().any(names),
                Node::Table(entries) => entries.iter().any(|entry| names(&entry.value)),
                Node::Whole(_) | Node::Real(_) | Node::Truth(_) => false,
            }
        }
        let Some(Node::Table(top)) = self.tree.as_ref().map(|tree| &tree.node) else {
            return false;
        };
        let mut others = top.iter().filter(|entry| entry.key != "arrivals");
        others.any(|entry| names(&entry.value))
    }

    /// The scenario's name or, without one, its file's.
    pub(super) fn scenario_name(&self, given: Option<String>) -> Result<String, Problem> {
        match given {
            Some(given) => name(given, &KeyPath::to(&["name"])),
            None => Ok(self.default_name.clone()),
        }
    }

    /// The scenario's seed, or the default one.
    pub(super) fn seed(&self, given: Option<input::Seed>) -> Result<u64, Problem> {
        match given {
            None => Ok(SEED_DEFAULT),
            Some(input::Seed::Whole(seed)) => Ok(seed),
            Some(input::Seed::Text(text)) => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse().ok().filter(|_| digits).ok_or_else(|| {
                    let message = format!("`seed` is the text {}", shape::quoted(&text));
                    Problem::value(&KeyPath::to(&["seed"]), message)
                        .help("a seed is a whole number from 0 to 18446744073709551615")
                })
            }
        }
    }

    /// Refuses more actors than allowed.
    pub(super) fn limit_actors(
        &self,
        actors: u64,
        what: &str,
        at: &KeyPath,
    ) -> Result<(), Problem> {
        let most = self.limits.max_actors;
        if actors <= most {
            return Ok(());
        }
        let message = format!("this scenario has {actors} {what}, over the limit of {most} actors");
        Err(Problem::value(at, message)
            .help(format!("lift the limit with `--max-actors {actors}`")))
    }

    fn limit_size(&self, scenario: &Scenario) -> Result<(), Problem> {
        let check::Estimate {
            events,
            memory_bytes,
            ..
        } = check::estimate(scenario);
        let most = self.limits.max_events;
        let at = match scenario {
            Scenario::Tandem(_) => KeyPath::to(&["horizon"]),
            Scenario::Desk(_) => KeyPath::to(&["steps"]),
        };
        let over = |message: String, lift: String| {
            Err(Problem::value(&at, message)
                .also(at.key("customers"))
                .also(at.key("until"))
                .help(format!("lift the limit with `{lift}`")))
        };
        if events > most {
            return over(
                format!(
                    "about {} are expected, over the limit of {}",
                    of_them(events, "event"),
                    of_them(most, "event")
                ),
                format!("--max-events {events}"),
            );
        }
        let [memory, most] = [memory_bytes, self.limits.max_memory].map(|bytes| bytes >> 20);
        if memory > most {
            return over(
                format!("about {memory} MiB of memory are expected, over the limit of {most} MiB"),
                format!("--max-memory {memory}"),
            );
        }
        Ok(())
    }
}

/// The maximum number of characters of a name.
const NAME_MAX: usize = 64;

fn may_be_in_a_name(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-')
}

/// Checks a name: it ends up in file names, tables, pages and terminals.
pub(super) fn name(given: String, at: &KeyPath) -> Result<String, Problem> {
    let count = given.chars().count();
    if (1..=NAME_MAX).contains(&count) && given.chars().all(may_be_in_a_name) {
        return Ok(given);
    }
    let message = if given.is_empty() {
        format!("`{at}` is empty")
    } else {
        format!("`{at}` is {}, which is not a name", shape::quoted(&given))
    };
    Err(Problem::value(at, message).help("a name has 1 to 64 letters, digits, `_`, `.` or `-`"))
}

/// Refuses a name that occurs twice in a list such as `stages`.
pub(super) fn unique<'a>(list: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Problem> {
    let mut seen: Vec<&str> = Vec::new();
    for (index, name) in names.enumerate() {
        if let Some(first) = seen.iter().position(|other| *other == name) {
            let path = KeyPath::to(&[list]).index(index).key("name");
            let message = format!("two {list} have the name {}", shape::quoted(name));
            return Err(Problem::value(&path, message)
                .also(KeyPath::to(&[list]).index(first).key("name"))
                .help(format!(
                    "`{list}.{first}` has it already; names must differ"
                )));
        }
        seen.push(name);
    }
    Ok(())
}
