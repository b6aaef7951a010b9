//! The keys: in a row below everything, and on a page of help.

use super::Room;
use super::paint::Paint;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

/// The row of keys, as much of it as the width allows.
pub(super) fn row(paint: Paint, scene: &Room, width: u16) -> Line<'static> {
    let desk = matches!(scene, Room::Desk(_));
    let [touch, touch_shortly] = match desk {
        true => ["  [k] take down  [r] repair", " [k] down [r] up"],
        false => ["", ""],
    };
    let (arrows, right) = (paint.either("↑↓", "up/down"), paint.either("→", "right"));
    let all = format!(
        " [space] pause  [{right}] step  [+/-] speed  [{arrows}] pick{touch}  [f] its log only  \
         [l] level  [?] help  [q] quit"
    );
    let (arrows, step) = (paint.either("↑↓", "^v"), paint.either("→", "n"));
    let few = format!(
        " [space] pause [{step}] step [+-] speed [{arrows}] pick{touch_shortly} [?] help [q] quit"
    );
    let fewest = " [space] pause [?] help [q] quit".to_owned();
    let fits = |text: &String| text.chars().count() <= width as usize;
    let text = [all, few].into_iter().find(fits).unwrap_or(fewest);
    Line::from(paint.faint(text))
}

/// The page of help, in the middle of everything.
pub(super) fn help(frame: &mut Frame<'_>, area: Rect, paint: Paint) {
    let arrows = paint.either("↑ ↓", "up down");
    let right = paint.either("→", "right");
    let signs = |one: &'static str, other: &'static str| paint.either(one, other);
    let text = format!(
        " space   pause, go on\n {right:<7} one step\n + -     faster, slower\n {arrows:<7} pick an attendant or a \
         stage\n k       take the picked attendant down\n r       repair it\n f       show its log only\n pages   \
         back and forth in the log\n l       log: info, debug, trace\n q       quit, and see the summary\n\n {} idle  {} busy  {} down  {} blocked\n \
         {} starts  {} done  {} moved  {} gave up\n\n any key goes back",
        signs("○", "o"),
        signs("●", "*"),
        signs("✕", "x"),
        signs("▣", "#"),
        signs("▶", "*"),
        signs("✔", "v"),
        signs("⇄", "%"),
        signs("⊘", "-"),
    );
    let height = (text.lines().count() as u16 + 2).min(area.height);
    let width = 48.min(area.width);
    let area = Rect {
        x: (area.width - width) / 2,
        y: (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, area);
    frame.render_widget(
        Paragraph::new(text).block(paint.block(" Keys and signs ", false)),
        area,
    );
}
