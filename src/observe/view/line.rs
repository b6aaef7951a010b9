//! A line in the terminal: a row for each stage with its queue drawn in front of its servers.

use super::paint::{Paint, State, bar, spark};
use crate::number::of_them;
use crate::observe::room::{LineRoom, ServerState, StageRoom};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// The most servers drawn one by one.
const SERVERS: usize = 16;

/// The height that the line needs: a row for each stage, the head, and the bars with a free line before them.
pub(super) fn height(room: &LineRoom) -> u16 {
    u16::try_from(room.stages.len())
        .unwrap_or(u16::MAX)
        .saturating_add(4)
}

pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    room: &LineRoom,
    paint: Paint,
    picked: Option<usize>,
) {
    let rows = usize::from(area.height.saturating_sub(4));
    let count = room.stages.len();
    // If not all stages fit, those up to the picked one are shown.
    let last = picked
        .map_or(rows, |picked| (picked + 1).max(rows))
        .min(count);
    let first = last.saturating_sub(rows);
    let names = room.stages.iter().map(|stage| stage.name.chars().count());
    let name = names.max().unwrap_or(0).clamp(5, 20);
    let drawn = room
        .stages
        .iter()
        .map(|stage| stage.servers.len().min(SERVERS));
    let servers = drawn.max().unwrap_or(1).max(9);
    // The text on blocked and starved servers has room for both if a stage can have both.
    let several = room.stages.iter().any(|stage| stage.servers.len() > 1);
    let bounded = room.stages.iter().any(|stage| stage.buffer.is_some());
    let said = if several && bounded { 22 } else { 11 };
    let fixed = name + servers + said + 28;
    let queue = usize::from(area.width).saturating_sub(fixed).clamp(8, 60);
    let most = room
        .stages
        .iter()
        .map(|stage| stage.waiting)
        .max()
        .unwrap_or(0);
    let head = format!(
        " {:<name$} {:>queue$} {:>9}   {:<servers$}  {:>9}",
        "stage", "queue", "waiting", "servers", "served"
    );
    let mut lines = vec![Line::from(paint.faint(head))];
    for (index, stage) in room.stages.iter().enumerate().take(last).skip(first) {
        let chosen = picked == Some(index);
        lines.push(row(stage, (name, queue, servers), most, paint, chosen));
    }
    if last - first < count {
        let hidden = count - (last - first);
        lines.push(Line::from(paint.faint(format!(
            " {}: pick one of them to see it",
            of_them(hidden as u64, "more stage")
        ))));
    } else {
        lines.push(Line::default());
    }
    lines.push(sparks(room, area.width, paint));
    frame.render_widget(Paragraph::new(lines), area);
}

fn row(
    stage: &StageRoom,
    (name, queue, servers): (usize, usize, usize),
    most: u64,
    paint: Paint,
    picked: bool,
) -> Line<'static> {
    let short: String = stage.name.chars().take(name).collect();
    let label = format!("{short:<name$}");
    let label = if picked {
        Span::styled(label, ratatui::style::Style::new().reversed())
    } else {
        Span::raw(label)
    };
    // The queue is drawn before the servers, its head at the right.
    let full = bar(
        stage.waiting,
        most.max(queue as u64),
        queue,
        paint.0.unicode,
    );
    let full: String = full.chars().filter(|c| "█#".contains(*c)).collect();
    let waiting = match stage.buffer {
        Some(buffer) => format!("{}/{buffer}", stage.waiting),
        None => stage.waiting.to_string(),
    };
    let arrow = paint.either("→", ">");
    let mut spans = vec![
        Span::raw(" "),
        label,
        Span::raw(" "),
        paint.buffer(format!("{full:>queue$}")),
        Span::raw(format!(" {waiting:>9} {arrow} ")),
    ];
    if let Some(served) = stage.in_service {
        spans.push(paint.busy(format!("{:<servers$}", format!("{served} of any"))));
    } else if stage.servers.len() <= SERVERS {
        spans.extend(stage.servers.iter().map(|server| {
            let state = match server {
                ServerState::Idle => State::Idle,
                ServerState::Busy { .. } => State::Busy,
                ServerState::Blocked { .. } => State::Blocked,
                ServerState::SetUp { .. } => State::SetUp,
                ServerState::Down { .. } => State::Down,
                ServerState::Off => State::Off,
            };
            paint.state(state, false)
        }));
        spans.push(Span::raw(" ".repeat(servers - stage.servers.len())));
    } else {
        let busy = format!("{}/{}", stage.busy(), stage.servers.len());
        spans.push(paint.busy(format!("{busy:<servers$}")));
    }
    let blocked = stage.blocked();
    let starved = if stage.waiting == 0 {
        stage.starved()
    } else {
        0
    };
    let mut state = Vec::new();
    if blocked > 0 {
        state.push(format!("{blocked} blocked"));
    }
    if starved > 0 {
        state.push(format!("{starved} starved"));
    }
    let others: [fn(&ServerState) -> bool; 3] = [
        |state| matches!(state, ServerState::SetUp { .. }),
        |state| matches!(state, ServerState::Down { .. }),
        |state| matches!(state, ServerState::Off),
    ];
    for (is, word) in others.into_iter().zip(["set-up", "down", "off"]) {
        match stage.count(is) {
            0 => {}
            count => state.push(format!("{count} {word}")),
        }
    }
    spans.push(Span::raw(format!("  {:>9}  ", stage.departed)));
    spans.push(paint.faint(state.join(", ")));
    Line::from(spans)
}

fn sparks(room: &LineRoom, width: u16, paint: Paint) -> Line<'static> {
    let words = " leaving  in the line ".len();
    let cells = (usize::from(width).saturating_sub(words + 24) / 2).min(80);
    let samples: Vec<_> = room.samples.iter().copied().collect();
    let left: Vec<u64> = samples
        .windows(2)
        .map(|pair| pair[1].departed - pair[0].departed)
        .collect();
    let present: Vec<u64> = samples.iter().map(|sample| sample.present).collect();
    let row = |values: &[u64]| format!("{:<cells$}", spark(values, cells, paint.0.unicode));
    let throughput = match room.clock {
        clock if clock > 0.0 => format!("  {:.3} a unit", room.counts.departed as f64 / clock),
        _ => String::new(),
    };
    let throughput = match &room.time_unit {
        Some(unit) => throughput.replace("a unit", &format!("per {unit}")),
        None => throughput,
    };
    Line::from(vec![
        Span::raw(" leaving "),
        paint.completed(row(&left)),
        Span::raw("  in the line "),
        paint.buffer(row(&present)),
        Span::raw(throughput),
    ])
}

/// A description of the picked stage.
pub(super) fn about(room: &LineRoom, picked: usize) -> String {
    let Some(stage) = room.stages.get(picked) else {
        return String::new();
    };
    let served = stage.servers.iter().filter_map(|server| match server {
        ServerState::Idle | ServerState::Off | ServerState::Down { customer: None } => None,
        ServerState::Busy { customer } => Some(format!("#{customer}")),
        ServerState::Blocked { customer } => Some(format!("#{customer} blocked")),
        ServerState::SetUp { customer } => Some(format!("#{customer} set up")),
        ServerState::Down {
            customer: Some(customer),
        } => Some(format!("#{customer} down")),
    });
    let served: Vec<String> = served.take(6).collect();
    let serves = match served.as_slice() {
        [] => "serves nobody".to_owned(),
        some => format!("serves {}", some.join(", ")),
    };
    if let Some(served) = stage.in_service {
        let (name, left) = (&stage.name, stage.departed);
        return format!("{name}: {served} in service, {left} served");
    }
    format!(
        "{}: {} waiting, {serves}; {} of {} busy, {} served",
        stage.name,
        stage.waiting,
        stage.busy(),
        of_them(stage.servers.len() as u64, "server"),
        stage.departed
    )
}
