//! A desk in the terminal: servers as boxes with a sign for each attendant, counters beside them, the
//! last steps as small bars below.

use super::paint::{Paint, State, spark};
use crate::actor::{Change, Intervention};
use crate::number::{of_them, plain};
use crate::observe::room::{AttendantRoom, AttendantState, DeskRoom, ServerRoom};
use crate::time::Time;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Columns taken by the counters.
const COUNTERS: u16 = 18;

/// The most signs in a row of a box.
const ROW: usize = 20;

/// The size of a server's box.
fn size(server: &ServerRoom) -> (u16, u16) {
    let count = server.attendants.len();
    let rows = count.div_ceil(ROW).max(1);
    let wide = (2 * count.min(ROW) + 1).max(title(server).chars().count());
    (wide as u16 + 2, rows as u16 + 2)
}

fn title(server: &ServerRoom) -> String {
    let held = server.held();
    match server.capacity {
        Some(capacity) => format!(" {}  held {held}/{capacity} ", server.name),
        None => format!(" {}  held {held} ", server.name),
    }
}

/// The position of each box, from the top left, within this width; and the total height.
fn places(room: &DeskRoom, width: u16) -> (Vec<Rect>, u16) {
    let (mut x, mut y, mut high) = (0, 0, 0);
    let mut places = Vec::with_capacity(room.servers.len());
    for server in &room.servers {
        let (wide, tall) = size(server);
        let wide = wide.min(width);
        if x > 0 && x + wide > width {
            y += high;
            (x, high) = (0, 0);
        }
        places.push(Rect::new(x, y, wide, tall));
        x += wide;
        high = high.max(tall);
    }
    (places, y + high)
}

/// The height that the desk needs.
pub(super) fn height(room: &DeskRoom, width: u16) -> u16 {
    let boxes = places(room, width.saturating_sub(COUNTERS)).1;
    boxes.max(counters(room).len() as u16) + 2
}

fn counters(room: &DeskRoom) -> Vec<(&'static str, u64)> {
    let counts = &room.counts;
    let mut all = vec![("completed", counts.completed)];
    all.extend(
        [
            ("rejected", counts.rejected),
            ("gave up", counts.abandoned),
            ("failed", counts.failed),
            ("timed out", counts.timed_out),
        ]
        .into_iter()
        .filter(|(name, count)| *count > 0 || *name == "rejected"),
    );
    all.push(("faults", counts.faults));
    all.push(("reallocated", counts.reallocated));
    all
}

pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    room: &DeskRoom,
    paint: Paint,
    picked: Option<usize>,
) {
    let boxes = Rect {
        width: area.width.saturating_sub(COUNTERS),
        height: area.height.saturating_sub(2),
        ..area
    };
    draw_boxes(frame, boxes, room, paint, picked);
    let beside = Rect {
        x: area.x + boxes.width,
        width: area.width - boxes.width,
        height: boxes.height,
        ..area
    };
    let counter = |(name, count): (&str, u64)| Line::from(format!(" {name:<11}{count:>6}"));
    let lines: Vec<Line<'_>> = counters(room).into_iter().map(counter).collect();
    frame.render_widget(Paragraph::new(lines), beside);
    let below = Rect {
        y: area.y + boxes.height,
        height: area.height - boxes.height,
        ..area
    };
    frame.render_widget(sparks(room, below.width, paint), below);
}

fn draw_boxes(
    frame: &mut Frame<'_>,
    area: Rect,
    room: &DeskRoom,
    paint: Paint,
    picked: Option<usize>,
) {
    let (places, height) = places(room, area.width);
    let (mut first, mut hidden) = (0, 0);
    let chosen = picked.and_then(|picked| locate(room, picked));
    // If not all boxes fit, those up to the picked one are shown, in whole rows above a line that says so.
    let (mut top, mut rows) = (0, area.height);
    if height > area.height {
        rows = rows.saturating_sub(1);
        let chosen = places[chosen.map_or(0, |(server, _)| server)];
        let starts = places.iter().map(|place| place.y);
        top = starts
            .filter(|y| chosen.bottom() <= y + rows)
            .min()
            .unwrap_or(chosen.y);
    }
    for (index, (server, place)) in room.servers.iter().zip(&places).enumerate() {
        let count = server.attendants.len();
        let before = first;
        first += count;
        if place.y < top || (place.y > top && place.bottom() > top + rows) {
            hidden += 1;
            continue;
        }
        let cell = Rect {
            x: area.x + place.x,
            y: area.y + place.y - top,
            height: place.height.min(rows),
            ..*place
        };
        let here = chosen.is_some_and(|(chosen, _)| chosen == index);
        let sign = |(number, attendant): (usize, &AttendantRoom)| {
            let state = match attendant.state {
                AttendantState::Idle => State::Idle,
                AttendantState::Busy => State::Busy,
                AttendantState::Down => State::Down,
                AttendantState::Off => State::Off,
            };
            paint.state(state, picked == Some(before + number))
        };
        let signs: Vec<Span<'_>> = server.attendants.iter().enumerate().map(sign).collect();
        let row = |signs: &[Span<'static>]| {
            let spaced = signs.iter().flat_map(|sign| [Span::raw(" "), sign.clone()]);
            Line::from(spaced.collect::<Vec<_>>())
        };
        let lines: Vec<Line<'_>> = signs.chunks(ROW).map(row).collect();
        let block = paint.block(&title(server), here);
        frame.render_widget(Paragraph::new(lines).block(block), cell);
    }
    if hidden > 0 && area.height > 0 {
        let text = format!(
            " {}: pick one of them to see it ",
            of_them(hidden as u64, "more server")
        );
        let wide = (text.len() as u16).min(area.width);
        let line = Rect::new(area.x, area.y + area.height - 1, wide, 1);
        frame.render_widget(paint.faint(text), line);
    }
}

/// Three rows of small bars: two lines, the first of them empty.
fn sparks(room: &DeskRoom, width: u16, paint: Paint) -> Paragraph<'static> {
    let words = " completed    lost    buffer  ".len();
    let cells = (usize::from(width).saturating_sub(words) / 3).min(60);
    let row = |list: &std::collections::VecDeque<u64>| {
        let values: Vec<u64> = list.iter().copied().collect();
        format!("{:<cells$}", spark(&values, cells, paint.0.unicode))
    };
    let series = &room.series;
    let line = Line::from(vec![
        Span::raw(" completed "),
        paint.completed(row(&series.completed)),
        Span::raw("  lost "),
        paint.lost(row(&series.lost)),
        Span::raw("  buffer "),
        paint.buffer(row(&series.buffer)),
    ]);
    Paragraph::new(vec![line])
}

/// Server and attendant of the picked number.
fn locate(room: &DeskRoom, picked: usize) -> Option<(usize, usize)> {
    let mut left = picked;
    for (index, server) in room.servers.iter().enumerate() {
        if left < server.attendants.len() {
            return Some((index, left));
        }
        left -= server.attendants.len();
    }
    None
}

/// A description of the picked attendant.
pub(super) fn about(room: &DeskRoom, picked: usize) -> String {
    let Some((server, number)) = locate(room, picked) else {
        return String::new();
    };
    let attendant = &room.servers[server].attendants[number];
    let skills: Vec<&str> = attendant
        .skills
        .iter()
        .map(|&class| room.classes[class].as_str())
        .collect();
    let since = |time: Time| match room.stepped {
        true => format!("step {time}"),
        false => plain(time.get()),
    };
    let state = match (attendant.state, attendant.serving) {
        (AttendantState::Down, _) => format!("down since {}", since(attendant.since)),
        (AttendantState::Off, _) => format!("off duty since {}", since(attendant.since)),
        (AttendantState::Busy, None) => {
            format!("at work after a service since {}", since(attendant.since))
        }
        (_, Some(serving)) => format!(
            "serves #{} {}, {}-{}",
            serving.request,
            room.classes[serving.class as usize],
            match room.stepped {
                true => format!("steps {}", attendant.since),
                false => plain(attendant.since.get()),
            },
            plain(serving.ends.get())
        ),
        _ => format!("idle since {}", since(attendant.since)),
    };
    let slowed = if attendant.slowed { ", slowed" } else { "" };
    format!(
        "{} ({}): {state}{slowed}; {} done, {}",
        attendant.name,
        skills.join(", "),
        attendant.completed,
        of_them(attendant.faults, "fault")
    )
}

/// The intervention that takes down or repairs the picked attendant, or the reason why there is none.
pub(super) fn intervention(
    room: &DeskRoom,
    picked: usize,
    down: bool,
) -> Result<(Intervention, String), String> {
    let Some((server, number)) = locate(room, picked) else {
        return Err("nobody is picked".to_owned());
    };
    let attendant = &room.servers[server].attendants[number];
    let name = &attendant.name;
    let is_down = attendant.state == AttendantState::Down;
    match (down, is_down) {
        (true, true) => return Err(format!("{name} is down already")),
        (false, false) if !attendant.slowed => return Err(format!("{name} is up")),
        _ => {}
    }
    let when = match room.stepped {
        true => format!("in step {}", room.time.after(1.0)),
        false => "when time goes on".to_owned(),
    };
    let (change, said) = match down {
        true => (Change::TakeDown, format!("{name} goes down {when}")),
        false => (Change::Repair, format!("{name} comes up {when}")),
    };
    let intervention = Intervention {
        server: server as u32,
        attendant: number as u32,
        change,
    };
    Ok((intervention, said))
}
