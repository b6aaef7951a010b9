//! The terminal view of a run: what it shows and what its keys mean. It draws on any backend and knows
//! no terminal, thread or run; whoever holds the terminal gives it the room and does what it says.
//!
//! State is told by shape and colour both: `○` idle, `●` busy, `✕` down, `▣` blocked. Colours are those
//! of Okabe and Ito ("Color Universal Design", 2008) on the terminal's own ground, so that it reads in
//! light and dark.

mod desk;
mod keys;
mod line;
mod paint;

pub use paint::Look;

use super::control::Reading;
use super::log::Said;
use super::room::Room;
use crate::actor::Intervention;
use crate::number::plain;
use crate::scenario::Start;
use paint::{Paint, bar};
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use std::collections::VecDeque;

/// So many lines of the log are kept.
const LOG: usize = 4000;

/// Less than this cannot be drawn.
const SMALLEST: (u16, u16) = (40, 10);

/// The paces that keys go through; above the last it is as fast as it goes.
const PACES: [f64; 16] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4,
];

impl Room {
    /// How many actors can be picked, and the name of one.
    fn actors(&self) -> usize {
        match self {
            Room::Desk(room) => room
                .servers
                .iter()
                .map(|server| server.attendants.len())
                .sum(),
            Room::Line(room) => room.stages.len(),
        }
    }

    fn name(&self, picked: usize) -> Option<&str> {
        match self {
            Room::Desk(room) => {
                let mut all = room.servers.iter().flat_map(|server| &server.attendants);
                all.nth(picked).map(|attendant| attendant.name.as_str())
            }
            Room::Line(room) => room.stages.get(picked).map(|stage| stage.name.as_str()),
        }
    }

    /// Columns that the names in its log are given.
    fn names(&self, width: u16) -> usize {
        let least = if width >= 100 { 16 } else { 11 };
        match self {
            Room::Desk(_) => least,
            Room::Line(room) => {
                let names = room.stages.iter().map(|stage| stage.name.chars().count());
                names.max().unwrap_or(0).min(20).max(least)
            }
        }
    }
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed {
    /// Nothing but to be drawn anew.
    Draw,
    /// To pause, or to go on.
    Pause(bool),
    /// To make one step.
    Step,
    /// This pace.
    Pace(Option<f64>),
    /// The log at the next level.
    Level,
    /// An attendant goes down or comes up.
    Intervene(Intervention),
    /// The end.
    Quit,
}

/// What the view remembers.
#[derive(Debug)]
pub struct View {
    look: Look,
    /// The start of the clock of the run, where its scenario gives one.
    clock: Option<Start>,
    picked: Option<usize>,
    only_picked: bool,
    help: bool,
    log: VecDeque<Said>,
    dropped: u64,
    /// What is to be said of the last key.
    notice: String,
}

impl View {
    /// A view that has seen nothing; with the start of a clock it shows times of day.
    #[must_use]
    pub fn new(look: Look, clock: Option<Start>) -> View {
        View {
            look,
            clock,
            picked: None,
            only_picked: false,
            help: false,
            log: VecDeque::new(),
            dropped: 0,
            notice: String::new(),
        }
    }

    /// Takes in lines of the log, and how many were dropped so far.
    pub fn hear(&mut self, said: impl IntoIterator<Item = Said>, dropped: u64) {
        self.log.extend(said);
        let over = self.log.len().saturating_sub(LOG);
        self.log.drain(..over);
        self.dropped = dropped;
    }

    /// Says something in the line above the keys.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.notice = text.into();
    }

    /// What a key means.
    pub fn press(&mut self, key: KeyEvent, scene: &Room, reading: &Reading) -> Deed {
        self.notice.clear();
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => Deed::Quit,
            KeyCode::Char('q') | KeyCode::Esc if !self.help => Deed::Quit,
            _ if self.help => {
                self.help = false;
                Deed::Draw
            }
            KeyCode::Char('?' | 'h') => {
                self.help = true;
                Deed::Draw
            }
            KeyCode::Char(' ') => Deed::Pause(!reading.paused),
            KeyCode::Right | KeyCode::Char('n') => Deed::Step,
            KeyCode::Char('+' | '=') => Deed::Pace(faster(reading.pace)),
            KeyCode::Char('-') => Deed::Pace(slower(reading.pace)),
            KeyCode::Down => self.pick(scene, 1),
            KeyCode::Up => self.pick(scene, -1),
            KeyCode::Char('f') => {
                self.only_picked = !self.only_picked;
                Deed::Draw
            }
            KeyCode::Char('l') => Deed::Level,
            KeyCode::Char(key @ ('k' | 'r')) => self.touch(key, scene, reading),
            _ => Deed::Draw,
        }
    }

    fn pick(&mut self, scene: &Room, by: isize) -> Deed {
        let count = scene.actors() as isize;
        let next = match self.picked {
            Some(picked) => (picked as isize + by).rem_euclid(count.max(1)),
            None if by > 0 => 0,
            None => count - 1,
        };
        self.picked = Some(next as usize);
        Deed::Draw
    }

    /// A key that takes down or repairs whoever is picked.
    fn touch(&mut self, key: char, scene: &Room, reading: &Reading) -> Deed {
        let Room::Desk(room) = scene else {
            self.notice("a line has no faults: nobody can be taken down");
            return Deed::Draw;
        };
        if reading.over || reading.stopped {
            self.notice("the run is over");
            return Deed::Draw;
        }
        let Some(picked) = self.picked else {
            self.notice("pick an attendant first, with the arrows up and down");
            return Deed::Draw;
        };
        match desk::intervention(room, picked, key == 'k') {
            Ok((intervention, said)) => {
                self.notice(said);
                Deed::Intervene(intervention)
            }
            Err(why) => {
                self.notice(why);
                Deed::Draw
            }
        }
    }

    /// Draws everything.
    pub fn draw(&self, frame: &mut Frame<'_>, scene: &Room, reading: &Reading) {
        let area = frame.area();
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let text = format!("filas: {} x {} at least", SMALLEST.0, SMALLEST.1);
            frame.render_widget(Paragraph::new(text), area);
            return;
        }
        let paint = Paint(self.look);
        let below = 6.max(area.height / 3);
        let height = match scene {
            Room::Desk(room) => desk::height(room, area.width),
            Room::Line(room) => line::height(room),
        };
        let [title, room, log, notice, keys] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(height.min(area.height.saturating_sub(below))),
            Constraint::Fill(1),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(area);
        frame.render_widget(self.title(scene, reading, title.width), title);
        match scene {
            Room::Desk(desk) => desk::draw(frame, room, desk, paint, self.picked),
            Room::Line(line) => line::draw(frame, room, line, paint, self.picked),
        }
        self.draw_log(frame, log, scene, reading);
        frame.render_widget(self.notice_line(scene, reading), notice);
        frame.render_widget(keys::row(paint, scene, keys.width), keys);
        if self.help {
            keys::help(frame, area, paint);
        }
    }

    fn title(&self, scene: &Room, reading: &Reading, width: u16) -> Line<'static> {
        let paint = Paint(self.look);
        let (name, clock) = match scene {
            Room::Desk(room) => {
                let clock = match room.stepped {
                    true => format!("step {}/{}", room.time, room.span),
                    false => format!("{:.1}/{}", room.time.get(), plain(room.span)),
                };
                let time_of_day = self.clock.filter(|_| room.time.get() > 0.0);
                let time_of_day = time_of_day.map(|start| start.at(room.time.get()));
                let clock = match time_of_day {
                    Some(time_of_day) if room.stepped => format!("{clock}, {time_of_day}"),
                    Some(time_of_day) => time_of_day,
                    None => clock,
                };
                (&room.name, clock)
            }
            Room::Line(room) => {
                let unit = room.time_unit.as_deref().unwrap_or("");
                let clock = match self.clock {
                    Some(start) => start.at(room.clock),
                    None => format!("{:.1} {unit}", room.clock).trim_end().to_owned(),
                };
                (&room.name, clock)
            }
        };
        let how = match reading {
            Reading { over: true, .. } => "over".to_owned(),
            Reading { stopped: true, .. } => "stopping".to_owned(),
            Reading { paused: true, .. } => format!("{} paused", paint.either("‖", "||")),
            Reading {
                pace: Some(pace), ..
            } => format!("{} {pace}/s", paint.either("▶", ">")),
            Reading { .. } => format!("{} at full speed", paint.either("▶", ">")),
        };
        let left = format!(" {name}   {clock}   {how}");
        let mut spans = vec![paint.strong(left.clone())];
        let right = match scene {
            Room::Desk(room) => {
                let cells = if width >= 100 { 24 } else { 12 };
                let said = match room.buffer.capacity {
                    Some(capacity) => format!(" {}/{capacity}", room.buffer.length),
                    None => format!(" {}", room.buffer.length),
                };
                let most = room.buffer.capacity.unwrap_or_else(|| {
                    room.series.buffer.iter().copied().max().unwrap_or(0).max(1)
                });
                let gauge = bar(room.buffer.length, most, cells, self.look.unicode);
                vec![Span::raw("buffer "), paint.buffer(gauge), Span::raw(said)]
            }
            Room::Line(room) => {
                let counts = &room.counts;
                let early = counts.early.unwrap_or_default();
                let gone = [
                    ("lost", counts.lost),
                    ("balked", early.balked),
                    ("gave up", early.abandoned),
                    ("failed", early.failed),
                    ("scrap", early.scrapped),
                ];
                let gone = gone.iter().filter(|(_, number)| *number > 0);
                let gone = gone.map(|(word, number)| format!("   {word} {number}"));
                let text = format!(
                    "in the line {}   left {}{}",
                    counts.present,
                    counts.departed,
                    gone.collect::<String>()
                );
                vec![Span::raw(text)]
            }
        };
        let used: usize = right.iter().map(Span::width).sum::<usize>() + left.chars().count();
        let gap = (width as usize).saturating_sub(used + 1);
        spans.push(Span::raw(" ".repeat(gap)));
        spans.extend(right);
        Line::from(spans)
    }

    /// The newest lines that the clock has come to, in the order of time.
    fn draw_log(&self, frame: &mut Frame<'_>, area: Rect, scene: &Room, reading: &Reading) {
        let paint = Paint(self.look);
        let only = self.picked.filter(|_| self.only_picked);
        let only = only.and_then(|picked| scene.name(picked));
        let due = |said: &&Said| reading.over || said.time <= reading.clock;
        let about = |said: &&Said| only.is_none_or(|name| said.concerns(name));
        let mut lines: Vec<&Said> = self.log.iter().filter(due).filter(about).collect();
        lines.sort_by(|one, next| one.time.total_cmp(&next.time));
        let shown = lines.split_off(lines.len().saturating_sub(area.height as usize));
        let steps = matches!(scene, Room::Desk(room) if room.stepped);
        let wide = scene.names(area.width);
        let line = |said: &Said| {
            let time = match self.clock {
                Some(start) => format!("{:>12} ", start.at(said.time)),
                None if steps => format!("{:>6} ", said.time),
                None => format!("{:>10.3} ", said.time),
            };
            let actor = format!("{:<wide$} ", said.actor);
            Line::from(vec![
                paint.faint(time),
                Span::raw(actor),
                paint.sign(said.text.clone()),
            ])
        };
        let text: Vec<Line<'_>> = shown.into_iter().map(line).collect();
        frame.render_widget(Paragraph::new(text), area);
    }

    fn notice_line(&self, scene: &Room, reading: &Reading) -> Line<'static> {
        let paint = Paint(self.look);
        let mut parts = Vec::new();
        if !self.notice.is_empty() {
            parts.push(self.notice.clone());
        } else if reading.over {
            parts.push("the run is over: q shows its summary".to_owned());
        } else if let Some(picked) = self.picked {
            let about = match scene {
                Room::Desk(room) => desk::about(room, picked),
                Room::Line(room) => line::about(room, picked),
            };
            let only = if self.only_picked { "log of " } else { "" };
            parts.push(format!("{only}{about}"));
        }
        if self.dropped > 0 {
            parts.push(format!("{} lines of the log dropped", self.dropped));
        }
        let dot = paint.either(" · ", " - ");
        Line::from(paint.strong(format!(" {}", parts.join(dot))))
    }
}

fn faster(pace: Option<f64>) -> Option<f64> {
    let pace = pace?;
    PACES.into_iter().find(|next| *next > pace)
}

fn slower(pace: Option<f64>) -> Option<f64> {
    let slower = |pace: f64| PACES.into_iter().rev().find(|next| *next < pace);
    Some(slower(pace.unwrap_or(f64::INFINITY)).unwrap_or(PACES[0]))
}
