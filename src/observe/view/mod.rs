//! The terminal view of a run: its display and its keys. It draws on any backend and uses no terminal, thread or run;
//! the owner of the terminal passes it the room and carries out the actions it returns.
//!
//! A state has both a shape and a colour: `○` idle, `●` busy, `✕` down, `▣` blocked. Colours are those of Okabe and Ito
//! ("Color Universal Design", 2008) on the terminal's own background, so they are legible in light and dark.

mod desk;
mod keys;
mod line;
mod log;
mod paint;
mod title;

use crate::number::of_them;
pub use paint::Look;

use super::control::Reading;
use super::log::Said;
use super::room::Room;
use crate::actor::Intervention;
use crate::scenario::Start;
use log::{Columns, LogLines};
use paint::Paint;
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

/// The smallest size that can be drawn, in columns and rows.
const SMALLEST: (u16, u16) = (40, 10);

/// The paces that keys step through; above the last, the run goes as fast as possible.
const PACES: [f64; 16] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4,
];

impl Room {
    /// Number of actors that can be picked.
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

    /// Width of the names in the log, in columns.
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

/// The action that a key requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed {
    /// Draw again.
    Draw,
    /// Pause, or go on.
    Pause(bool),
    /// Make one step.
    Step,
    /// Set this pace.
    Pace(Option<f64>),
    /// Show the log at the next level.
    Level,
    /// Take an attendant down, or repair it.
    Intervene(Intervention),
    /// Quit.
    Quit,
}

/// The state of the view.
#[derive(Debug)]
pub struct View {
    look: Look,
    /// The start of the clock of the run, if its scenario gives one.
    clock: Option<Start>,
    picked: Option<usize>,
    only_picked: bool,
    help: bool,
    log: LogLines,
    /// The message about the last key.
    notice: String,
}

impl View {
    /// A view without any lines; with the start of a clock it shows times of day.
    #[must_use]
    pub fn new(look: Look, clock: Option<Start>) -> View {
        View {
            look,
            clock,
            picked: None,
            only_picked: false,
            help: false,
            log: LogLines::default(),
            notice: String::new(),
        }
    }

    /// Adds lines of the log, and sets the number dropped so far.
    pub fn hear(&mut self, said: impl IntoIterator<Item = Said>, dropped: u64) {
        self.log.hear(said, dropped);
    }

    /// Shows a message in the line above the keys.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.notice = text.into();
    }

    /// The action that a key requests.
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
            key @ (KeyCode::PageUp | KeyCode::PageDown | KeyCode::Home | KeyCode::End) => {
                let only = self.only(scene).map(str::to_owned);
                self.log.press(key, only.as_deref());
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

    /// Handles a key that takes down or repairs the picked attendant.
    fn touch(&mut self, key: char, scene: &Room, reading: &Reading) -> Deed {
        let Room::Desk(room) = scene else {
            self.notice("servers of a line or network are not taken down by hand");
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
        let start = self.clock;
        frame.render_widget(
            title::line(scene, reading, start, paint, title.width),
            title,
        );
        match scene {
            Room::Desk(desk) => desk::draw(frame, room, desk, paint, self.picked),
            Room::Line(line) => line::draw(frame, room, line, paint, self.picked),
        }
        self.draw_log(frame, log, scene, reading);
        frame.render_widget(self.notice_line(scene, reading, notice.width), notice);
        frame.render_widget(keys::row(paint, scene, keys.width), keys);
        if self.help {
            keys::help(frame, area, paint);
        }
    }

    /// The actor whose log alone is shown, if there is one.
    fn only<'a>(&self, scene: &'a Room) -> Option<&'a str> {
        let only = self.picked.filter(|_| self.only_picked);
        only.and_then(|picked| scene.name(picked))
    }

    /// Draws the lines up to the clock, in the order of time: the newest, unless scrolled back.
    fn draw_log(&self, frame: &mut Frame<'_>, area: Rect, scene: &Room, reading: &Reading) {
        let clock = match reading.over {
            true => f64::INFINITY,
            false => reading.clock,
        };
        let columns = Columns {
            all: area.width.into(),
            names: scene.names(area.width),
            steps: matches!(scene, Room::Desk(room) if room.stepped),
        };
        let text = self.log.rows(
            area.height.into(),
            clock,
            self.only(scene),
            (columns, self.clock),
            Paint(self.look),
        );
        frame.render_widget(Paragraph::new(text), area);
    }

    fn notice_line(&self, scene: &Room, reading: &Reading, width: u16) -> Line<'static> {
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
        if self.log.is_back() {
            parts.push("the log as it was: End shows the newest".to_owned());
        }
        if self.log.lost() > 0 {
            parts.push(format!(
                "{} of the log dropped",
                of_them(self.log.lost(), "line")
            ));
        }
        let dot = paint.either(" · ", " - ");
        let text = format!(" {}", parts.join(dot));
        Line::from(paint.strong(title::shortened(&text, width.into(), paint)))
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
