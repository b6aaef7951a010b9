//! A line of the log: level, logical time, who, what, fields.

use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes one event in one line; `aligned` for reading down the columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) aligned: bool,
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
        let mut parts = Parts {
            rounded: self.aligned,
            ..Parts::default()
        };
        event.record(&mut parts);
        let level = *event.metadata().level();
        let target = event.metadata().target();
        let who = if self.aligned {
            target.rsplit("::").next().unwrap_or(target)
        } else {
            target
        };
        let (time, what) = (parts.time.as_str(), parts.message.as_str());
        let (on, off) = if writer.has_ansi_escapes() {
            (colour(level), "\x1b[0m")
        } else {
            ("", "")
        };
        if self.aligned {
            write!(writer, "{on}{level:>5}{off} {time:>8} {who:<11} {what}")?;
        } else {
            write!(writer, "{on}{level}{off}")?;
            for part in [time, who, what] {
                if !part.is_empty() {
                    write!(writer, " {part}")?;
                }
            }
        }
        writeln!(writer, "{}", parts.fields)
    }
}

/// Colours that hold for a level on a dark and a light ground.
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
struct Parts {
    time: String,
    message: String,
    fields: String,
    /// Whether real numbers are cut to what an eye takes in.
    rounded: bool,
}

impl Parts {
    fn take(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let text = printable(&value.to_string());
        match field.name() {
            "message" => self.message = text,
            "step" | "time" => self.time = text,
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
        self.take(field, format_args!("{value}"));
    }
}

/// Names come from files: none may move a terminal's cursor or begin a line of its own.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
