//! What the text is written on: whether it takes colour and more than ASCII.

/// The paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Whether it shows Unicode; otherwise plain ASCII.
    pub unicode: bool,
    /// Whether it shows colour.
    pub colour: bool,
}

/// What is said in which colour: Okabe and Ito's, told apart by everyone, as near as 256 colours come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Completed work.
    Completed,
    /// What went wrong.
    Failed,
    /// Waiting, and buffers.
    Waiting,
    /// Busy.
    Busy,
    /// Blocked.
    Blocked,
    /// Idle, and what may be passed over.
    Faint,
    /// What is looked for first.
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
            Ink::Faint => "38;5;245",
            Ink::Strong => "1",
        }
    }
}

impl Paper {
    /// A text in a colour, where there is colour.
    #[must_use]
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", ink.code())
        } else {
            text.to_owned()
        }
    }

    /// Between the parts of a title.
    #[must_use]
    pub fn dot(&self) -> &'static str {
        if self.unicode { " · " } else { " - " }
    }

    /// Where there is no value.
    #[must_use]
    pub fn none(&self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }

    /// Parts of a title, joined; broken before 100 columns.
    #[must_use]
    pub fn title(&self, parts: &[String]) -> String {
        let mut text = String::new();
        let mut width = 0;
        for (index, part) in parts.iter().enumerate() {
            let length = part.chars().count();
            if index > 0 {
                if width + 3 + length > 100 {
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

    /// Shares of a whole as a bar of ten: the first is busy, the second blocked, the rest idle.
    #[must_use]
    pub fn bar(&self, busy: f64, blocked: f64) -> String {
        const WIDTH: usize = 10;
        let cells = |share: f64| (share.clamp(0.0, 1.0) * WIDTH as f64).round() as usize;
        let busy = cells(busy);
        let blocked = cells(blocked).min(WIDTH - busy);
        let [full, half, empty] = if self.unicode {
            ["█", "▒", "░"]
        } else {
            ["#", "x", "."]
        };
        [
            self.paint(Ink::Busy, &full.repeat(busy)),
            self.paint(Ink::Blocked, &half.repeat(blocked)),
            self.paint(Ink::Faint, &empty.repeat(WIDTH - busy - blocked)),
        ]
        .concat()
    }

    /// A small chart of levels from zero, at most `width` wide: each column is the greatest of the
    /// values it stands for, so that no peak is hidden.
    #[must_use]
    pub fn spark(&self, values: &[u64], width: usize, ink: Ink) -> String {
        const UNICODE: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const ASCII: [char; 8] = ['_', '.', ',', '-', '~', '=', '*', '#'];
        let glyphs = if self.unicode { UNICODE } else { ASCII };
        let columns = width.min(values.len());
        let most = values.iter().copied().max().unwrap_or(0).max(1) as f64;
        let chart: String = (0..columns)
            .map(|column| {
                let from = column * values.len() / columns;
                let to = (column + 1) * values.len() / columns;
                let peak = values[from..to].iter().copied().max().unwrap_or(0);
                glyphs[(peak as f64 / most * 7.0).ceil() as usize]
            })
            .collect();
        self.paint(ink, &chart)
    }

    /// A name cut to a width and filled up to it.
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
    };

    #[test]
    fn a_bar_is_always_ten_wide() {
        for (busy, blocked) in [(0.0, 0.0), (0.96, 0.04), (1.0, 1.0), (0.55, 0.45)] {
            assert_eq!(PLAIN.bar(busy, blocked).len(), 10);
        }
        assert_eq!(PLAIN.bar(0.7, 0.1), "#######x..");
    }

    #[test]
    fn a_chart_shows_its_peak_however_narrow() {
        let mut values = vec![0; 1000];
        values[437] = 9;
        assert_eq!(PLAIN.spark(&values, 20, Ink::Faint).matches('#').count(), 1);
        assert_eq!(PLAIN.spark(&[0, 0], 20, Ink::Faint), "__");
        assert_eq!(PLAIN.spark(&[], 20, Ink::Faint), "");
    }

    #[test]
    fn a_long_title_is_broken() {
        let parts: Vec<String> = (0..12).map(|i| format!("part number {i}")).collect();
        let title = PLAIN.title(&parts);
        assert!(title.lines().count() == 2 && title.lines().all(|line| line.len() <= 100));
    }
}
