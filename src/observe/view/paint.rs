//! Signs and colours, and their replacements on terminals without them.

use crate::observe::log::ascii;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::Span;
use ratatui::widgets::Block;

/// The abilities of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Characters beyond ASCII.
    pub unicode: bool,
    /// Colours.
    pub colour: bool,
}

/// Gives text its signs and colours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(pub(super) Look);

/// The state of an actor, or the subject of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Idle,
    Busy,
    Down,
    Blocked,
    SetUp,
    Off,
}

/// Okabe and Ito's colours, as near as the 256 of a terminal come.
const GREEN: Color = Color::Indexed(36);
const VERMILION: Color = Color::Indexed(166);
const ORANGE: Color = Color::Indexed(172);
const BLUE: Color = Color::Indexed(32);
const PURPLE: Color = Color::Indexed(175);
const SKY: Color = Color::Indexed(74);
const GREY: Color = Color::Indexed(245);

const ASCII: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Paint {
    /// A sign, or its replacement in ASCII.
    pub(super) fn either(self, sign: &'static str, ascii: &'static str) -> &'static str {
        if self.0.unicode { sign } else { ascii }
    }

    fn coloured(self, text: String, colour: Color) -> Span<'static> {
        match self.0.colour {
            true => Span::styled(text, Style::new().fg(colour)),
            false => Span::raw(text),
        }
    }

    pub(super) fn state(self, state: State, picked: bool) -> Span<'static> {
        let (sign, ascii, colour) = match state {
            State::Idle => ("○", "o", GREY),
            State::Busy => ("●", "*", BLUE),
            State::Down => ("✕", "x", PURPLE),
            State::Blocked => ("▣", "#", SKY),
            State::SetUp => ("◐", "%", BLUE),
            State::Off => ("·", ".", GREY),
        };
        let span = self.coloured(self.either(sign, ascii).to_owned(), colour);
        match picked {
            true => span.patch_style(Style::new().add_modifier(Modifier::REVERSED)),
            false => span,
        }
    }

    pub(super) fn strong(self, text: String) -> Span<'static> {
        Span::styled(text, Style::new().add_modifier(Modifier::BOLD))
    }

    pub(super) fn faint(self, text: String) -> Span<'static> {
        self.coloured(text, GREY)
    }

    pub(super) fn buffer(self, text: String) -> Span<'static> {
        self.coloured(text, ORANGE)
    }

    pub(super) fn completed(self, text: String) -> Span<'static> {
        self.coloured(text, GREEN)
    }

    pub(super) fn lost(self, text: String) -> Span<'static> {
        self.coloured(text, VERMILION)
    }

    pub(super) fn busy(self, text: String) -> Span<'static> {
        self.coloured(text, BLUE)
    }

    /// A line of the log, in the colour of its sign.
    pub(super) fn sign(self, text: String) -> Span<'static> {
        let colour = match text.chars().next() {
            Some('✔') => GREEN,
            Some('✕' | '⊘') => VERMILION,
            Some('▶' | '▲') => BLUE,
            Some('⇄' | '▣') => SKY,
            _ => return Span::raw(self.plain(text)),
        };
        self.coloured(self.plain(text), colour)
    }

    /// Text that the terminal can show.
    fn plain(self, text: String) -> String {
        if self.0.unicode {
            return text;
        }
        text.chars().map(ascii).collect()
    }

    /// A frame with a title.
    pub(super) fn block(self, title: &str, strong: bool) -> Block<'static> {
        let block =
            Block::bordered().border_set(if self.0.unicode { border::PLAIN } else { ASCII });
        let modifier = if strong {
            Modifier::BOLD
        } else {
            Modifier::empty()
        };
        block.title(Span::styled(
            title.to_owned(),
            Style::new().add_modifier(modifier),
        ))
    }
}

/// A bar of `cells` cells, filled by the share of `value` in `most`.
pub(super) fn bar(value: u64, most: u64, cells: usize, unicode: bool) -> String {
    let [full, empty] = if unicode { ["█", "░"] } else { ["#", "."] };
    let filled = u128::from(value.min(most)) * cells as u128 / u128::from(most.max(1));
    // A value above zero is never shown as empty.
    let filled = (filled as usize).max(usize::from(value > 0));
    full.repeat(filled) + &empty.repeat(cells - filled)
}

/// The last values as a row of small bars, the highest of them full; zero is the lowest bar.
pub(super) fn spark(values: &[u64], cells: usize, unicode: bool) -> String {
    let levels: [char; 8] = match unicode {
        true => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        false => ['_', '.', ',', '-', '~', '=', '*', '#'],
    };
    let last = &values[values.len().saturating_sub(cells)..];
    let most = last.iter().copied().max().unwrap_or(0).max(1);
    let level = |&value: &u64| levels[(value * 7).div_ceil(most) as usize];
    last.iter().map(level).collect()
}
