//! The filter of `--log`: terms of two kinds, separated by commas.
//!
//! *Levels*: `debug`, or `filas::attendant=trace` for one kind of actor, as in the `RUST_LOG` of other
//! programs. *Fields*: `attendant=B-3` lets through only events with this value; several values
//! of one field are alternatives, and different fields must all match.

use super::COMMAND;
use super::sentence::{EVENTS, LINE};
use crate::scenario::{Scenario, choices};
use std::fmt;
use thiserror::Error;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// A checked filter.
#[derive(Debug)]
pub struct Filter {
    levels: Targets,
    fields: Vec<Wanted>,
}

/// One field and the values that are let through.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    name: String,
    values: Vec<String>,
}

/// A term that is not understood, or matches no event.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{term}` {what}; {help}")]
pub struct FilterError {
    term: String,
    what: String,
    /// The targets, fields or values that exist.
    help: String,
}

impl FilterError {
    fn new(term: &str) -> FilterError {
        let what = "is no log filter; a term is a level (error, warn, info, debug, trace), \
                    filas::ACTOR=LEVEL, or FIELD=VALUE";
        FilterError::unlike(term, what, None)
    }

    /// The error for an unknown term, with the closest known ones, of a run of this scenario if one is given.
    fn unlike(term: &str, what: &str, scenario: Option<&Scenario>) -> FilterError {
        let (word, known) = match term.split_once('=') {
            Some((word, _)) if field_of(term).is_some() => (word, fields(scenario)),
            Some((word, _)) => (word, targets(scenario)),
            None if term.contains("::") => (term, targets(scenario)),
            None => (term, LEVELS.to_vec()),
        };
        FilterError {
            term: term.to_owned(),
            what: what.to_owned(),
            help: choices(word, &known),
        }
    }
}

/// The targets and fields of every event, or of those that a run of a scenario can have.
fn events(
    scenario: Option<&Scenario>,
) -> impl Iterator<Item = &'static (&'static [&'static str], &'static [&'static str])> {
    let is_line = scenario.map(|scenario| scenario.line().is_some());
    EVENTS
        .iter()
        .filter(move |(targets, _)| is_line.is_none_or(|is| is == (*targets == [LINE])))
}

/// The targets that an event may have.
fn targets(scenario: Option<&Scenario>) -> Vec<&'static str> {
    let of_runs = events(scenario).flat_map(|(targets, _)| targets.iter().copied());
    each_once(["filas", COMMAND].into_iter().chain(of_runs))
}

/// The fields that an event may have.
fn fields(scenario: Option<&Scenario>) -> Vec<&'static str> {
    each_once(events(scenario).flat_map(|(_, fields)| fields.iter().copied()))
}

/// The values of a field that holds names, in a run of a scenario.
fn names(scenario: &Scenario, field: &str) -> Option<Vec<String>> {
    match (scenario.line(), scenario.desk()) {
        (Some(line), _) => {
            let stages = line.stages.iter().map(|stage| stage.name.clone());
            let classes = line.classes.iter().map(|class| class.name.clone());
            match field {
                "stage" => Some(stages.collect()),
                "class" => Some(classes.collect()),
                _ => None,
            }
        }
        (None, Some(desk)) => {
            let servers = desk.servers.iter();
            Some(match field {
                "class" => desk
                    .classes
                    .iter()
                    .map(|class| class.name.clone())
                    .collect(),
                "server" => servers.map(|server| server.name.clone()).collect(),
                "attendant" => servers
                    .flat_map(|server| {
                        (0..server.attendants.len()).map(|n| server.attendant(n as u32))
                    })
                    .collect(),
                _ => return None,
            })
        }
        (None, None) => None,
    }
}

fn each_once(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut once = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

impl Filter {
    /// Parses the terms. If there are fields and no level, every level is let through.
    ///
    /// # Errors
    /// Names the first term that is not understood.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let mut levels: Vec<&str> = Vec::new();
        let mut fields: Vec<Wanted> = Vec::new();
        for term in text.split(',').map(str::trim) {
            match field_of(term) {
                Some((name, _)) if !self::fields(None).contains(&name) => {
                    return Err(FilterError::new(term));
                }
                Some((name, value)) => match fields.iter_mut().find(|wanted| wanted.name == name) {
                    Some(wanted) => wanted.values.push(value.to_owned()),
                    None => fields.push(Wanted {
                        name: name.to_owned(),
                        values: vec![value.to_owned()],
                    }),
                },
                None if is_level_term(term) => levels.push(term),
                None => {
                    return Err(FilterError::new(term));
                }
            }
        }
        if levels.is_empty() {
            levels.push("trace");
        }
        let levels = levels
            .join(",")
            .parse()
            .map_err(|_| FilterError::new(text))?;
        Ok(Filter { levels, fields })
    }

    /// Checks that a run of a scenario can have events with the targets, fields and names of a filter.
    ///
    /// # Errors
    /// Names the first term that matches no event.
    pub fn check(text: &str, scenario: &Scenario) -> Result<(), FilterError> {
        for term in text.split(',').map(str::trim) {
            let what = format!("matches no event of a {}", scenario.model());
            let unlike = || FilterError::unlike(term, &what, Some(scenario));
            let Some((field, value)) = field_of(term) else {
                let target = term.split('=').next().unwrap_or(term);
                if !is_level(term) && !targets(Some(scenario)).contains(&target) {
                    return Err(unlike());
                }
                continue;
            };
            if !fields(Some(scenario)).contains(&field) {
                return Err(unlike());
            }
            if let Some(names) = names(scenario, field)
                && !names.iter().any(|name| name == value)
            {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                return Err(FilterError {
                    term: term.to_owned(),
                    what: format!("matches no event of {}", scenario.name()),
                    help: choices(value, &names),
                });
            }
        }
        Ok(())
    }
}

fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
}

/// Whether a term is a level, a target of this crate, or a level for such a target. Any other word would be accepted
/// elsewhere and let nothing through.
fn is_level_term(term: &str) -> bool {
    match term.split_once('=') {
        None => is_level(term) || is_target(term),
        Some((target, level)) => is_target(target) && is_level(level),
    }
}

fn is_target(word: &str) -> bool {
    targets(None).contains(&word)
}

/// `FIELD=VALUE`, unless it is `filas::ACTOR=LEVEL`.
fn field_of(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let is_field = !name.is_empty() && name.chars().all(plain) && name != "filas";
    (is_field && !value.is_empty()).then_some((name, value))
}

/// A layer over the whole log rather than the filter of one layer, which may not look at the values of an event without
/// affecting the next one (tracing-subscriber 0.3.23, `Filtered`).
impl<S: Subscriber> Layer<S> for Filter {
    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        let has_fields = || {
            self.fields
                .iter()
                .all(|wanted| metadata.fields().field(&wanted.name).is_some())
        };
        // Only events have fields; spans, and queries whether a level is enabled at all, do not.
        Layer::enabled(&self.levels, metadata, context) && (!metadata.is_event() || has_fields())
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        Layer::<S>::register_callsite(&self.levels, metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Layer::<S>::max_level_hint(&self.levels)
    }

    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        if self.fields.is_empty() {
            return true;
        }
        let mut search = Search {
            fields: &self.fields,
            held: vec![false; self.fields.len()],
        };
        event.record(&mut search);
        search.held.iter().all(|&held| held)
    }
}

/// Looks for the wanted values among the fields of an event.
struct Search<'a> {
    fields: &'a [Wanted],
    held: Vec<bool>,
}

impl Search<'_> {
    fn compare(&mut self, field: &Field, value: &dyn fmt::Display) {
        for (wanted, held) in self.fields.iter().zip(&mut self.held) {
            if wanted.name == field.name() {
                let value = value.to_string();
                *held |= wanted.values.contains(&value);
            }
        }
    }
}

impl Visit for Search<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.compare(field, &format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.compare(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.compare(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.compare(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.compare(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.compare(field, &value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tracing_subscriber::layer::SubscriberExt;

    /// Counts the events that pass.
    struct Count(Arc<AtomicU64>);

    impl<S: Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The number of events, out of six, that a filter lets through.
    fn through(filter: &str) -> u64 {
        let count = Arc::new(AtomicU64::new(0));
        let subscriber = tracing_subscriber::registry()
            .with(Count(Arc::clone(&count)))
            .with(Filter::parse(filter).unwrap());
        tracing::subscriber::with_default(subscriber, || {
            for request in 17..19_u64 {
                let attendant = "B-3";
                tracing::debug!(target: "filas::attendant", step = 4_u64, attendant, request, "start");
                tracing::trace!(target: "filas::attendant", attendant = %"A-1", request, "finish");
            }
            tracing::info!(target: "filas::desk", step = 4_u64, "step over");
            tracing::info!(target: "filas::line", time = 2.5, "drained");
        });
        count.load(Ordering::Relaxed)
    }

    #[test]
    fn levels_and_targets_let_through_what_they_name() {
        assert_eq!(through("trace"), 6);
        assert_eq!(through("debug"), 4);
        assert_eq!(through("filas::attendant=debug"), 2);
        assert_eq!(through("info,filas::attendant=trace"), 6);
        assert_eq!(through("off"), 0);
    }

    #[test]
    fn fields_of_one_name_are_alternatives_and_of_different_names_must_all_hold() {
        assert_eq!(through("attendant=B-3"), 2);
        assert_eq!(through("attendant=B-3,attendant=A-1"), 4);
        assert_eq!(through("attendant=B-3,request=17"), 1);
        assert_eq!(through("debug,request=17"), 1);
        assert_eq!(through("step=4"), 3);
        assert_eq!(through("time=2.5"), 1);
        assert_eq!(through("filas::attendant=debug,request=17"), 1);
        assert_eq!(through("request=99"), 0);
    }

    #[test]
    fn a_term_that_matches_no_event_is_refused_with_the_nearest_name() {
        for (bad, near) in [
            ("custmer=17", "did you mean `customer`?"),
            ("filas::atendant=debug", "did you mean `filas::attendant`?"),
            ("filas::nothing=debug", "allowed here: `filas`"),
            ("debgu", "did you mean `debug`?"),
        ] {
            let error = Filter::parse(bad).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{bad}`")), "{error}");
            assert!(error.contains(near), "{error}");
        }
    }

    #[test]
    fn a_term_that_says_nothing_is_refused() {
        for bad in [
            "",
            "debgu",
            "filas::x=loud",
            "=3",
            "a=",
            "x y",
            "debug,,info",
            "other::target=info",
        ] {
            assert!(Filter::parse(bad).is_err(), "{bad:?} was taken");
        }
    }
}
