//! A command run inside another program, such as the Python module, which supplies its words and receives its output.
//!
//! The command does exactly what it does in a shell, errors included. It is bound to the thread that calls it: its
//! output is collected there, and [`Handle`] stops it and reports its progress from any other thread.

use super::source::STDIN;
use super::{Exit, Failure, check, report, run, study, theory};
use crate::report::rows;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args, FromArgMatches};
use parking_lot::Mutex;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// A word that begins with this, followed by a number, stands for one of the texts of a call.
const TEXT: &str = "text:";

/// Options that need a terminal or a log of the whole process, which a call does not have.
const REFUSED: [&str; 5] = ["--live", "--step", "--log", "--log-file", "--log-format"];

/// Flags that no call uses at the moment. A command keeps its flag for as long as the program lives, so flags are
/// reused.
static FLAGS: Mutex<Vec<&'static AtomicBool>> = Mutex::new(Vec::new());

/// Parsers of command lines that no call uses at the moment, by command: building one takes longer than parsing.
static PARSERS: Mutex<BTreeMap<&'static str, Vec<clap::Command>>> = Mutex::new(BTreeMap::new());

/// The words of this process's command, if they are not those that the system gives.
static WORDS: OnceLock<Vec<OsString>> = OnceLock::new();

/// The file of the command, if this process is another program.
static COMMAND: OnceLock<PathBuf> = OnceLock::new();

thread_local! {
    static CALL: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// States, before anything else, the file of the library that another program has loaded, which distinguishes results
/// of different builds, and the file of the command `filas` that came with it.
pub fn hosted(library: PathBuf, command: PathBuf) {
    rows::loaded_from(library);
    // A second statement is about the same file.
    let _ = COMMAND.set(command);
}

/// The call on this thread.
#[derive(Debug)]
struct Call {
    handle: Arc<Handle>,
    /// The words as typed: with `-` for a text.
    words: Vec<OsString>,
    texts: Vec<String>,
    printed: String,
    notes: Vec<String>,
}

/// Stops a call, and reports its progress.
#[derive(Debug)]
pub struct Handle {
    stop: &'static AtomicBool,
    pub(super) done: Arc<AtomicU64>,
    pub(super) wanted: Arc<AtomicU64>,
}

impl Handle {
    /// The handle of a call that has not begun.
    #[must_use]
    pub fn new() -> Arc<Handle> {
        let kept = FLAGS.lock().pop();
        let stop = kept.unwrap_or_else(|| Box::leak(Box::default()));
        stop.store(false, Ordering::Relaxed);
        Arc::new(Handle {
            stop,
            done: Arc::default(),
            wanted: Arc::default(),
        })
    }

    /// Asks the command to stop with the results so far.
    pub fn wind_up(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// For a study, the number of runs done, and the number wanted as far as known.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        let done = self.done.load(Ordering::Relaxed);
        (done, self.wanted.load(Ordering::Relaxed).max(done))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        FLAGS.lock().push(self.stop);
    }
}

/// The result of a call.
#[derive(Clone, Debug)]
pub struct Called {
    /// The way it ended.
    pub exit: Exit,
    /// The text for stdout.
    pub printed: String,
    /// The lines for stderr: warnings and hints.
    pub notes: Vec<String>,
    /// The error, without the word `error` before it.
    pub error: Option<String>,
}

/// Runs one of the commands that give an answer, on this thread: `run`, `replicate`, `sweep`, `order`, `find`,
/// `compare`, `theory`, `check` or `report`. `text:0` among the words stands for a scenario, the first of the texts,
/// which is read as if it came from stdin.
#[must_use]
pub fn call(
    handle: &Arc<Handle>,
    command: &str,
    words: Vec<OsString>,
    texts: Vec<String>,
) -> Called {
    let typed = |word: &OsString| match is_text(word, texts.len()) {
        true => OsString::from(STDIN),
        false => word.clone(),
    };
    let whole = std::iter::once(OsString::from(command)).chain(words.iter().map(typed));
    let begun = Call {
        handle: Arc::clone(handle),
        words: whole.collect(),
        texts,
        printed: String::new(),
        notes: Vec::new(),
    };
    CALL.set(Some(begun));
    let ended = refuse(&words).and_then(|()| dispatch(command, words));
    let (exit, error) = match ended {
        Ok(exit) => (exit, None),
        Err(failure) => (failure.exit(), failure.said()),
    };
    let call = CALL.take().expect("it was begun above");
    Called {
        exit,
        printed: call.printed,
        notes: call.notes,
        error,
    }
}

/// Refuses options that only the program itself has.
fn refuse(words: &[OsString]) -> Result<(), Failure> {
    let name = |word: &OsString| {
        let word = word.to_str().unwrap_or_default();
        let name = word.split('=').next().unwrap_or_default();
        REFUSED.into_iter().find(|refused| *refused == name)
    };
    match words.iter().find_map(name) {
        None => Ok(()),
        Some(name) => Err(Failure::Usage(format!(
            "`{name}` is an option of the program `filas` alone, and this is a call from another program; run \
             `filas` at a shell, or look into the tables and the events of the results"
        ))),
    }
}

/// Runs the command of these words. Only the options of this command are set up: setting up all takes most of the time
/// of a short run in a shell.
fn dispatch(command: &str, words: Vec<OsString>) -> Result<Exit, Failure> {
    match command {
        "run" => run::run(&parsed("run", words)?),
        "replicate" => study::replicate::replicate(&parsed("replicate", words)?),
        "sweep" => study::sweep::sweep(&parsed("sweep", words)?),
        "order" => study::order::order(&parsed("order", words)?),
        "find" => study::find::find(&parsed("find", words)?),
        "compare" => study::compare::compare(&parsed("compare", words)?),
        "theory" => theory::theory(&parsed("theory", words)?),
        "check" => check::check(&parsed("check", words)?),
        "report" => report::report(&parsed("report", words)?),
        _ => Err(Failure::Usage(format!(
            "`{command}` is no command that answers"
        ))),
    }
}

fn parsed<A: Args + FromArgMatches>(
    name: &'static str,
    words: Vec<OsString>,
) -> Result<A, Failure> {
    let kept = PARSERS.lock().get_mut(name).and_then(Vec::pop);
    let mut parser = kept.unwrap_or_else(|| {
        let parser = clap::Command::new("filas").bin_name(format!("filas {name}"));
        A::augment_args(parser).no_binary_name(true)
    });
    let matches: Result<ArgMatches, clap::Error> = parser.try_get_matches_from_mut(words);
    PARSERS.lock().entry(name).or_default().push(parser);
    let parsed = matches.and_then(|mut matches| A::from_arg_matches_mut(&mut matches));
    parsed.map_err(|error| Failure::Usage(in_a_call(name, &error)))
}

/// The text of an error in the words of a command for a caller in another program, which has arguments instead of
/// options to type.
fn in_a_call(command: &str, error: &clap::Error) -> String {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(option)) => {
            let option = option.split(['=', ' ']).next().unwrap_or_default();
            Some(option.trim_start_matches('-').replace('-', "_"))
        }
        _ => None,
    };
    match named(ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument) {
        Some(argument) => match named(ContextKind::SuggestedArg) {
            Some(known) => {
                format!("`{command}` has no argument `{argument}`; did you mean `{known}`?")
            }
            None => format!("`{command}` has no argument `{argument}`"),
        },
        None => {
            let text = error.render().to_string();
            let text = text.split("\n\n").next().unwrap_or_default();
            text.trim_start_matches("error: ").trim_end().to_owned()
        }
    }
}

/// Runs the command line of these words, the first of which names the program, as `filas` itself does: prints to stdout
/// and stderr, handles signals, and returns the exit code.
#[must_use]
pub fn main(words: Vec<OsString>) -> u8 {
    let words = WORDS.get_or_init(|| words);
    let ended = super::parse_from(words).and_then(super::dispatch);
    match ended {
        Ok(exit) => exit as u8,
        Err(failure) => failure.tell() as u8,
    }
}

/// The name by which this command was called.
pub(super) fn name() -> OsString {
    let of_process = || match WORDS.get() {
        Some(words) => words.first().cloned(),
        None => std::env::args_os().next(),
    };
    let name = if is_on() { None } else { of_process() };
    name.unwrap_or_else(|| "filas".into())
}

/// The file to start for running a command in another process.
pub(super) fn program() -> PathBuf {
    let of_process = || std::env::current_exe().unwrap_or_else(|_| "filas".into());
    COMMAND.get().cloned().unwrap_or_else(of_process)
}

/// The words of the command that this thread runs, without the name of the program.
pub(super) fn words() -> Vec<OsString> {
    let called = CALL.with_borrow(|call| call.as_ref().map(|call| call.words.clone()));
    let of_process = || match WORDS.get() {
        Some(words) => words.iter().skip(1).cloned().collect(),
        None => std::env::args_os().skip(1).collect(),
    };
    called.unwrap_or_else(of_process)
}

/// Whether this thread runs a call.
pub(super) fn is_on() -> bool {
    CALL.with_borrow(Option::is_some)
}

/// The handle of the call on this thread.
pub(super) fn handle() -> Option<Arc<Handle>> {
    CALL.with_borrow(|call| call.as_ref().map(|call| Arc::clone(&call.handle)))
}

/// The flag that stops the call on this thread.
pub(super) fn stop() -> Option<&'static AtomicBool> {
    CALL.with_borrow(|call| call.as_ref().map(|call| call.handle.stop))
}

/// The text for which a word stands.
pub(super) fn text(word: &Path) -> Option<String> {
    let number = text_number(word.as_os_str())?;
    CALL.with_borrow(|call| call.as_ref()?.texts.get(number).cloned())
}

/// Whether a word stands for one of `texts` texts.
fn is_text(word: &OsStr, texts: usize) -> bool {
    text_number(word).is_some_and(|number| number < texts)
}

fn text_number(word: &OsStr) -> Option<usize> {
    word.to_str()?.strip_prefix(TEXT)?.parse().ok()
}

/// Collects text meant for stdout; false if there is no call.
pub(super) fn print(text: &str) -> bool {
    with(|call| call.printed.push_str(text))
}

/// Collects a line meant for stderr; false if there is no call.
pub(super) fn note(text: &str) -> bool {
    with(|call| call.notes.push(text.to_owned()))
}

fn with(act: impl FnOnce(&mut Call)) -> bool {
    CALL.with_borrow_mut(|call| call.as_mut().map(act).is_some())
}
