//! A line of the log. It consists of time, actor, sign and words; if lines are not aligned, also of level, target and
//! fields. The signs are in `sentence`.

use super::sign::ascii;
use crate::problem::printable;
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes one event per line; `aligned` in columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) aligned: bool,
    /// Whether characters beyond ASCII are shown.
    pub(super) unicode: bool,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.write(&mut line, writer.has_ansi_escapes(), event)?;
        match self.unicode {
            true => writer.write_str(&line),
            false => writer.write_str(&line.chars().map(ascii).collect::<String>()),
        }
    }
}

impl Line {
    fn write(self, line: &mut String, ansi: bool, event: &Event<'_>) -> fmt::Result {
        let parts = Parts::of(event, self.aligned);
        let level = *event.metadata().level();
        let target = event.metadata().target();
        let (on, off) = if ansi {
            (colour(level), "\x1b[0m")
        } else {
            ("", "")
        };
        if self.aligned {
            let (actor, text) = parts.actor_and_text(target);
            let (when, wide) = parts.when();
            write!(line, "{when:>wide$} {on}{actor:<12}{off} {text}")?;
            // The words of a line that begins with a sign already contain its fields.
            if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
                write!(line, "{}", parts.fields)?;
            }
            return writeln!(line);
        }
        write!(line, "{on}{level}{off}")?;
        for part in [parts.when().0, target, parts.message.as_str()] {
            if !part.is_empty() {
                write!(line, " {part}")?;
            }
        }
        writeln!(line, "{}", parts.fields)
    }
}

/// The colour of a level, legible on a dark and a light background.
fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[90m",
    }
}

/// An event taken apart: its logical time, its message, and the other fields as ` name=value`.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) time: String,
    /// The time of day, if the run has one.
    pub(super) clock: Option<String>,
    message: String,
    fields: String,
    /// The values of `attendant`, `server` and `stage`, if they are names.
    pub(super) names: Vec<String>,
    /// Whether real numbers are rounded for reading.
    rounded: bool,
}

impl Parts {
    pub(super) fn of(event: &Event<'_>, rounded: bool) -> Parts {
        let mut parts = Parts {
            rounded,
            ..Parts::default()
        };
        event.record(&mut parts);
        parts
    }

    /// The time as it is shown, and the width of a column of such times.
    fn when(&self) -> (&str, usize) {
        match &self.clock {
            Some(clock) => (clock, "08:30:15.250".len()),
            None => (&self.time, 8),
        }
    }

    /// The actor and the rest of the message. A message that begins with a name has that actor; otherwise the target
    /// gives it.
    pub(super) fn actor_and_text<'a>(&'a self, target: &'a str) -> (&'a str, &'a str) {
        for name in &self.names {
            if let Some(text) = self.message.strip_prefix(name.as_str())
                && let Some(text) = text.strip_prefix(' ')
            {
                return (name, text);
            }
        }
        let kind = target.rsplit("::").next().unwrap_or(target);
        (kind, &self.message)
    }

    fn take(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let text = printable(&value.to_string());
        match field.name() {
            "message" => self.message = text,
            "step" | "time" => self.time = text,
            "clock" => self.clock = Some(text),
            name => {
                let _ = write!(self.fields, " {name}={text}");
            }
        }
    }
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format_args!("{value:?}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if !self.rounded {
            self.take(field, format_args!("{value:?}"));
        } else if value == 0.0 || value.abs() >= 1e-3 {
            self.take(field, format_args!("{value:.3}"));
        } else {
            self.take(field, format_args!("{value:.2e}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if matches!(field.name(), "attendant" | "server" | "stage") {
            self.names.push(printable(value));
        }
        self.take(field, format_args!("{value}"));
    }
}
