//! Metrics in the text format of Prometheus: families with their kind and help, and their samples.

use std::fmt::Write;

/// Metrics as text.
#[derive(Debug, Default)]
pub struct Text(String);

impl Text {
    /// Adds a number that only rises.
    pub fn counter(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (String, f64)>,
    ) {
        self.family((name, "counter"), help, samples);
    }

    /// Adds a number that rises and falls.
    pub fn gauge(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (String, f64)>,
    ) {
        self.family((name, "gauge"), help, samples);
    }

    /// The text of all metrics.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    fn family(
        &mut self,
        (name, kind): (&str, &str),
        help: &str,
        samples: impl IntoIterator<Item = (String, f64)>,
    ) {
        let text = &mut self.0;
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let _ = match labels.is_empty() {
                true => writeln!(text, "{name} {value}"),
                false => writeln!(text, "{name}{{{labels}}} {value}"),
            };
        }
    }
}
