//! The properties of the place where text is written: its width, and whether it shows colour and characters beyond
//! ASCII.

/// The paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Whether it shows Unicode; otherwise plain ASCII.
    pub unicode: bool,
    /// Whether it shows colour.
    pub colour: bool,
    /// The width of a line in columns.
    pub width: usize,
}

/// Colours by meaning: Okabe and Ito's, which everyone can tell apart, as near as 256 colours come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Completed work.
    Completed,
    /// A failure.
    Failed,
    /// Waiting, and buffers.
    Waiting,
    /// Busy.
    Busy,
    /// Blocked.
    Blocked,
    /// Down.
    Down,
    /// Idle, and text that may be skipped.
    Faint,
    /// The figure of most interest.
    Strong,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Ink::Completed => "38;5;36",
            Ink::Failed => "38;5;166",
            Ink::Waiting => "38;5;178",
            Ink::Busy => "38;5;32",
            Ink::Blocked => "38;5;74",
            Ink::Down => "38;5;175",
            Ink::Faint => "38;5;245",
            Ink::Strong => "1",
        }
    }
}

impl Paper {
    /// A text in a colour, if colour is shown.
    #[must_use]
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", ink.code())
        } else {
            text.to_owned()
        }
    }

    /// The separator between the parts of a title.
    #[must_use]
    pub fn dot(&self) -> &'static str {
        if self.unicode { " · " } else { " - " }
    }

    /// The mark of a missing value.
    #[must_use]
    pub fn none(&self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }

    /// The parts of a title, joined; broken before a line is full.
    #[must_use]
    pub fn title(&self, parts: &[String]) -> String {
        let mut text = String::new();
        let mut width = 0;
        for (index, part) in parts.iter().enumerate() {
            let length = part.chars().count();
            if index > 0 {
                if width + 3 + length > self.width {
                    text += "\n  ";
                    width = 2;
                } else {
                    text += self.dot();
                    width += 3;
                }
            }
            text += &if index == 0 {
                self.paint(Ink::Strong, part)
            } else {
                part.clone()
            };
            width += length;
        }
        text + "\n"
    }

    /// A bar of ten cells with two shares of a whole; the rest is idle.
    #[must_use]
    pub fn bar(&self, first: (Ink, f64), second: (Ink, f64)) -> String {
        const WIDTH: usize = 10;
        let cells = |share: f64| (share.clamp(0.0, 1.0) * WIDTH as f64).round() as usize;
        let full_cells = cells(first.1);
        let half_cells = cells(second.1).min(WIDTH - full_cells);
        let [full, half, empty] = if self.unicode {
            ["█", "▒", "░"]
        } else {
            ["#", "x", "."]
        };
        [
            self.paint(first.0, &full.repeat(full_cells)),
            self.paint(second.0, &half.repeat(half_cells)),
            self.paint(Ink::Faint, &empty.repeat(WIDTH - full_cells - half_cells)),
        ]
        .concat()
    }

    /// A small chart of levels from zero, at most `width` wide: each column is the greatest of the values it
    /// represents, so that no peak is hidden.
    #[must_use]
    pub fn spark(&self, values: &[f64], width: usize, ink: Ink) -> String {
        const UNICODE: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const ASCII: [char; 8] = ['_', '.', ',', '-', '~', '=', '*', '#'];
        let glyphs = if self.unicode { UNICODE } else { ASCII };
        let columns = width.min(values.len());
        let greatest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        let most = greatest(values);
        let chart: String = (0..columns)
            .map(|column| {
                let from = column * values.len() / columns;
                let to = (column + 1) * values.len() / columns;
                let peak = greatest(&values[from..to]);
                let height = if most > 0.0 { peak / most } else { 0.0 };
                glyphs[(height * 7.0).ceil() as usize]
            })
            .collect();
        self.paint(ink, &chart)
    }

    /// A name cut or padded to a width.
    #[must_use]
    pub fn name(&self, name: &str, width: usize) -> String {
        if name.chars().count() <= width {
            return format!("{name:<width$}");
        }
        let cut = if self.unicode { "…" } else { "~" };
        let kept: String = name.chars().take(width - 1).collect();
        kept + cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Paper = Paper {
        unicode: false,
        colour: false,
        width: 100,
    };

    #[test]
    fn a_bar_is_always_ten_wide() {
        for (busy, blocked) in [(0.0, 0.0), (0.96, 0.04), (1.0, 1.0), (0.55, 0.45)] {
            let bar = PLAIN.bar((Ink::Busy, busy), (Ink::Blocked, blocked));
            assert_eq!(bar.len(), 10);
        }
        let bar = PLAIN.bar((Ink::Busy, 0.7), (Ink::Blocked, 0.1));
        assert_eq!(bar, "#######x..");
    }

    #[test]
    fn a_chart_shows_its_peak_however_narrow() {
        let mut values = vec![0.0; 1000];
        values[437] = 0.9;
        assert_eq!(PLAIN.spark(&values, 20, Ink::Faint).matches('#').count(), 1);
        assert_eq!(PLAIN.spark(&[0.0, 0.0], 20, Ink::Faint), "__");
        assert_eq!(PLAIN.spark(&[], 20, Ink::Faint), "");
    }

    #[test]
    fn a_long_title_is_broken() {
        let parts: Vec<String> = (0..12).map(|i| format!("part number {i}")).collect();
        let title = PLAIN.title(&parts);
        assert!(title.lines().count() == 2 && title.lines().all(|line| line.len() <= 100));
    }
}
