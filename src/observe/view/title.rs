//! The first row of the terminal view: name, clock and pace on the left, the contents of the system on the right. If
//! the row is narrow, the gauge is shortened first, then the space between the parts, then the name; a number is never
//! cut.

use super::Room;
use super::paint::{Paint, bar};
use crate::number::plain;
use crate::observe::control::Reading;
use crate::observe::room::{DeskRoom, LineRoom};
use crate::scenario::Start;
use ratatui::text::{Line, Span};

/// Cells of the gauge, on a wide screen and on others.
const GAUGE: (usize, usize) = (24, 12);

/// The fewest cells of a useful gauge.
const GAUGE_LEAST: usize = 4;

/// The space between the parts of the row, and the space used if that leaves too little for the name.
const BLANKS: [&str; 2] = ["   ", " "];

/// The fewest characters of a name.
const NAME_LEAST: usize = 3;

/// The row, `width` columns wide.
pub(super) fn line(
    scene: &Room,
    reading: &Reading,
    start: Option<Start>,
    paint: Paint,
    width: u16,
) -> Line<'static> {
    let width = usize::from(width);
    let (name, clock) = match scene {
        Room::Desk(room) => (&room.name, desk_clock(room, start)),
        Room::Line(room) => (&room.name, line_clock(room, start)),
    };
    let pace = pace(reading, paint);
    let lefts = BLANKS.map(|blank| format!("{blank}{clock}{blank}{pace}"));
    // A blank before the name, two before the part on the right, and one at the end.
    let used = |left: &str| left.chars().count() + 4;
    let right = match scene {
        Room::Desk(room) => buffer(room, 0, paint),
        Room::Line(room) => counts(room, usize::MAX),
    };
    let whole = name.chars().count();
    let [broad, narrow] = lefts;
    let left = if used(&broad) + whole + wide(&right) <= width {
        broad
    } else {
        narrow
    };
    let used = used(&left);
    let room_for = |name: usize| width.saturating_sub(used + name);
    let right = match scene {
        Room::Desk(room) => {
            let bare = buffer(room, 0, paint);
            let cells = room_for(whole).saturating_sub(wide(&bare) + 1);
            let wanted = if width >= 100 { GAUGE.0 } else { GAUGE.1 };
            if cells >= GAUGE_LEAST {
                buffer(room, cells.min(wanted), paint)
            } else if wide(&bare) <= room_for(whole.min(NAME_LEAST)) {
                bare
            } else {
                bare.into_iter().skip(1).collect()
            }
        }
        Room::Line(room) => counts(room, room_for(whole.min(NAME_LEAST))),
    };
    let name = shortened(name, room_for(0).saturating_sub(wide(&right)), paint);
    let left = format!(" {name}{left}");
    let gap = width.saturating_sub(left.chars().count() + wide(&right) + 1);
    let mut spans = vec![paint.strong(left), Span::raw(" ".repeat(gap))];
    spans.extend(right);
    Line::from(spans)
}

fn wide(spans: &[Span<'_>]) -> usize {
    spans.iter().map(Span::width).sum()
}

/// A name or other text, cut to at most `columns` columns, with a sign at the cut.
pub(super) fn shortened(name: &str, columns: usize, paint: Paint) -> String {
    if name.chars().count() <= columns {
        return name.to_owned();
    }
    let kept = columns.max(NAME_LEAST) - 1;
    let kept: String = name.chars().take(kept).collect();
    kept + paint.either("…", "~")
}

fn desk_clock(room: &DeskRoom, start: Option<Start>) -> String {
    let clock = match room.stepped {
        true => format!("step {}/{}", room.time, room.span),
        false => format!("{:.1}/{}", room.time.get(), plain(room.span)),
    };
    let time_of_day = start.filter(|_| room.time.get() > 0.0);
    match time_of_day.map(|start| start.at(room.time.get())) {
        Some(time_of_day) if room.stepped => format!("{clock}, {time_of_day}"),
        Some(time_of_day) => time_of_day,
        None => clock,
    }
}

fn line_clock(room: &LineRoom, start: Option<Start>) -> String {
    let unit = room.time_unit.as_deref().unwrap_or("");
    match start {
        Some(start) => start.at(room.clock),
        None => format!("{:.1} {unit}", room.clock).trim_end().to_owned(),
    }
}

fn pace(reading: &Reading, paint: Paint) -> String {
    let goes = paint.either("▶", ">");
    match reading {
        Reading { over: true, .. } => "over".to_owned(),
        Reading { stopped: true, .. } => "stopping".to_owned(),
        Reading { paused: true, .. } => match reading.pace {
            Some(pace) => format!("{} paused, {pace}/s", paint.either("‖", "||")),
            None => format!("{} paused", paint.either("‖", "||")),
        },
        Reading {
            pace: Some(pace), ..
        } => format!("{goes} {pace}/s"),
        Reading { .. } => format!("{goes} full speed"),
    }
}

/// The buffer: a gauge of `cells` cells, and its numbers.
fn buffer(room: &DeskRoom, cells: usize, paint: Paint) -> Vec<Span<'static>> {
    let length = room.buffer.length;
    let said = match room.buffer.capacity {
        Some(capacity) => format!("{length}/{capacity}"),
        None => length.to_string(),
    };
    if cells == 0 {
        return vec![Span::raw("buffer "), Span::raw(said)];
    }
    let longest = room.series.buffer.iter().copied().max();
    let most = room.buffer.capacity.or(longest).unwrap_or(0).max(1);
    let gauge = bar(length, most, cells, paint.0.unicode);
    vec![
        Span::raw("buffer "),
        paint.buffer(gauge),
        Span::raw(format!(" {said}")),
    ]
}

/// Counts of a line's customers by outcome, as many as fit.
fn counts(room: &LineRoom, columns: usize) -> Vec<Span<'static>> {
    let counts = &room.counts;
    let early = counts.early.unwrap_or_default();
    let gone = [
        ("lost", counts.lost),
        ("balked", early.balked),
        ("gave up", early.abandoned),
        ("failed", early.failed),
        ("scrap", early.scrapped),
    ];
    let gone = gone.into_iter().filter(|(_, number)| *number > 0);
    let all = [("in the line", counts.present), ("left", counts.departed)];
    let mut text = String::new();
    for (word, number) in all.into_iter().chain(gone) {
        let blank = if text.is_empty() { "" } else { "   " };
        let one = format!("{blank}{word} {number}");
        if text.len() + one.len() > columns {
            break;
        }
        text += &one;
    }
    vec![Span::raw(text)]
}
